"""
Requests of those without an account. What they wrote is in the cache alone, encrypted and for minutes, until a code
proves the address at which they want their answer. Most who begin never come back.
"""

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Model
from django.utils.crypto import constant_time_compare

from privacy import codes, outbox
from privacy.encryption import cipher
from privacy.models import RightsRequest
from privacy.retention.due import paris_day
from privacy.rights import intake
from privacy.rights.intake import Identity, Requester

KEPT = timedelta(minutes=30)


class Gone(Exception):
    """It was sent already, or is too old."""


@dataclass(frozen=True)
class Written:
    """`said` is what a `RightForm` said; `to` is the e-mail address or mobile to answer at."""

    right: str
    said: dict[str, Any]
    requester: str
    requester_name: str
    to: str


def keep(written: Written) -> str:
    """Returns the number by which whoever wrote it goes on."""
    number = secrets.token_hex(12)
    sealed = cipher().encrypt(json.dumps(asdict(written)).encode())
    cache.set(key_of(number), sealed, timeout=int(KEPT.total_seconds()))
    return number


def kept_under(number: str) -> Written:
    """Raises Gone."""
    sealed = cache.get(key_of(number))
    if sealed is None:
        raise Gone
    return Written(**json.loads(cipher().decrypt(sealed)))


def send_code(number: str, *, language: str, now: datetime) -> None:
    """A new one; the former is dead. Whoever's the address is, it is the same. Raises Gone."""
    written, code = kept_under(number), codes.new_code()
    issued = {"hash": codes.keyed_hash(code, purpose=key_of(number)), "at": now}
    cache.set(f"{key_of(number)}:tries", 0, timeout=int(KEPT.total_seconds()))
    cache.set(f"{key_of(number)}:code", issued, timeout=int(KEPT.total_seconds()))
    outbox.send("package_code", to=written.to, language=language, code=code, now=now)


def is_right_code(number: str, code: str, *, now: datetime) -> bool:
    """Whether this is the living code; it is used up by it. Each wrong one is a try less."""
    issued = cache.get(f"{key_of(number)}:code")
    if issued is None or now >= issued["at"] + codes.LIFETIME or not may_try(number):
        return False
    right = constant_time_compare(issued["hash"], codes.keyed_hash(code, purpose=key_of(number)))
    return right and bool(cache.delete(f"{key_of(number)}:code"))  # of two at once, one has deleted it


def may_try(number: str) -> bool:
    try:
        return cache.incr(f"{key_of(number)}:tries") <= codes.MOST_TRIES
    except ValueError:  # it went meanwhile
        return False


def receive(number: str, *, person: Model | None, now: datetime) -> RightsRequest:
    """
    To be called once the code came back. `person` is whose address it is known to be, if it is one person's. Who
    asks for somebody else has proved who they are themselves, and no more. Raises Gone.
    """
    written = kept_under(number)
    if written.requester != Requester.SELF:
        person = None
    request = intake.receive(
        person,
        right=written.right,
        said=written.said,
        channel=RightsRequest.Channel.FORM,
        received_on=paris_day(now),
        requester=written.requester,
        requester_name=written.requester_name,
        reply_to=written.to,
        identity=Identity.CODE if person else Identity.UNPROVED,
        by=None,
        now=now,
    )
    cache.delete(key_of(number))
    return request


def key_of(number: str) -> str:
    return f"rights-form:{number}"
