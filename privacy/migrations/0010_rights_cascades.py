from django.db import migrations

from privacy.constraints import on_delete


class Migration(migrations.Migration):
    dependencies = [("privacy", "0009_rights")]

    operations = [
        on_delete("privacy_requeststep", "request_id", "privacy_rightsrequest", "CASCADE"),
        on_delete("privacy_letter", "request_id", "privacy_rightsrequest", "CASCADE"),
    ]
