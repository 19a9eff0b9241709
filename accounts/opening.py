"""A tenant's account: opened by the portal once it knows who is there, never by a form that anybody may fill in."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError, transaction

from accounts.models import Person, User
from accounts.roles import Role


class AccountExists(Exception):
    """The person has an account already, or the address has one. Who asks must not learn which."""


def open_account(person: Person, *, email: str, password: str, now: datetime, verified: bool = False) -> User:
    """
    `verified`: the person just proved that they read this mailbox; otherwise the first sign-in sends them a link.

    Raises AccountExists, or ValidationError for a password that the rules refuse.
    """
    user = User(
        email=User.objects.normalize_email(email).lower(),
        full_name=f"{person.given_name} {person.family_name}".strip(),
        role=Role.TENANT,
        person=person,
        date_joined=now,
        last_active_at=now,
    )
    validate_password(password, user)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
            EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=verified)
    except IntegrityError as error:
        raise AccountExists from error
    return user


def vouch_for_address(user: User) -> None:
    """Whoever makes the accounts of staff answers for their address: it is theirs, and the only one."""
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=user.email.lower(), primary=True, verified=True)
