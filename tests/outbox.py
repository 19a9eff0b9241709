"""What the outbox sends, read as its receiver does."""

from datetime import datetime

from privacy.models import OutgoingMessage
from privacy.outbox.sending import deliver


def deliver_all(now: datetime) -> None:
    """As the worker does, a moment after the commit. Look into `mail.outbox` and `sms.outbox` then."""
    for pk in OutgoingMessage.objects.waiting(now=now).order_by("pk").values_list("pk", flat=True):
        deliver(pk, now=now)
