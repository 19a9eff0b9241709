from django.db import migrations

from privacy.constraints import on_delete


class Migration(migrations.Migration):
    dependencies = [("interventions", "0007_exchanges")]

    operations = [
        on_delete("interventions_tenantmessage", "intervention_id", "interventions_intervention", "CASCADE"),
        on_delete("interventions_surveyanswer", "intervention_id", "interventions_intervention", "CASCADE"),
    ]
