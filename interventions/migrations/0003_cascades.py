from django.db import migrations

from privacy.constraints import on_delete


class Migration(migrations.Migration):
    dependencies = [("interventions", "0002_policy_rows")]

    operations = [
        on_delete("interventions_transition", "intervention_id", "interventions_intervention", "CASCADE"),
        on_delete("interventions_appointment", "intervention_id", "interventions_intervention", "CASCADE"),
        on_delete("interventions_escalation", "intervention_id", "interventions_intervention", "CASCADE"),
        on_delete("interventions_providerlink", "intervention_id", "interventions_intervention", "CASCADE"),
        on_delete("interventions_complaint", "intervention_id", "interventions_intervention", "SET NULL"),
        on_delete("interventions_invoice", "intervention_id", "interventions_intervention", "SET NULL"),
        on_delete("interventions_complaintmessage", "complaint_id", "interventions_complaint", "CASCADE"),
    ]
