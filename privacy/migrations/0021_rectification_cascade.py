from django.db import migrations

from privacy.constraints import on_delete


class Migration(migrations.Migration):
    dependencies = [("privacy", "0020_rectification")]

    operations = [on_delete("privacy_rectificationitem", "request_id", "privacy_rightsrequest", "CASCADE")]
