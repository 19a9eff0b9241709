"""
A tenant opens an account: the landlord and the reference, or the personal link they came by; then a code, sent to the
telephone or the address that the landlord gave for them; then an e-mail address and a password.

Nobody learns whether a reference exists, or has an account: what depends on it is done by a task, after an answer that
is the same for all.
"""

import secrets
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from functools import partial

from django.core.cache import cache
from django.db import transaction
from django.db.models import QuerySet, TextChoices
from django.urls import reverse

from accounts.models import Person, Phone, User
from accounts.opening import open_account
from accounts.phones import can_receive_texts
from interventions.models import Landlord, Tenancy
from privacy import codes, outbox
from privacy.retention.due import paris_day

ANSWERED_WITHIN = codes.LIFETIME + timedelta(minutes=5)


class Channel(TextChoices):
    SMS = "sms", "SMS"
    MAIL = "mail", "E-mail"


@dataclass(frozen=True)
class Asked:
    """What a visitor said of themselves; `person` when a personal link tells who they are."""

    channel: str
    language: str
    landlord: int | None = None
    reference: str = ""
    person: int | None = None


def ask_for_code(asked: Asked) -> str:
    """Returns the number by which the visitor goes on. In the cache alone, and for minutes: most never come back."""
    number = secrets.token_hex(12)
    cache.set(key_of(number), asdict(asked), timeout=int(ANSWERED_WITHIN.total_seconds()))
    from interventions.tasks import send_opening_code  # which calls `send_code`

    transaction.on_commit(partial(send_opening_code.delay, number), robust=True)
    return number


def send_code(number: str, *, now: datetime) -> None:
    """Once. To who has an account it says so instead; to nobody, nothing."""
    asked = asked_under(number)
    if asked is None or not cache.add(f"{key_of(number)}:sent", True, timeout=int(ANSWERED_WITHIN.total_seconds())):
        return
    person = person_who(asked, on=paris_day(now))
    to = address_of(person, asked.channel) if person else ""
    if person is None or not to:
        return
    tell = partial(outbox.send, to=to, person=person, language=asked.language, now=now)
    if has_account(person):
        tell("account_exists", link=outbox.absolute(reverse("login")))
    else:
        tell("sign_up_code", code=codes.issue(person, purpose=purpose_of(number), now=now))


def person_proven(number: str, code: str, *, now: datetime) -> tuple[Person, str] | None:
    """The person whose code this is, and where it was sent. The same work whether there is anybody."""
    asked = asked_under(number)
    person = person_who(asked, on=paris_day(now)) if asked else None
    right = codes.check(person or Person(pk=0), code, purpose=purpose_of(number), now=now)
    return (person, address_of(person, asked.channel)) if right and person and asked else None


def open_for(person: Person, *, email: str, password: str, proven_address: bool, now: datetime) -> User:
    """
    Raises AccountExists, or ValidationError for the password. One that was never confirmed gives way: whoever
    mistyped their address can begin again.
    """
    with transaction.atomic():
        logins_unproven(person).delete()
        return open_account(person, email=email, password=password, now=now, verified=proven_address)


def has_account(person: Person) -> bool:
    return User.objects.filter(person=person, emailaddress__verified=True).exists()


def logins_unproven(person: Person) -> QuerySet[User]:
    return User.objects.filter(person=person, last_login=None).exclude(emailaddress__verified=True)


def asked_under(number: str) -> Asked | None:
    found = cache.get(key_of(number))
    return Asked(**found) if found else None


def person_who(asked: Asked, *, on: date) -> Person | None:
    """Nobody, too, where two references differ by their punctuation alone."""
    if asked.person is not None:
        return Person.objects.current().filter(pk=asked.person).first()
    tenancies = Tenancy.objects.current(on=on).filter(landlord=asked.landlord).with_exactly(asked.reference)
    people = [tenancy.person for tenancy in tenancies.select_related("person")[:2]]
    return people[0] if len(people) == 1 else None


def address_of(person: Person, channel: str) -> str:
    """By the channel they chose; by the other one where there is nothing on it. Never a relative’s."""
    own = person.phones.exclude(kind__in=[Phone.Kind.RELATIVE, Phone.Kind.WORK]).order_by("pk")
    mobile = next((phone.number for phone in own if can_receive_texts(phone.number)), "")
    return (mobile or person.email) if channel == Channel.SMS else (person.email or mobile)


def landlords_open(*, on: date) -> QuerySet[Landlord]:
    return Landlord.objects.exclude(contract_until_on__lt=on)


def key_of(number: str) -> str:
    return f"account-opening:{number}"


def purpose_of(number: str) -> str:
    """A code belongs to the visitor who asked for it: somebody else’s request does not void it."""
    return f"sign_up:{number}"
