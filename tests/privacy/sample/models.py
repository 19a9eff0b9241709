"""A small application that knows the engine and nothing else of ours: tickets, notes on them, files on the notes."""

from django.conf import settings
from django.db import models


class Contract(models.Model):
    months = models.PositiveSmallIntegerField(null=True)

    def __str__(self) -> str:
        return f"contract {self.pk}"


class Folder(models.Model):
    """Kept as long as a ticket is in it."""

    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"folder {self.pk}"


class Ticket(models.Model):
    owner = models.ForeignKey(
        settings.PRIVACY_SUBJECT_MODEL, null=True, on_delete=models.PROTECT, related_name="sample_tickets"
    )
    contract = models.ForeignKey(Contract, null=True, on_delete=models.PROTECT)
    folder = models.ForeignKey(Folder, null=True, on_delete=models.PROTECT)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, db_index=True)

    def __str__(self) -> str:
        return f"ticket {self.pk}"


class Note(models.Model):
    """Its author may be another person than the ticket's owner."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(
        settings.PRIVACY_SUBJECT_MODEL, null=True, on_delete=models.PROTECT, related_name="sample_notes"
    )
    text = models.CharField(max_length=100)

    def __str__(self) -> str:
        return f"note {self.pk}"


class Attachment(models.Model):
    """It has a clock of its own beside the ticket's."""

    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="attachments")
    file = models.FileField(upload_to="sample")
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"attachment {self.pk}"


class Bill(models.Model):
    """It outlives its ticket."""

    ticket = models.ForeignKey(Ticket, null=True, on_delete=models.SET_NULL, related_name="bills")
    payer = models.ForeignKey(
        settings.PRIVACY_SUBJECT_MODEL, null=True, on_delete=models.PROTECT, related_name="sample_bills"
    )
    closes_on = models.DateField()

    def __str__(self) -> str:
        return f"bill {self.pk}"
