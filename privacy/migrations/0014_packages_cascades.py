from django.db import migrations

from privacy.constraints import on_delete


class Migration(migrations.Migration):
    dependencies = [("privacy", "0013_packages")]

    operations = [
        on_delete("privacy_matchedrecord", "request_id", "privacy_rightsrequest", "CASCADE"),
        on_delete("privacy_exportpackage", "request_id", "privacy_rightsrequest", "CASCADE"),
        on_delete("privacy_reviewedtext", "package_id", "privacy_exportpackage", "CASCADE"),
        on_delete("privacy_requestcopy", "request_id", "privacy_rightsrequest", "CASCADE"),
    ]
