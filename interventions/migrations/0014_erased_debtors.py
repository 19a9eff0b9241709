from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("interventions", "0013_drafts_of_merged_people")]

    operations = [
        migrations.RemoveConstraint(model_name="invoice", name="invoice_has_one_debtor"),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=Q(person=None) | Q(landlord=None), name="invoice_has_no_two_debtors"
            ),
        ),
    ]
