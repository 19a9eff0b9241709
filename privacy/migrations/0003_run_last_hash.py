from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("privacy", "0002_retention")]

    operations = [
        migrations.AddField(
            model_name="purgerun",
            name="last_hash",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Un reçu retiré au bout de la chaîne se voit.",
                max_length=64,
                verbose_name="empreinte du dernier reçu",
            ),
            preserve_default=False,
        ),
    ]
