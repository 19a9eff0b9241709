"""
A tenant’s account that sleeps is closed at the end of the policy’s period, after two warnings.

The last warning starts the clock of the deletion: however late it went, nobody has fewer days than it says.
"""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from privacy import journal, outbox
from privacy.policy import ACCOUNT_FIRST_WARNING, ACCOUNT_LAST_WARNING, ROWS_BY_KEY, Period
from privacy.retention.due import before, field_at

NOTED_EVERY = timedelta(days=1)


def note_activity_of(user: User, *, now: datetime) -> None:
    """Somebody uses the account: it sleeps no more, and what it was warned of is void."""
    if now - user.last_active_at >= NOTED_EVERY or user.first_warned_at:
        User.objects.filter(pk=user.pk).update(last_active_at=now, first_warned_at=None, last_warned_at=None)


def warn_sleepers(*, now: datetime) -> int:
    """Send the warnings that are due. Returns how many."""
    last_chance = asleep(ACCOUNT_LAST_WARNING, now=now).filter(
        last_warned_at=None, first_warned_at__lte=now - (ACCOUNT_FIRST_WARNING.length - ACCOUNT_LAST_WARNING.length)
    )
    sent = warn(last_chance, "account_sleeps_last", field="last_warned_at", now=now)
    sleepers = asleep(ACCOUNT_FIRST_WARNING, now=now).filter(first_warned_at=None)
    return sent + warn(sleepers, "account_sleeps", field="first_warned_at", now=now)


def asleep(ahead: Period, *, now: datetime) -> QuerySet[User]:
    """The open tenants’ accounts that reach the end of the policy’s period within so long."""
    period = ROWS_BY_KEY["accounts"].period
    over = before("last_active_at", period, field=field_at(User, "last_active_at"), now=now + ahead.length)
    return User.objects.filter(over, role=Role.TENANT, closed_at=None).select_related("person")


def warn(users: QuerySet[User], kind: str, *, field: str, now: datetime) -> int:
    sent = 0
    for user in users.iterator():
        if User.objects.filter(pk=user.pk, **{field: None}).update(**{field: now}):
            language = user.person.language if user.person else "fr"
            outbox.send(
                kind,
                to=user.email,
                person=user.person,
                language=language,
                link=outbox.absolute(reverse("login")),
                now=now,
            )
            journal.record(user, action="account_warned", by=None, now=now)
            sent += 1
    return sent
