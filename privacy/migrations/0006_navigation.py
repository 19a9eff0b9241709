import django.db.models.deletion
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

from privacy.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("privacy", "0005_consents_and_journal")]

    operations = [
        BtreeGistExtension(),
        # Nothing recorded either before: what is there was invented by `load_demo`, without these columns.
        migrations.RunSQL("TRUNCATE privacy_visit, privacy_cookiechoice", migrations.RunSQL.noop),
        migrations.AlterField("cookiechoice", "key", models.UUIDField(verbose_name="jeton")),
        migrations.AddField(
            "cookiechoice",
            "wording",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cookie_choices",
                to="privacy.consentwording",
                verbose_name="texte",
            ),
        ),
        migrations.AddIndex("cookiechoice", models.Index(fields=["key", "chosen_at"], name="cookie_choice_latest")),
        migrations.AddConstraint(
            "cookiechoice",
            ExclusionConstraint(
                name="cookie_choice_one_first_deposit", expressions=[("key", "="), ("first_deposit_at", "<>")]
            ),
        ),
        migrations.AddConstraint(
            "cookiechoice",
            models.CheckConstraint(
                condition=models.Q(("chosen_at__gte", models.F("first_deposit_at"))),
                name="cookie_choice_after_first_deposit",
            ),
        ),
        append_only("privacy_cookiechoice"),
        migrations.AlterField("visit", "at", models.DateTimeField(db_index=True, verbose_name="le")),
        migrations.AddField(
            "visit",
            "first_deposit_at",
            models.DateTimeField(db_index=True, verbose_name="premier dépôt, au jour près"),
        ),
        migrations.AddConstraint(
            "visit",
            models.CheckConstraint(
                condition=models.Q(("at__gte", models.F("first_deposit_at"))), name="visit_after_first_deposit"
            ),
        ),
        migrations.CreateModel(
            name="AudienceFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField(help_text="Le premier du mois.", verbose_name="mois")),
                ("page", models.CharField(max_length=120, verbose_name="page")),
                ("count", models.PositiveIntegerField(verbose_name="nombre")),
            ],
            options={
                "verbose_name": "chiffre d’audience",
                "verbose_name_plural": "chiffres d’audience",
                "constraints": [models.UniqueConstraint(fields=("month", "page"), name="audience_figure_once")],
            },
        ),
        migrations.CreateModel(
            name="ChoiceFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField(help_text="Le premier du mois.", unique=True, verbose_name="mois")),
                ("accepted", models.PositiveIntegerField(verbose_name="acceptés")),
                ("refused", models.PositiveIntegerField(verbose_name="refusés")),
            ],
            options={
                "verbose_name": "chiffre des choix de cookies",
                "verbose_name_plural": "chiffres des choix de cookies",
            },
        ),
    ]
