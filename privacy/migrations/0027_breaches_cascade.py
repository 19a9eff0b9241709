from django.db import migrations

from privacy.append_only import append_only
from privacy.constraints import on_delete


class Migration(migrations.Migration):
    dependencies = [("privacy", "0026_breaches")]

    operations = [
        on_delete("privacy_breachevent", "breach_id", "privacy_breach", "CASCADE"),
        append_only("privacy_breachevent"),
    ]
