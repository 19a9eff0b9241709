from datetime import timedelta

import pytest

from callcenter.logbook import write_entry
from callcenter.models import LogEntry
from interventions.lifecycle import Slot, advance
from interventions.models import Escalation, Intervention, Status
from interventions.models.interventions import AWAITED
from interventions.watch import SOON, escalate, take_escalations, waiting_escalations, watch_dormant
from tests.concurrency import meanwhile
from tests.factories import NOW, InterventionFactory, UserFactory

pytestmark = pytest.mark.django_db

Kind = Escalation.Kind
MINUTE = timedelta(minutes=1)


def due(moment, **changes):
    return InterventionFactory(suggested_on_site_by=moment, **changes)


def raised(intervention):
    return list(intervention.escalations.order_by("pk").values_list("kind", flat=True))


# Late and soon late ---------------------------------------------------------------------------------------------------


def test_it_is_told_once_soon_then_once_late():
    promised = NOW + timedelta(hours=1)
    intervention = due(promised)
    assert escalate(now=promised - SOON) == 0
    assert escalate(now=promised - SOON + MINUTE) == 1
    assert escalate(now=promised - SOON + 2 * MINUTE) == 0
    assert raised(intervention) == [Kind.SOON]
    assert escalate(now=promised) == 0
    assert escalate(now=promised + MINUTE) == 1
    assert escalate(now=promised + timedelta(days=3)) == 0
    assert raised(intervention) == [Kind.SOON, Kind.LATE]
    assert set(intervention.escalations.values_list("about", flat=True)) == {promised}


def test_a_watch_that_slept_tells_late_only():
    intervention = due(NOW - MINUTE)
    escalate(now=NOW)
    assert raised(intervention) == [Kind.LATE]


@pytest.mark.parametrize("status", Status)
def test_only_while_nobody_is_there(status):
    intervention = due(NOW - MINUTE, status=status)
    escalate(now=NOW)
    assert raised(intervention) == ([Kind.LATE] if status in AWAITED else [])


def test_another_promise_is_told_again():
    intervention = due(NOW - MINUTE)
    escalate(now=NOW)
    again = NOW + timedelta(hours=1)
    Intervention.objects.update(suggested_on_site_by=again, on_site_by=again)
    escalate(now=again + MINUTE)
    assert [one.about for one in intervention.escalations.order_by("pk")] == [NOW - MINUTE, again]


@pytest.mark.django_db(transaction=True)
def test_two_watches_at_the_same_instant_tell_it_once():
    intervention = due(NOW - MINUTE)
    error = meanwhile(lambda: escalate(now=NOW), lambda: escalate(now=NOW))
    assert not isinstance(error, Exception)
    assert raised(intervention) == [Kind.LATE]


def test_the_supervisor_sees_what_nobody_took_and_still_holds():
    late, taken, arrived, closed = (due(NOW - MINUTE) for _ in range(4))
    escalate(now=NOW)
    assert {one.intervention for one in waiting_escalations()} == {late, taken, arrived, closed}

    supervisor = UserFactory(role="supervisor")
    assert take_escalations(taken, by=supervisor, now=NOW) == 1
    Intervention.objects.filter(pk=arrived.pk).update(status=Status.ON_SITE)
    Intervention.objects.filter(pk=closed.pk).update(status=Status.CLOSED, closed_at=NOW)
    assert [one.intervention for one in waiting_escalations()] == [late]
    one = taken.escalations.get()
    assert (one.taken_by, one.taken_at) == (supervisor, NOW)


def test_once_it_is_late_it_is_no_longer_shown_as_soon_late():
    intervention = due(NOW + MINUTE)
    escalate(now=NOW)
    assert [one.kind for one in waiting_escalations()] == [Kind.SOON]
    escalate(now=NOW + 2 * MINUTE)
    assert [one.kind for one in waiting_escalations()] == [Kind.LATE]
    assert take_escalations(intervention, by=UserFactory(), now=NOW) == 2
    assert not waiting_escalations().exists()


@pytest.mark.parametrize("before", [Status.NO_ACCESS, Status.FOLLOW_ON])
def test_an_appointment_after_a_first_visit_is_late_only_once_it_is_over(before):
    intervention = due(NOW - timedelta(days=1), status=before)
    slot = Slot(NOW + timedelta(days=1), NOW + timedelta(days=1, hours=2))
    advance(intervention, to=Status.APPOINTMENT, by=UserFactory(), now=NOW, version=1, slot=slot)
    assert escalate(now=slot.ends_at - SOON) == 0
    escalate(now=slot.ends_at + MINUTE)
    assert [(one.kind, one.about) for one in intervention.escalations.all()] == [(Kind.LATE, slot.ends_at)]


def test_one_whose_promise_was_moved_is_no_longer_late():
    due(NOW - MINUTE)
    escalate(now=NOW)
    assert waiting_escalations().count() == 1
    moved = NOW + timedelta(hours=1)
    Intervention.objects.update(suggested_on_site_by=moved, on_site_by=moved)
    assert not waiting_escalations().exists()


@pytest.mark.parametrize("rows", [1, 3, 30])
def test_escalating_costs_the_same_queries_for_any_number(rows, django_assert_num_queries):
    for _ in range(rows):
        due(NOW - MINUTE)
    with django_assert_num_queries(5):  # a savepoint, two reads, one insert, its release
        assert escalate(now=NOW) == rows


# Silent ones ----------------------------------------------------------------------------------------------------------


def silent(days, **changes):
    return InterventionFactory(opened_at=NOW - timedelta(days=days), **changes)


@pytest.mark.parametrize(
    ("days", "told", "status"),
    [
        (45, [], Status.QUALIFIED),
        (46, [Kind.DORMANT], Status.QUALIFIED),
        (60, [Kind.DORMANT], Status.QUALIFIED),
        (61, [Kind.DORMANT], Status.CLOSED),
    ],
)
def test_silence_warns_after_45_days_and_closes_after_60(days, told, status):
    intervention = silent(days)
    assert watch_dormant(now=NOW) == (status == Status.CLOSED)
    intervention.refresh_from_db()
    assert (raised(intervention), intervention.status) == (told, status)
    watch_dormant(now=NOW)
    assert raised(intervention) == told


def test_the_system_says_why_it_closed_it():
    intervention = silent(61)
    watch_dormant(now=NOW)
    told = intervention.transitions.get()
    assert (told.by, told.at) == (None, NOW)
    assert told.reason == "Sans nouvelle depuis 60 jours : close par le système."


@pytest.mark.parametrize("status", [status for status in Status if status not in ("closed", "refused", "cancelled")])
def test_no_state_is_dormant_for_ever(status):
    silent(61, status=status)
    assert watch_dormant(now=NOW) == 1


def test_what_has_ended_is_left_alone():
    silent(61, status=Status.CANCELLED)
    assert watch_dormant(now=NOW) == 0


def test_a_line_of_the_log_makes_it_live_again():
    intervention = silent(50)
    watch_dormant(now=NOW)
    assert [one.intervention for one in waiting_escalations()] == [intervention]

    write_entry(intervention, kind=LogEntry.Kind.NOTE, text="Pièce commandée.", by=UserFactory(), now=NOW)
    assert not waiting_escalations().exists()
    assert watch_dormant(now=NOW + timedelta(days=44)) == 0
    assert raised(intervention) == [Kind.DORMANT]
    watch_dormant(now=NOW + timedelta(days=46))
    assert raised(intervention) == [Kind.DORMANT, Kind.DORMANT]


@pytest.mark.django_db(transaction=True)
def test_one_that_somebody_writes_about_while_it_is_being_closed_stays_open():
    intervention, agent = silent(61), UserFactory()
    closed = meanwhile(
        lambda: write_entry(intervention, kind=LogEntry.Kind.NOTE, text="Pièce arrivée.", by=agent, now=NOW),
        lambda: watch_dormant(now=NOW),
    )
    assert closed == 0
    intervention.refresh_from_db()
    assert intervention.is_open
