from django.db import migrations

from privacy.constraints import on_delete


class Migration(migrations.Migration):
    dependencies = [("privacy", "0024_reviews")]

    operations = [on_delete("privacy_suggestionreview", "request_id", "privacy_rightsrequest", "CASCADE")]
