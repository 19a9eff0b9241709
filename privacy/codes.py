"""Codes of six digits that prove an address or a number: used once, good for ten minutes and five tries."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Model
from django.utils.crypto import constant_time_compare, salted_hmac

from privacy.models import OneTimeCode

LIFETIME = timedelta(minutes=10)
MOST_TRIES = 5


@transaction.atomic
def issue(person: Model, *, purpose: str, now: datetime) -> str:
    """A new code, to be sent and kept nowhere. Those issued before for this purpose are dead."""
    type(person)._base_manager.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
    OneTimeCode.objects.filter(person=person.pk, purpose=purpose).delete()
    code = new_code()
    OneTimeCode.objects.create(
        person_id=person.pk, purpose=purpose, code_hash=keyed_hash(code, purpose=purpose), issued_at=now
    )
    return code


@transaction.atomic
def check(person: Model, code: str, *, purpose: str, now: datetime) -> bool:
    """
    Whether this is the living code; it is used up by it. Each wrong one is a try less.

    Not for the inside of a transaction that may roll back: the try would not count.
    """
    given = keyed_hash(code, purpose=purpose)  # even where there is nothing to compare it with: the same time for all
    issued = (
        OneTimeCode.objects.select_for_update()
        .filter(person=person.pk, purpose=purpose)
        .order_by("-issued_at", "-pk")
        .first()
    )
    if issued is None or issued.used_at or issued.tries >= MOST_TRIES or now >= issued.issued_at + LIFETIME:
        return False
    issued.tries += 1
    right = constant_time_compare(issued.code_hash, given)
    if right:
        issued.used_at = now
    issued.save(update_fields=["tries", "used_at"])
    return right


def new_code() -> str:
    return f"{secrets.randbelow(1_000_000):06}"


def keyed_hash(code: str, *, purpose: str) -> str:
    """With the secret key: whoever reads the database cannot try the million codes."""
    return salted_hmac(f"privacy.codes.{purpose}", code.strip(), algorithm="sha256").hexdigest()
