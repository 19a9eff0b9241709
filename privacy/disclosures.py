"""
The register of who was given whose data: which fields, by name, what for, when. "Who got it" reads it, and so do those
who have to tell the recipients of a rectification, an erasure or a restriction (GDPR article 19).
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Model, QuerySet

from privacy.models import Disclosure
from privacy.models.disclosures import RECIPIENT_KINDS
from privacy.policy import PURPOSES

HERE = "FR"


class UnknownRecipient(Exception):
    """The policy names no such recipient, or not for this purpose: nothing may be given to it."""


@transaction.atomic
def record(
    person: Model,
    *,
    kind: str,
    name: str,
    fields: Iterable[str],
    purpose: str,
    source: Model,
    by: AbstractBaseUser | None,
    now: datetime,
    recipient: Model | None = None,
    country: str = HERE,
) -> Disclosure:
    """
    `kind` is a key of `policy.RECIPIENTS`, `name` the recipient's, `recipient` its row where it has one. `fields` are
    names, never values. Given the same once more while the first still serves, it is one line. Raises UnknownRecipient.
    """
    if kind not in RECIPIENT_KINDS or purpose not in PURPOSES or purpose not in RECIPIENT_KINDS[kind].purposes:
        raise UnknownRecipient(f"{kind}, {purpose}")
    given = {
        "person_id": person.pk,
        "recipient_kind": kind,
        "recipient_name": name,
        "recipient_model": recipient._meta.label if recipient else "",
        "recipient_id": recipient.pk if recipient else None,
        "country": country,
        "fields": sorted(fields),
        "purpose": purpose,
        "source_model": source._meta.label,
        "source_id": source.pk,
    }
    known = Disclosure.objects.filter(**given, ended_at=None).first()
    return known or Disclosure.objects.create(**given, at=now, by_id=by.pk if by else None)


def end(source: Model, *, now: datetime) -> None:
    """What they were given for is over: from here on their time counts."""
    of_source(source).filter(ended_at=None).update(ended_at=now)


def resume(source: Model) -> None:
    """It is not over after all."""
    of_source(source).update(ended_at=None)


def of_source(source: Model) -> QuerySet[Disclosure]:
    return Disclosure.objects.filter(source_model=source._meta.label, source_id=source.pk)


def recipients_of(person: Model, *, also: Collection[int] = ()) -> QuerySet[Disclosure]:
    """Who really got data of this person, the latest first. `also`: numbers of other records of theirs."""
    return Disclosure.objects.filter(person__in=[person.pk, *also]).order_by("-at", "-pk")
