from django.db import migrations

from privacy.constraints import on_delete


class Migration(migrations.Migration):
    dependencies = [("callcenter", "0003_calls_follow"), ("interventions", "0003_cascades")]

    operations = [
        on_delete("callcenter_call", "intervention_id", "interventions_intervention", "CASCADE"),
        on_delete("callcenter_callback", "call_id", "callcenter_call", "CASCADE"),
        on_delete("callcenter_logentry", "call_id", "callcenter_call", "CASCADE"),
        on_delete("callcenter_logentry", "intervention_id", "interventions_intervention", "CASCADE"),
        on_delete("callcenter_logentry", "incident_id", "interventions_incident", "CASCADE"),
        on_delete("callcenter_logentry", "strikes_id", "callcenter_logentry", "CASCADE"),
    ]
