from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from callcenter.models import Call, LogEntry, Shift
from callcenter.shifts import current_shift, hand_over, handover_sheet
from interventions.models import Status
from tests.concurrency import meanwhile
from tests.factories import (
    NOW,
    CallbackFactory,
    CallFactory,
    IncidentFactory,
    InterventionFactory,
    LogEntryFactory,
    ShiftFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=8)


def test_the_first_at_the_desk_opens_the_shift_and_the_others_join():
    first = UserFactory()
    shift = current_shift(by=first, now=NOW)
    assert (shift.opened_by, shift.started_at, shift.ended_at) == (first, NOW, None)
    assert current_shift(by=UserFactory(), now=LATER) == shift


def test_an_ended_shift_is_not_the_current_one():
    ShiftFactory(ended_at=NOW)
    assert current_shift(by=UserFactory(), now=LATER).started_at == LATER


@pytest.mark.django_db(transaction=True)
def test_two_who_arrive_at_the_same_instant_share_one_shift():
    first, second = UserFactory(), UserFactory()
    told = meanwhile(lambda: current_shift(by=first, now=NOW), lambda: current_shift(by=second, now=NOW))
    assert told == Shift.objects.get()
    assert told.opened_by == first


def test_the_database_holds_the_desk_to_one_open_shift():
    ShiftFactory()
    ShiftFactory(ended_at=NOW)
    with pytest.raises(IntegrityError, match="shift_one_open"), transaction.atomic():
        ShiftFactory()


def test_handing_over_closes_the_shift_and_opens_the_next():
    shift, agent = ShiftFactory(), UserFactory()
    following = hand_over(shift, by=agent, now=LATER)
    shift.refresh_from_db()
    assert (shift.ended_at, shift.handed_over_by) == (LATER, agent)
    assert (following.started_at, following.opened_by, following.ended_at) == (LATER, agent, None)


def test_handing_over_again_changes_nothing():
    shift, first = ShiftFactory(), UserFactory()
    following = hand_over(shift, by=first, now=LATER)
    assert hand_over(shift, by=UserFactory(), now=LATER + timedelta(minutes=1)) == following
    shift.refresh_from_db()
    assert (shift.ended_at, shift.handed_over_by) == (LATER, first)


@pytest.mark.django_db(transaction=True)
def test_two_who_hand_over_at_the_same_instant_open_one_shift():
    shift, first, second = ShiftFactory(), UserFactory(), UserFactory()
    told = meanwhile(lambda: hand_over(shift, by=first, now=LATER), lambda: hand_over(shift, by=second, now=LATER))
    assert told == Shift.objects.get(ended_at=None)
    assert told.opened_by == first


def test_the_sheet_tells_what_is_open_overdue_promised_under_way_and_noted():
    shift = ShiftFactory()
    later = InterventionFactory(suggested_on_site_by=NOW + timedelta(days=2))
    overdue = InterventionFactory(suggested_on_site_by=NOW - timedelta(minutes=1))
    arrived = InterventionFactory(suggested_on_site_by=NOW - timedelta(minutes=5), status=Status.ON_SITE)
    InterventionFactory(status=Status.CLOSED)
    second, first = (CallbackFactory(promised_at=NOW + timedelta(minutes=wait)) for wait in (30, 10))
    CallbackFactory(done_at=NOW)
    incident = IncidentFactory()
    IncidentFactory(closed_at=NOW)
    note = LogEntryFactory(shift=shift)
    struck = LogEntryFactory(shift=shift, kind=LogEntry.Kind.CORRECTION, strikes=note, at=NOW + timedelta(minutes=1))
    LogEntryFactory(shift=ShiftFactory(ended_at=NOW))

    sheet = handover_sheet(shift, now=NOW)
    assert list(sheet.open) == [arrived, overdue, later]
    assert list(sheet.overdue) == [overdue]
    assert list(sheet.promised) == [first, second]
    assert list(sheet.incidents) == [incident]
    assert [line.pk for line in sheet.notes] == [note.pk, struck.pk]


def test_the_sheet_counts_the_calls_of_its_shift_only():
    shift = ShiftFactory(ended_at=LATER)
    for started_at in (NOW - timedelta(seconds=1), NOW, LATER, LATER + timedelta(seconds=1)):
        CallFactory(started_at=started_at)
    CallFactory(started_at=NOW, ended_at=NOW, outcome=Call.Outcome.MISSED)
    sheet = handover_sheet(shift, now=LATER + timedelta(days=1))
    assert (sheet.calls, sheet.missed) == (3, 1)


@pytest.mark.parametrize("rows", [1, 3, 30])
def test_the_sheet_costs_the_same_queries_for_any_number_of_rows(rows, django_assert_num_queries):
    shift = ShiftFactory()
    for _ in range(rows):
        InterventionFactory(suggested_on_site_by=NOW - timedelta(minutes=1), owner=UserFactory())
        CallbackFactory(owner=UserFactory())
        IncidentFactory()
        LogEntryFactory(shift=shift)
    with django_assert_num_queries(6):
        sheet = handover_sheet(shift, now=NOW)
        shown = [f"{item.residence.landlord} {item.place} {item.owner} {item.provider}" for item in sheet.open]
        shown += [f"{item.residence.landlord} {item.place} {item.owner} {item.provider}" for item in sheet.overdue]
        shown += [f"{callback.call.landlord} {callback.owner}" for callback in sheet.promised]
        shown += [str(incident) for incident in sheet.incidents]
        shown += [f"{note.by} {note.correction is not None}" for note in sheet.notes]
    assert len(shown) == 5 * rows
