from django.db import migrations

from privacy.constraints import on_delete


class Migration(migrations.Migration):
    dependencies = [("interventions", "0023_duty_and_interfaces")]

    operations = [
        on_delete("interventions_dutydecision", "intervention_id", "interventions_intervention", "CASCADE"),
        on_delete("interventions_dutydecision", "approval_id", "interventions_spendingapproval", "CASCADE"),
        on_delete("interventions_dutycall", "decision_id", "interventions_dutydecision", "CASCADE"),
        on_delete("interventions_webhookdelivery", "intervention_id", "interventions_intervention", "CASCADE"),
    ]
