"""Telling clients that an invoice awaits them, and reminding them of those that are late."""

from datetime import datetime

from interventions.models import Invoice


def remind_all(*, now: datetime) -> int:
    """Returns how many reminders were made."""
    return 0


def tell_ready(invoice: Invoice, *, now: datetime) -> None:
    """That it can be read."""
