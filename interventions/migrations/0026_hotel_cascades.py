from django.db import migrations

from privacy.constraints import on_delete


class Migration(migrations.Migration):
    dependencies = [("interventions", "0025_hotels_and_emergencies")]

    operations = [
        on_delete("interventions_relocation", "intervention_id", "interventions_intervention", "CASCADE"),
        on_delete("interventions_emergencyalert", "intervention_id", "interventions_intervention", "CASCADE"),
        on_delete("interventions_emergencyalert", "person_id", "accounts_person", "CASCADE"),
    ]
