from typing import Any

from django.db import migrations, models

# Working days after the invoice.
RULES = {27: "friendly", 42: "firm", 57: "last"}


def make_rules(apps: Any, schema_editor: Any) -> None:
    rules = apps.get_model("interventions", "ReminderRule").objects
    for days, tone in RULES.items():
        rules.get_or_create(after_working_days=days, defaults={"tone": tone})


class Migration(migrations.Migration):
    dependencies = [("interventions", "0028_invoices_are_final")]

    operations = [
        migrations.AlterField(
            model_name="onlinepayment",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "En cours"),
                    ("paid", "Payé"),
                    ("expired", "Abandonné"),
                    ("refused", "Payé, mais pas ce montant"),
                ],
                default="open",
                max_length=10,
                verbose_name="état",
            ),
        ),
        migrations.RunPython(make_rules, migrations.RunPython.noop),
    ]
