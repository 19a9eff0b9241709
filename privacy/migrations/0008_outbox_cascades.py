from django.db import migrations

from privacy.constraints import on_delete


class Migration(migrations.Migration):
    dependencies = [("privacy", "0007_outbox")]

    operations = [
        on_delete("privacy_outgoingmessage", "person_id", "accounts_person", "CASCADE"),
        on_delete("privacy_onetimecode", "person_id", "accounts_person", "CASCADE"),
    ]
