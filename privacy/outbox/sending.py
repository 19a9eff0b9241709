import json
import logging
import re
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Model

from privacy.models import Death, OutgoingMessage
from privacy.objections import is_stopped
from privacy.outbox import mail, sms
from privacy.outbox.failures import Refused, TryAgain
from privacy.outbox.kinds import MessageKind, UnknownKind, kind_of
from privacy.restriction import is_restricted
from privacy.suppression import is_suppressed

logger = logging.getLogger("privacy.outbox")

Channel = OutgoingMessage.Channel

E164 = re.compile(r"\+[1-9]\d{6,14}")

# How long to wait after the first attempt, the second … After the last one the message is given up.
PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)
ATTEMPT_TAKES = 50  # seconds at most: less than the first pause, so that no message is ever in two hands


class Transport(Protocol):
    def __call__(self, message: OutgoingMessage, *, valid_for: timedelta) -> str:
        """Returns the provider's number of the message. Raises TryAgain or Refused."""


TRANSPORTS: dict[str, Transport] = {Channel.MAIL: mail.transmit, Channel.SMS: sms.transmit}


def absolute(path: str) -> str:
    """The whole address of one of our pages, for a message."""
    return f"{settings.SITE_URL}{path}"


def send(
    kind: str,
    *,
    to: str,
    person: Model | None = None,
    language: str = "fr",
    link: str = "",
    code: str = "",
    now: datetime,
) -> OutgoingMessage:
    """
    Queue a message to an e-mail address or an E.164 number, which decides the channel. It leaves after the commit.

    `link` is one of our pages (see `absolute`). What is for a dead person is given up at once, and what solicits
    somebody who objected, or whose data are restricted. Raises UnknownKind, and ValidationError for what is no address.
    """
    declared, channel = kind_of(kind), channel_of(to)
    if declared.mail_only and channel == Channel.SMS:
        raise UnknownKind(f"{kind} by SMS")
    if link and not link.startswith(absolute("/")):
        raise ValueError("A message leads to a page of this site, by its whole address.")
    unwanted = is_too_late(declared, person) or (
        bool(declared.solicits) and is_unwanted(declared.solicits, to=to, person=person)
    )
    message = OutgoingMessage.objects.create(
        person_id=person.pk if person else None,
        channel=channel,
        kind=declared.key,
        language=language,
        content=None if unwanted else json.dumps({"to": to, "link": link, "code": code}),
        queued_at=now,
        next_try_at=now,
        given_up_at=now if unwanted else None,
    )
    if unwanted:
        tell(logging.INFO, "not wanted", message)
        return message
    from privacy.tasks import deliver_message  # which calls `deliver`

    # Safe to miss, so that a broker that is down fails no request: the clock finds what has not left.
    transaction.on_commit(lambda: deliver_message.delay(message.pk), robust=True)
    return message


def is_too_late(kind: MessageKind, person: Model | None) -> bool:
    return person is not None and not kind.after_death and Death.objects.of(person).exists()


def is_unwanted(purpose: str, *, to: str, person: Model | None) -> bool:
    stopped = is_stopped(person, purposes=[purpose]) or is_restricted(person)
    return stopped or is_suppressed(to, purpose=purpose)


def channel_of(to: str) -> Channel:
    if E164.fullmatch(to):
        return Channel.SMS
    if to.startswith("+"):
        raise ValidationError("Ce n’est pas un numéro au format international.")
    validate_email(to)
    return Channel.MAIL


def deliver(pk: int, *, now: datetime) -> None:
    """One attempt, if it is the message's turn. Twice at once, or once too often, changes nothing."""
    message = claim(pk, now=now)
    if message is None:
        return
    try:
        number = TRANSPORTS[message.channel](message, valid_for=over_at(message) - now)
    except Refused as refusal:
        give_up(message, reason=str(refusal), now=now)
    except TryAgain as failure:
        postpone(message, failure, now=now)
    else:
        end(message, sent_at=now, provider_reference=number)
        tell(logging.INFO, "sent", message)


@transaction.atomic
def claim(pk: int, *, now: datetime) -> OutgoingMessage | None:
    """
    The message, put off already: a process that dies in the middle leaves it to the next one, after the pause.

    The attempt is counted before it is made, so that the next one knows that this one may have got through.
    """
    waiting = OutgoingMessage.objects.waiting(now=now).select_for_update(skip_locked=True)
    message = waiting.filter(pk=pk).first()
    if message is None:
        return None
    if now >= over_at(message):
        give_up(message, reason="too late", now=now)
        return None
    if message.attempts > len(PAUSES):
        give_up(message, reason="too many attempts", now=now)
        return None
    message.next_try_at = now + PAUSES[min(message.attempts, len(PAUSES) - 1)]
    message.attempts += 1
    message.save(update_fields=["next_try_at", "attempts"])
    return message


def forget(addresses: Collection[str]) -> int:
    """What waits to be sent to one of these is not sent. Returns how many messages that was."""
    waiting = OutgoingMessage.objects.filter(content__isnull=False, person=None)
    theirs = [message.pk for message in waiting.iterator() if message.said().get("to") in addresses]
    return OutgoingMessage.objects.filter(pk__in=theirs).delete()[0]


def drop_waiting(person: Model, *, now: datetime) -> int:
    """What waits to be sent to this person is given up. Returns how many messages that was."""
    waiting = OutgoingMessage.objects.filter(person=person.pk, sent_at=None, given_up_at=None)
    return waiting.update(content=None, given_up_at=now)


def over_at(message: OutgoingMessage) -> datetime:
    return message.queued_at + kind_of(message.kind).lifetime


def postpone(message: OutgoingMessage, failure: TryAgain, *, now: datetime) -> None:
    message.next_try_at = max(message.next_try_at, now + failure.after)
    if message.attempts > len(PAUSES) or message.next_try_at >= over_at(message):
        give_up(message, reason=str(failure), now=now)
        return
    message.save(update_fields=["next_try_at"])
    tell(logging.WARNING, "put off", message, reason=str(failure))


def give_up(message: OutgoingMessage, *, reason: str, now: datetime) -> None:
    end(message, given_up_at=now)
    tell(logging.ERROR, "given up", message, reason=reason)


def end(message: OutgoingMessage, **how: Any) -> None:
    """What it said, and to whom, is gone with it."""
    OutgoingMessage.objects.filter(pk=message.pk).update(content=None, **how)


def tell(level: int, what: str, message: OutgoingMessage, **more: str) -> None:
    logger.log(
        level,
        "message %s",
        what,
        extra={"outgoing": message.pk, "kind": message.kind, "attempts": message.attempts, **more},
    )
