"""A tenant's account that sleeps: two warnings, then the purge."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress

from accounts.closing import close_account
from accounts.inactivity import note_activity_of, warn_sleepers
from accounts.models import User
from accounts.roles import Role
from privacy.models import OutgoingMessage
from privacy.policy import ROWS_BY_KEY
from privacy.retention.purge import purge
from tests.factories import NOW, PersonFactory, UserFactory

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
END = NOW + ROWS_BY_KEY["accounts"].period.length


def sleeper(**fields):
    return UserFactory(**{"role": Role.TENANT, "person": PersonFactory(), "last_active_at": NOW, **fields})


def warnings():
    return list(OutgoingMessage.objects.order_by("pk").values_list("kind", flat=True))


def purge_accounts(now):
    purge(now=now, commit=True, only="accounts")


def exists(account):
    return User.objects.filter(pk=account.pk).exists()


def test_two_warnings_then_the_account_goes_with_all_that_hangs_from_it():
    account = sleeper(second_factor=True)
    person = account.person
    sent = []
    for day in range(-70, 2):
        now = END + day * DAY
        before = len(warnings())
        warn_sleepers(now=now)
        sent += [(day, kind) for kind in warnings()[before:]]
        assert exists(account)
        if day < 0:
            purge_accounts(now)
    assert sent == [(-60, "account_sleeps"), (-15, "account_sleeps_last")]

    purge_accounts(END)

    assert not exists(account)
    assert not EmailAddress.objects.exists()
    person.refresh_from_db()


@pytest.mark.parametrize("late", [0, 20, 300])
def test_however_late_the_warnings_go_nobody_has_fewer_days_than_they_say(late):
    account = sleeper()
    first = END + late * DAY
    warn_sleepers(now=first)
    warn_sleepers(now=first + DAY)
    assert warnings() == ["account_sleeps"]
    last = first + 45 * DAY
    warn_sleepers(now=last)
    assert warnings() == ["account_sleeps", "account_sleeps_last"]

    purge_accounts(last + 14 * DAY)
    assert exists(account)
    purge_accounts(last + 15 * DAY)
    assert not exists(account)


def test_whoever_comes_back_is_forgotten_by_nobody():
    account = sleeper()
    warn_sleepers(now=END - 60 * DAY)
    warn_sleepers(now=END - 15 * DAY)
    account.refresh_from_db()
    assert account.last_warned_at
    note_activity_of(account, now=END - DAY)

    purge_accounts(END + DAY)
    account.refresh_from_db()
    assert (account.last_active_at, account.first_warned_at, account.last_warned_at) == (END - DAY, None, None)


def test_staff_are_not_concerned():
    agent = sleeper(role=Role.AGENT, person=None)
    assert warn_sleepers(now=END + 900 * DAY) == 0
    purge_accounts(END + 900 * DAY)
    assert exists(agent)


def test_a_closed_account_is_a_number_until_the_journal_forgets_it():
    account = sleeper()
    close_account(account, now=NOW)
    purge_accounts(NOW + DAY)
    assert exists(account)  # the journal tells who closed it

    after = NOW + ROWS_BY_KEY["staff_journal"].period.length + DAY
    purge(now=after, commit=True, only="staff_journal")
    purge_accounts(after)
    assert not exists(account)
