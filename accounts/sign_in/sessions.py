"""How long a session lasts. What it needs to know is in the session itself, on the server."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase

from accounts.models import User
from accounts.roles import Role

SIGNED_IN_AT, ACTIVE_AT = "signed_in_at", "active_at"
NOTED_EVERY = timedelta(minutes=1)  # so that not every request writes the session


@dataclass(frozen=True)
class Limits:
    """`idle`: without a click. `absolute`: from the sign-in, whatever happens."""

    idle: timedelta
    absolute: timedelta


PROFESSIONALS = Limits(idle=timedelta(minutes=30), absolute=timedelta(hours=12))
TENANTS = Limits(idle=timedelta(days=7), absolute=timedelta(days=14))


def limits_of(user: User) -> Limits:
    return TENANTS if user.role == Role.TENANT else PROFESSIONALS


def begin(session: SessionBase, *, now: datetime) -> None:
    session[SIGNED_IN_AT] = session[ACTIVE_AT] = now.timestamp()


def is_over(session: SessionBase, limits: Limits, *, now: datetime) -> bool:
    """A session that does not say when it began is over."""
    if SIGNED_IN_AT not in session:
        return True
    idle = timedelta(seconds=now.timestamp() - session[ACTIVE_AT])
    age = timedelta(seconds=now.timestamp() - session[SIGNED_IN_AT])
    return idle >= limits.idle or age >= limits.absolute


def note_activity(session: SessionBase, *, now: datetime) -> bool:
    """Returns whether it wrote: once a minute is enough."""
    if now.timestamp() - session[ACTIVE_AT] < NOTED_EVERY.total_seconds():
        return False
    session[ACTIVE_AT] = now.timestamp()
    return True


def signed_in_recently(session: SessionBase, *, within: timedelta, now: datetime) -> bool:
    return SIGNED_IN_AT in session and now.timestamp() - session[SIGNED_IN_AT] < within.total_seconds()
