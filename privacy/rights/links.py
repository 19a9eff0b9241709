"""What a link in a message leads to is opened signed in, or with a code sent to an address that we know."""

from datetime import datetime, timedelta

from django.db.models import Model

from privacy import codes
from privacy.models import OutgoingMessage
from privacy.outbox import send

CODES_AN_HOUR = 5
AN_HOUR = timedelta(hours=1)


class LinkGone(Exception):
    """It was used, it is over, or there never was one."""


class TooManyCodes(Exception):
    pass


def send_code(person: Model, *, to: str, purpose: str, now: datetime) -> None:
    """`purpose` is the thing that is opened: the code opens no other. Raises TooManyCodes."""
    sent = OutgoingMessage.objects.filter(person=person.pk, kind="package_code", queued_at__gt=now - AN_HOUR)
    if sent.count() >= CODES_AN_HOUR:
        raise TooManyCodes
    send("package_code", to=to, person=person, code=codes.issue(person, purpose=purpose, now=now), now=now)
