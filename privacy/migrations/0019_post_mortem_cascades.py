from django.db import migrations

from privacy.append_only import append_only
from privacy.constraints import on_delete


class Migration(migrations.Migration):
    dependencies = [("privacy", "0018_post_mortem")]

    operations = [
        on_delete("privacy_postmortemdirective", "person_id", "accounts_person", "CASCADE"),
        on_delete("privacy_death", "person_id", "accounts_person", "CASCADE"),
        on_delete("privacy_death", "request_id", "privacy_rightsrequest", "SET NULL"),
        append_only("privacy_postmortemdirective", moves="person_id"),
    ]
