from django.db import migrations

from privacy.constraints import on_delete


class Migration(migrations.Migration):
    dependencies = [("callcenter", "0005_recordings")]

    operations = [
        on_delete("callcenter_recording", "call_id", "callcenter_call", "CASCADE"),
        on_delete("callcenter_recordingkey", "recording_id", "callcenter_recording", "CASCADE"),
    ]
