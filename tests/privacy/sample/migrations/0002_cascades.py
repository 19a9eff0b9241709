from django.db import migrations

from privacy.constraints import on_delete


class Migration(migrations.Migration):
    dependencies = [("sample", "0001_tables")]

    operations = [
        on_delete("sample_note", "ticket_id", "sample_ticket", "CASCADE"),
        on_delete("sample_attachment", "note_id", "sample_note", "CASCADE"),
        on_delete("sample_bill", "ticket_id", "sample_ticket", "SET NULL"),
    ]
