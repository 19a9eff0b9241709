from django.db import migrations

from privacy.constraints import on_delete


class Migration(migrations.Migration):
    dependencies = [("privacy", "0011_ledger_and_erasures")]

    operations = [
        on_delete("privacy_erasure", "request_id", "privacy_rightsrequest", "CASCADE"),
    ]
