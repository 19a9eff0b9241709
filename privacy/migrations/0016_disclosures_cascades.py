from django.db import migrations

from privacy.constraints import on_delete


class Migration(migrations.Migration):
    dependencies = [("privacy", "0015_restrictions_objections_disclosures")]

    operations = [
        on_delete("privacy_objection", "person_id", "accounts_person", "CASCADE"),
        on_delete("privacy_disclosure", "person_id", "accounts_person", "CASCADE"),
        on_delete("privacy_thirdpartynotice", "person_id", "accounts_person", "CASCADE"),
        on_delete("privacy_recipientnotice", "request_id", "privacy_rightsrequest", "CASCADE"),
        on_delete("privacy_restriction", "request_id", "privacy_rightsrequest", "SET NULL"),
        on_delete("privacy_restriction", "notice_id", "privacy_outgoingmessage", "SET NULL"),
        on_delete("privacy_objection", "request_id", "privacy_rightsrequest", "SET NULL"),
    ]
