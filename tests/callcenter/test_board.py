from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from accounts.roles import Role
from callcenter.board import ROWS_A_SECTION, read_board
from callcenter.calls import answer, hang_up, identify
from interventions.lifecycle import advance, note_event, take_over
from interventions.models import Intervention, Status
from tests.factories import (
    NOW,
    AnsweredCallFactory,
    CallbackFactory,
    CallFactory,
    DwellingFactory,
    EquipmentFactory,
    IncidentFactory,
    InterventionFactory,
    LandlordFactory,
    PersonFactory,
    ResidenceFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def agent():
    return UserFactory()


def job(**changes):
    return InterventionFactory(**{"suggested_on_site_by": NOW + timedelta(hours=1)} | changes)


def shown(board):
    return {section.key: [found.pk for found in section.jobs] for section in board.sections}


def fingerprint(agent, now=NOW):
    return read_board(agent, now=now).fingerprint


def test_each_open_intervention_is_in_one_section(agent):
    late = job(suggested_on_site_by=NOW - MINUTE, owner=agent)
    mine = job(owner=agent, status=Status.DISPATCHED)
    to_send = [job(owner=UserFactory(), status=status) for status in (Status.RECEIVED, Status.REOPENED)]
    arrived_late = job(suggested_on_site_by=NOW - 2 * MINUTE, status=Status.ON_SITE)
    job(status=Status.CLOSED)
    assert shown(read_board(agent, now=NOW)) == {
        "emergencies": [],
        "overdue": [late.pk],
        "mine": [mine.pk],
        "to_send": [found.pk for found in to_send],
        "under_way": [arrived_late.pk],
    }


def test_the_nearest_promise_comes_first(agent):
    third, first, second = (job(suggested_on_site_by=NOW + wait * MINUTE) for wait in (30, 10, 20))
    assert shown(read_board(agent, now=NOW))["to_send"] == [first.pk, second.pk, third.pk]


def test_a_row_tells_what_where_how_urgent_and_how_old(agent):
    residence = ResidenceFactory(name="Les Lilas")
    dwelling = DwellingFactory(residence=residence, staircase="B", floor="3", door="12")
    found = job(
        residence=residence,
        dwelling=dwelling,
        opened_at=NOW - 50 * MINUTE,
        suggested_on_site_by=NOW + 10 * MINUTE,
    )
    common = job(residence=residence, opened_at=NOW - 10 * MINUTE, suggested_on_site_by=NOW + 50 * MINUTE)
    _, _, _, to_send, _ = read_board(agent, now=NOW).sections
    first, second = to_send.jobs
    assert (first.reference, first.place) == (found.reference, "Les Lilas, esc. B, étage 3, porte 12")
    assert (first.problem, first.urgency) == ("Fuite sur un tuyau ou un robinet", "soon")
    assert (first.elapsed, first.target) == (50, 60)
    assert (second.pk, second.place, second.urgency) == (common.pk, "Les Lilas, parties communes", "")


@pytest.mark.parametrize(
    ("status", "due", "urgency"),
    [
        (Status.QUALIFIED, -MINUTE, "late"),
        (Status.QUALIFIED, 14 * MINUTE, "soon"),
        (Status.QUALIFIED, 15 * MINUTE, ""),
        (Status.ON_SITE, -MINUTE, ""),
    ],
)
def test_urgency_is_about_those_who_still_wait(agent, status, due, urgency):
    job(status=status, suggested_on_site_by=NOW + due, opened_at=NOW - timedelta(hours=1))
    [found] = [found for section in read_board(agent, now=NOW).sections for found in section.jobs]
    assert found.urgency == urgency


def test_the_telephone_shows_what_rings_and_my_own_call_first(agent):
    ringing = CallFactory(started_at=NOW - 5 * MINUTE)
    mine = AnsweredCallFactory(agent=agent)
    hang_up(mine, now=NOW + MINUTE)  # its outcome is still to give
    AnsweredCallFactory()  # a colleague talks
    CallFactory(ended_at=NOW, outcome="missed")
    board = read_board(agent, now=NOW)
    assert [call.pk for call in board.calls] == [mine.pk, ringing.pk]
    assert board.my_call
    assert board.my_call.pk == mine.pk
    assert read_board(UserFactory(), now=NOW).my_call is None


def test_callbacks_and_incidents_wait_in_order(agent):
    second, first = (CallbackFactory(promised_at=NOW + wait * MINUTE) for wait in (20, 10))
    CallbackFactory(done_at=NOW)
    incident = IncidentFactory()
    job(incident=incident, residence=incident.residence)
    job(incident=incident, residence=incident.residence, status=Status.CLOSED)
    IncidentFactory(closed_at=NOW)
    board = read_board(agent, now=NOW)
    assert [callback.pk for callback in board.callbacks] == [first.pk, second.pk]
    assert [(found.pk, found.size) for found in board.incidents] == [(incident.pk, 1)]
    assert board.telephone_count == 2


def test_a_long_section_says_how_many_it_hides(agent):
    for _ in range(ROWS_A_SECTION + 3):
        job()
    _, _, _, to_send, _ = read_board(agent, now=NOW).sections
    assert (len(to_send.jobs), to_send.count, to_send.hidden) == (ROWS_A_SECTION, ROWS_A_SECTION + 3, 3)


def test_a_quiet_night_says_so(agent):
    assert read_board(agent, now=NOW).is_quiet
    CallbackFactory()
    assert not read_board(agent, now=NOW).is_quiet


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.AGENT, Role.SUPERVISOR)])
def test_whoever_is_not_of_the_desk_has_no_board(role):
    CallFactory()
    job()
    IncidentFactory()
    assert not read_board(UserFactory(), now=NOW).is_quiet
    with pytest.raises(PermissionDenied):
        read_board(UserFactory(role=role), now=NOW)


@pytest.mark.parametrize("rows", [1, 3, 300])
def test_four_queries_however_much_there_is(agent, rows, django_assert_num_queries):
    residence = ResidenceFactory()
    for _ in range(rows):
        CallFactory(landlord=residence.landlord)
        CallbackFactory(owner=agent)
        lift = EquipmentFactory(residence=residence)
        IncidentFactory(residence=residence, equipment=lift, opened_by=agent)
        job(residence=residence, dwelling=DwellingFactory(residence=residence), owner=agent)
    with django_assert_num_queries(4):
        board = read_board(agent, now=NOW)
        told = [f"{call.landlord}" for call in board.calls]
        told += [f"{callback.landlord} {callback.owner}" for callback in board.callbacks]
        told += [f"{incident.residence} {incident.problem.label} {incident.size}" for incident in board.incidents]
    assert len(told) == 3 * min(rows, ROWS_A_SECTION)


# The fingerprint ------------------------------------------------------------------------------------------------------


@pytest.fixture
def busy(agent):
    """One of each kind, so that each may change."""
    intervention = job(suggested_on_site_by=NOW + timedelta(seconds=20))
    incident = IncidentFactory(residence=intervention.residence)
    return {
        "intervention": intervention,
        "incident": incident,
        "call": CallFactory(),
        "mine": AnsweredCallFactory(agent=agent),
        "callback": CallbackFactory(),
    }


CHANGES = {
    "an intervention is opened": lambda rows: job(),
    "one advances": lambda rows: advance(
        rows["intervention"], to=Status.CANCELLED, by=UserFactory(), now=NOW, version=1, reason="Doublon."
    ),
    "one is taken over": lambda rows: take_over(
        rows["intervention"], seen_owner=rows["intervention"].owner_id, by=UserFactory(), now=NOW
    ),
    "one joins an incident": lambda rows: Intervention.objects.update(incident=rows["incident"]),
    "an incident is opened": lambda rows: IncidentFactory(),
    "a call rings": lambda rows: CallFactory(),
    "a colleague answers": lambda rows: answer(rows["call"], by=UserFactory(), now=NOW),
    "the caller hangs up": lambda rows: hang_up(rows["mine"], now=NOW),
    "the landlord is told": lambda rows: identify(
        rows["mine"], caller=None, on_behalf_of=None, relation="", by=rows["mine"].agent, landlord=LandlordFactory()
    ),
    "a callback is promised": lambda rows: CallbackFactory(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_fingerprint_changes_with_what_is_shown(agent, busy, change):
    before = fingerprint(agent)
    assert fingerprint(agent) == before
    change(busy)
    assert fingerprint(agent) != before


def test_it_changes_when_a_promise_passes_and_with_each_minute(agent, busy):
    before = fingerprint(agent)
    assert fingerprint(agent, now=NOW + timedelta(seconds=19)) == before
    assert fingerprint(agent, now=NOW + timedelta(seconds=21)) != before
    assert fingerprint(agent, now=NOW + MINUTE) != fingerprint(agent, now=NOW + timedelta(seconds=21))


UNSEEN = {
    "an ended intervention": lambda rows: job(status=Status.CLOSED),
    "a line of the log": lambda rows: note_event(Intervention.objects.all(), now=NOW + MINUTE),
    "a colleague's call": lambda rows: AnsweredCallFactory(),
    "a person": lambda rows: PersonFactory(),
    "a callback that is done": lambda rows: CallbackFactory(done_at=NOW),
    "a closed incident": lambda rows: IncidentFactory(closed_at=NOW),
}


@pytest.mark.parametrize("change", UNSEEN.values(), ids=UNSEEN)
def test_it_stays_while_nothing_shown_changes(agent, busy, change):
    before = fingerprint(agent)
    change(busy)
    assert fingerprint(agent) == before
