from django.db import migrations

from privacy.constraints import on_delete


class Migration(migrations.Migration):
    dependencies = [("interventions", "0005_portal_links")]

    operations = [
        on_delete("interventions_personallink", "intervention_id", "interventions_intervention", "CASCADE"),
        on_delete("interventions_personallink", "person_id", "accounts_person", "CASCADE"),
    ]
