from django.db import migrations, models

from privacy.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("privacy", "0003_run_last_hash")]

    operations = [
        migrations.CreateModel(
            name="PolicyVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.CharField(max_length=20, unique=True, verbose_name="version")),
                ("published_on", models.DateField(verbose_name="en vigueur depuis le")),
                ("kept_at", models.DateTimeField(verbose_name="conservée le")),
                ("page", models.TextField(verbose_name="page")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
            ],
            options={
                "verbose_name": "version de la politique",
                "verbose_name_plural": "versions de la politique",
            },
        ),
        append_only("privacy_policyversion"),
    ]
