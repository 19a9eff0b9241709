from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("interventions", "0003_cascades")]

    operations = [
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.UniqueConstraint(
                fields=["residence", "problem_code", "equipment"],
                condition=models.Q(closed_at=None),
                nulls_distinct=False,
                name="incident_once_while_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="providerlink",
            constraint=models.UniqueConstraint(
                fields=["intervention"], condition=models.Q(ended_at=None), name="provider_link_one_alive"
            ),
        ),
    ]
