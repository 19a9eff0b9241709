from django.db import migrations

from privacy.constraints import on_delete


class Migration(migrations.Migration):
    dependencies = [("interventions", "0019_dispatch")]

    operations = [
        on_delete("interventions_signature", "intervention_id", "interventions_intervention", "CASCADE"),
        on_delete("interventions_signature", "image_id", "interventions_photo", "SET NULL"),
        on_delete("interventions_spendingapproval", "intervention_id", "interventions_intervention", "CASCADE"),
        on_delete("interventions_deletionattestation", "intervention_id", "interventions_intervention", "CASCADE"),
    ]
