from django.db import migrations

from privacy.constraints import on_delete


class Migration(migrations.Migration):
    dependencies = [("interventions", "0011_subscriptions")]

    operations = [
        on_delete("interventions_identitydocument", "subscription_id", "interventions_subscription", "CASCADE"),
    ]
