from django.db import migrations

from privacy.constraints import on_delete


class Migration(migrations.Migration):
    dependencies = [("interventions", "0009_reports")]

    operations = [
        on_delete("interventions_reportdraft", "person_id", "accounts_person", "CASCADE"),
        on_delete("interventions_reportdraft", "intervention_id", "interventions_intervention", "CASCADE"),
        on_delete("interventions_photo", "draft_id", "interventions_reportdraft", "CASCADE"),
        on_delete("interventions_photo", "intervention_id", "interventions_intervention", "CASCADE"),
    ]
