from django.db import migrations

from privacy.append_only import FUNCTION_FOR_CUTTING


class Migration(migrations.Migration):
    dependencies = [("privacy", "0028_attested_deletions")]

    operations = [FUNCTION_FOR_CUTTING]
