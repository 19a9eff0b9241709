from django.db import migrations

from privacy.append_only import fixed_once
from privacy.constraints import on_delete


class Migration(migrations.Migration):
    dependencies = [("privacy", "0022_letters_and_identity")]

    operations = [
        on_delete("privacy_requesterdocument", "request_id", "privacy_rightsrequest", "CASCADE"),
        fixed_once("privacy_letter", since="sent_at", columns="request_id kind text reason sent_at way"),
    ]
