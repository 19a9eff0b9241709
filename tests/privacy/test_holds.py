from datetime import date, timedelta

import pytest

from accounts.roles import Role
from callcenter.models import LogEntry
from interventions.models import Intervention
from interventions.models.interventions import Status
from privacy.holds import HoldError, ItemIsDue, SamePerson, approve_hold, open_hold, release_hold, review_hold
from privacy.models import HoldItem, JournalEntry
from privacy.retention.purge import Result, purge
from tests.concurrency import meanwhile
from tests.factories import NOW, InterventionFactory, LogEntryFactory, ResidenceFactory, UserFactory

pytestmark = pytest.mark.django_db

CLOSED_AT = NOW
BEFORE_DUE = NOW + timedelta(days=400)
ONCE_DUE = NOW + timedelta(days=430)  # 14 months and a few days


@pytest.fixture
def intervention():
    return InterventionFactory(status=Status.CLOSED, opened_at=CLOSED_AT, closed_at=CLOSED_AT)


@pytest.fixture
def dpo():
    return UserFactory(role=Role.DPO)


@pytest.fixture
def colleague():
    return UserFactory(role=Role.DPO)


def opened(*items, by, now=BEFORE_DUE):
    return open_hold(items, ground="Litige 2027/12", review_on=now.date() + timedelta(days=90), by=by, now=now)


def is_left(intervention):
    return Intervention.objects.filter(pk=intervention.pk).exists()


def purged(now):
    return purge(now=now, commit=True)


def test_an_approved_hold_keeps_a_due_row_until_it_is_released(intervention, dpo, colleague):
    other = InterventionFactory(status=Status.CLOSED, opened_at=CLOSED_AT, closed_at=CLOSED_AT)
    hold = opened(intervention, by=dpo)
    approve_hold(hold, by=colleague, now=BEFORE_DUE)
    purged(ONCE_DUE)
    assert is_left(intervention)
    assert not is_left(other)
    release_hold(hold, by=dpo, now=ONCE_DUE)
    purged(ONCE_DUE)
    assert not is_left(intervention)


def test_a_hold_that_nobody_approved_freezes_nothing(intervention, dpo):
    opened(intervention, by=dpo)
    purged(ONCE_DUE)
    assert not is_left(intervention)


def test_what_is_due_cannot_be_held(intervention, dpo):
    entry = LogEntryFactory(intervention=intervention, at=CLOSED_AT)
    for item in (intervention, entry):
        with pytest.raises(ItemIsDue):
            opened(item, by=dpo, now=ONCE_DUE)
        assert opened(item, by=dpo, now=BEFORE_DUE).items.count() == 1


def test_a_hold_on_an_entry_keeps_what_it_hangs_from(intervention, dpo, colleague):
    entry = LogEntryFactory(intervention=intervention, at=CLOSED_AT)
    approve_hold(opened(entry, by=dpo), by=colleague, now=BEFORE_DUE)
    purged(ONCE_DUE)
    assert is_left(intervention)
    assert LogEntry.objects.filter(pk=entry.pk).exists()


def test_who_opened_a_hold_does_not_approve_it(intervention, dpo, colleague):
    hold = opened(intervention, by=dpo)
    with pytest.raises(SamePerson):
        approve_hold(hold, by=dpo, now=BEFORE_DUE)
    assert not HoldItem.objects.active().exists()
    approve_hold(hold, by=colleague, now=BEFORE_DUE)
    assert HoldItem.objects.active().exists()
    with pytest.raises(HoldError, match="déjà"):
        approve_hold(hold, by=colleague, now=BEFORE_DUE)


def test_an_approval_brings_nothing_back(intervention, dpo, colleague):
    hold = opened(intervention, by=dpo)
    purged(ONCE_DUE)
    with pytest.raises(HoldError, match="aucune"):
        approve_hold(hold, by=colleague, now=ONCE_DUE)


@pytest.mark.parametrize(
    ("review_on", "accepted"),
    [
        (date(2026, 3, 10), False),  # today
        (date(2026, 3, 11), True),
        (date(2026, 9, 10), True),
        (date(2026, 9, 11), False),
    ],
)
def test_a_hold_is_reviewed_within_six_months(intervention, dpo, review_on, accepted):
    def ask():
        return open_hold([intervention], ground="Litige", review_on=review_on, by=dpo, now=NOW)

    if accepted:
        assert ask().review_on == review_on
    else:
        with pytest.raises(HoldError, match="6\N{NO-BREAK SPACE}mois"):
            ask()


def test_a_reviewed_hold_goes_on(intervention, dpo, colleague):
    hold = opened(intervention, by=dpo)
    approve_hold(hold, by=colleague, now=BEFORE_DUE)
    review_hold(hold, review_on=(ONCE_DUE + timedelta(days=100)).date(), by=dpo, now=ONCE_DUE)
    purged(ONCE_DUE)
    assert is_left(intervention)
    with pytest.raises(HoldError, match="6\N{NO-BREAK SPACE}mois"):
        review_hold(hold, review_on=(ONCE_DUE + timedelta(days=200)).date(), by=dpo, now=ONCE_DUE)
    release_hold(hold, by=dpo, now=ONCE_DUE)
    with pytest.raises(HoldError, match="déjà levé"):
        review_hold(hold, review_on=(ONCE_DUE + timedelta(days=100)).date(), by=dpo, now=ONCE_DUE)


def test_a_hold_needs_something_that_a_rule_deletes(dpo):
    with pytest.raises(HoldError, match="au moins une"):
        opened(by=dpo)
    with pytest.raises(HoldError, match="rien à geler"):
        opened(ResidenceFactory(), by=dpo)


def test_each_act_is_in_the_journal_by_numbers_only(intervention, dpo, colleague):
    hold = opened(intervention, by=dpo)
    approve_hold(hold, by=colleague, now=BEFORE_DUE)
    release_hold(hold, by=dpo, now=ONCE_DUE)
    with pytest.raises(HoldError, match="déjà levé"):
        release_hold(hold, by=dpo, now=ONCE_DUE)
    told = JournalEntry.objects.filter(model="privacy.LegalHold", object_id=hold.pk).order_by("pk")
    assert [(entry.action, entry.actor_id) for entry in told] == [
        ("open_hold", dpo.pk),
        ("approve_hold", colleague.pk),
        ("release_hold", dpo.pk),
    ]
    assert told[0].details == {"items": [intervention.pk]}


@pytest.mark.django_db(transaction=True)
def test_a_batch_of_the_purge_does_not_cross_an_approval(intervention, dpo, colleague):
    hold = opened(intervention, by=dpo)
    doomed = InterventionFactory(status=Status.CLOSED, opened_at=CLOSED_AT, closed_at=CLOSED_AT)
    done = meanwhile(
        lambda: approve_hold(hold, by=colleague, now=BEFORE_DUE),
        lambda: purged(ONCE_DUE),  # it does not wait for us: it leaves out what we have locked
    )
    assert isinstance(done, Result)
    assert is_left(intervention)
    assert not is_left(doomed)
    purged(ONCE_DUE)
    assert is_left(intervention)
