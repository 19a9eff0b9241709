"""
A person's own telephone numbers and address, as they change them: a new one counts once the code sent to it came back.

What they put here is what the desk uses.
"""

from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models.functions import Lower

from accounts.models import Person, Phone
from accounts.phones import can_receive_texts
from privacy import codes, outbox
from privacy.addresses import addresses_of
from privacy.restriction import refuse_if_restricted


class WrongCode(Exception):
    """Or one that is over, or of another address."""


def send_code(person: Person, *, to: str, language: str, now: datetime) -> None:
    code = codes.issue(person, purpose=purpose_of(to), now=now)
    outbox.send("sign_up_code", to=to, person=person, language=language, code=code, now=now)


def purpose_of(to: str) -> str:
    """The code proves this address and no other."""
    return f"contact:{sha256(to.lower().encode()).hexdigest()[:24]}"


def own_addresses(person: Person) -> list[str]:
    """Where we know that they themselves read: their mobiles, not those of relatives or of work, then their address."""
    own = person.phones.exclude(kind__in=[Phone.Kind.RELATIVE, Phone.Kind.WORK]).order_by("pk")
    mobiles = [phone.number for phone in own if can_receive_texts(phone.number)]
    return [*mobiles, *filter(None, [person.email])]


def person_reached_at(address: str) -> Person | None:
    """Whose own e-mail address or E.164 mobile this is; nobody where it is several people's."""
    if "@" in address:
        with_email = Person.objects.exclude(email="").annotate(lower_email=Lower("email"))
        numbers = set(with_email.filter(lower_email=address.lower()).values_list("pk", flat=True))
    else:
        numbers = set(Phone.objects.filter(number=address).values_list("person", flat=True))
    known = Person.objects.current().filter(pk__in=numbers)
    found = [person for person in known if address.lower() in map(str.lower, addresses_of(person))]
    return found[0] if len(found) == 1 else None


def confirm_phone(person: Person, code: str, *, number: str, instead_of: int | None, now: datetime) -> None:
    """Raises WrongCode, Restricted."""
    refuse_if_restricted(person)
    if not codes.check(person, code, purpose=purpose_of(number), now=now):
        raise WrongCode
    with transaction.atomic():
        if instead_of is not None:
            person.phones.filter(pk=instead_of).exclude(number=number).delete()
        person.phones.get_or_create(number=number, defaults={"kind": Phone.Kind.MOBILE})


def confirm_email(person: Person, code: str, *, email: str, now: datetime) -> None:
    """Raises WrongCode, Restricted."""
    refuse_if_restricted(person)
    if not codes.check(person, code, purpose=purpose_of(email), now=now):
        raise WrongCode
    person.email = email
    person.save(update_fields=["email"])
