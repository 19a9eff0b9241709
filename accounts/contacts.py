"""
A person's own telephone numbers and address, as they change them: a new one counts once the code sent to it came back.

What they put here is what the desk uses.
"""

from datetime import datetime
from hashlib import sha256

from django.db import transaction

from accounts.models import Person, Phone
from privacy import codes, outbox


class WrongCode(Exception):
    """Or one that is over, or of another address."""


def send_code(person: Person, *, to: str, language: str, now: datetime) -> None:
    code = codes.issue(person, purpose=purpose_of(to), now=now)
    outbox.send("sign_up_code", to=to, person=person, language=language, code=code, now=now)


def purpose_of(to: str) -> str:
    """The code proves this address and no other."""
    return f"contact:{sha256(to.lower().encode()).hexdigest()[:24]}"


def confirm_phone(person: Person, code: str, *, number: str, instead_of: int | None, now: datetime) -> None:
    """Raises WrongCode."""
    if not codes.check(person, code, purpose=purpose_of(number), now=now):
        raise WrongCode
    with transaction.atomic():
        if instead_of is not None:
            person.phones.filter(pk=instead_of).exclude(number=number).delete()
        person.phones.get_or_create(number=number, defaults={"kind": Phone.Kind.MOBILE})


def confirm_email(person: Person, code: str, *, email: str, now: datetime) -> None:
    """Raises WrongCode."""
    if not codes.check(person, code, purpose=purpose_of(email), now=now):
        raise WrongCode
    person.email = email
    person.save(update_fields=["email"])
