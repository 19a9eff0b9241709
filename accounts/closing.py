"""A tenant closes their own account. The login goes at once; the person and what was done for them keep their rules."""

from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction

from accounts.models import Person, User
from accounts.roles import Role
from privacy import journal, ledger, outbox


class CannotClose(Exception):
    """Only a tenant closes their own account; staff's is closed by the administrator."""


@transaction.atomic
def close_account(user: User, *, now: datetime) -> None:
    """
    Erase the login and end its sessions everywhere. Its number alone stays while the journal names it, then goes too.

    Raises CannotClose.
    """
    if user.role != Role.TENANT:
        raise CannotClose
    user = User.objects.select_for_update(of=("self",)).select_related("person").get(pk=user.pk)
    language = user.person.language if user.person else "fr"
    outbox.send("account_closed", to=user.email, language=language, now=now)
    if user.person:
        ledger.note(ledger.CLOSING, user.person, now=now)
    forget_login(user, now=now)
    journal.record(user, action="close_account", by=user, now=now)


def close_again(person: Person, *, purpose: str, how: str, at: datetime) -> None:
    """What the ledger tells, once more in a restored database."""
    for user in User.objects.select_for_update(of=("self",)).filter(person=person, role=Role.TENANT):
        forget_login(user, now=at)


def forget_login_of(person: Person, *, by: User | None, now: datetime) -> None:
    """The person is erased, or dead. Staff who were a person too keep their login, without the link."""
    for user in User.objects.select_for_update(of=("self",)).filter(person=person):
        if user.role == Role.TENANT:
            forget_login(user, now=now)
        else:
            User.objects.filter(pk=user.pk).update(person=None)


def forget_login(user: User, *, now: datetime) -> None:
    end_sessions(user)
    for model in (EmailAddress, Authenticator):
        model.objects.filter(user=user).delete()
    user.recovery_codes.all().delete()
    user.email = f"{user.pk}@compte-ferme.invalid"
    user.full_name = ""
    user.person = None
    user.is_active = False
    user.last_login = None
    user.closed_at = now
    user.set_unusable_password()
    user.save()


def end_sessions(user: User) -> int:
    """Everywhere at once. Returns how many there were."""
    sessions = list(UserSession.objects.filter(user=user))
    for session in sessions:
        session.end()
    return len(sessions)
