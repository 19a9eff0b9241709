from django.db import migrations

from privacy.constraints import on_delete


class Migration(migrations.Migration):
    dependencies = [("callcenter", "0008_night_reports")]

    operations = [
        on_delete("callcenter_nightreportline", "intervention_id", "interventions_intervention", "CASCADE"),
        on_delete("callcenter_nightreportline", "report_id", "callcenter_nightreport", "CASCADE"),
    ]
