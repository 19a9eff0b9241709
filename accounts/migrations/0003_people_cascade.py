from django.db import migrations

from privacy.constraints import on_delete


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_merge_completes")]

    operations = [
        on_delete("accounts_phone", "person_id", "accounts_person", "CASCADE"),
        on_delete("accounts_personmerge", "kept_id", "accounts_person", "CASCADE"),
        on_delete("accounts_personmerge", "absorbed_id", "accounts_person", "CASCADE"),
        on_delete("accounts_person", "merged_into_id", "accounts_person", "CASCADE"),
    ]
