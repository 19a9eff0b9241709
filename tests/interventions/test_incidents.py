from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from callcenter.logbook import write_entry
from callcenter.models import LogEntry
from callcenter.thread import read_thread
from interventions.incidents import AlreadyOpen, EquipmentElsewhere, IncidentClosed, close_incident, open_incident
from interventions.lifecycle import MissingDetail, attach_to_incident
from interventions.models import Incident, Intervention, Status
from interventions.problems import PROBLEMS_BY_CODE
from tests.concurrency import meanwhile
from tests.factories import (
    NOW,
    EquipmentFactory,
    IncidentFactory,
    InterventionFactory,
    ResidenceFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

LIFT = PROBLEMS_BY_CODE["lift_down"]
LATER = NOW + timedelta(hours=2)


def lift_down(residence, **changes):
    return InterventionFactory(residence=residence, problem_code=LIFT.code, **changes)


def test_it_gathers_the_open_interventions_of_its_residence_with_its_problem():
    residence = ResidenceFactory()
    members = {lift_down(residence), lift_down(residence, status=Status.ON_SITE)}
    lift_down(residence, status=Status.CLOSED)
    lift_down(ResidenceFactory())
    InterventionFactory(residence=residence, problem_code="leak_pipe")
    other = lift_down(residence, incident=IncidentFactory(residence=residence, problem_code="no_water"))

    agent = UserFactory()
    incident = open_incident(LIFT, residence=residence, equipment=None, by=agent, now=NOW)
    assert set(incident.interventions.all()) == members
    assert (incident.opened_by, incident.opened_at, incident.problem) == (agent, NOW, LIFT)
    other.refresh_from_db()
    assert other.incident != incident


def opened(residence, equipment=None):
    return open_incident(LIFT, residence=residence, equipment=equipment, by=UserFactory(), now=NOW)


def test_one_failure_has_one_open_incident_and_two_lifts_have_two():
    residence = ResidenceFactory()
    odd, even = (EquipmentFactory(residence=residence) for _ in range(2))
    whole, first, second = opened(residence), opened(residence, odd), opened(residence, even)
    for equipment in (None, odd):
        with pytest.raises(AlreadyOpen, match="déjà ouvert pour cette panne"):
            opened(residence, equipment)
    assert set(Incident.objects.open()) == {whole, first, second}

    close_incident(first, reason="Réparé.", by=UserFactory(), now=LATER)
    assert opened(residence, odd) != first


@pytest.mark.parametrize("with_equipment", [False, True])
def test_the_database_refuses_a_second_open_incident_too(with_equipment):
    first = IncidentFactory()
    if with_equipment:
        first = IncidentFactory(equipment=EquipmentFactory(residence=first.residence), residence=first.residence)
    with pytest.raises(IntegrityError, match="incident_once_while_open"), transaction.atomic():
        IncidentFactory(residence=first.residence, equipment=first.equipment)


def test_equipment_of_elsewhere_is_refused():
    with pytest.raises(EquipmentElsewhere, match="autre résidence"):
        opened(ResidenceFactory(), EquipmentFactory())
    assert not Incident.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_open_it_at_the_same_instant_one_does():
    residence, agent = ResidenceFactory(), UserFactory()
    told = meanwhile(
        lambda: open_incident(LIFT, residence=residence, equipment=None, by=agent, now=NOW),
        lambda: open_incident(LIFT, residence=residence, equipment=None, by=agent, now=NOW),
    )
    assert isinstance(told, AlreadyOpen)
    assert Incident.objects.count() == 1


@pytest.mark.parametrize("status", [status for status in Status if status not in ("closed", "refused", "cancelled")])
def test_closing_it_closes_a_member_in_any_state(status):
    incident, agent = IncidentFactory(), UserFactory()
    member = lift_down(incident.residence, incident=incident, status=status)
    assert close_incident(incident, reason="Ascenseur remis en service.", by=agent, now=LATER) == 1
    member.refresh_from_db()
    assert (member.status, member.closed_at) == (Status.CLOSED, LATER)
    told = member.transitions.get()
    assert (told.by, told.reason) == (agent, "Ascenseur remis en service.")
    incident.refresh_from_db()
    assert incident.closed_at == LATER


def test_members_that_had_ended_and_others_stay_as_they_are():
    incident = IncidentFactory()
    ended = lift_down(incident.residence, incident=incident, status=Status.CANCELLED)
    outside = lift_down(incident.residence)
    assert close_incident(incident, reason="Réparé.", by=UserFactory(), now=LATER) == 0
    ended.refresh_from_db()
    outside.refresh_from_db()
    assert (ended.status, outside.status) == (Status.CANCELLED, Status.QUALIFIED)


def test_all_members_close_or_none():
    incident = IncidentFactory()
    members = [lift_down(incident.residence, incident=incident) for _ in range(3)]
    with pytest.raises(MissingDetail):
        close_incident(incident, reason="", by=UserFactory(), now=LATER)
    assert Intervention.objects.open().filter(pk__in=[member.pk for member in members]).count() == 3
    assert Incident.objects.open().filter(pk=incident.pk).exists()


def test_the_second_to_close_it_is_told():
    incident = IncidentFactory()
    close_incident(incident, reason="Réparé.", by=UserFactory(), now=LATER)
    with pytest.raises(IncidentClosed, match="déjà clos"):
        close_incident(incident, reason="Réparé.", by=UserFactory(), now=LATER)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_close_it_at_the_same_instant_one_does():
    incident, first, second = IncidentFactory(), UserFactory(), UserFactory()
    member = lift_down(incident.residence, incident=incident)
    told = meanwhile(
        lambda: close_incident(incident, reason="Réparé.", by=first, now=LATER),
        lambda: close_incident(incident, reason="Réparé.", by=second, now=LATER),
    )
    assert isinstance(told, IncidentClosed)
    assert member.transitions.get().by == first


@pytest.mark.django_db(transaction=True)
def test_nobody_joins_it_while_it_closes():
    incident, agent = IncidentFactory(), UserFactory()
    late = lift_down(incident.residence)
    told = meanwhile(
        lambda: close_incident(incident, reason="Réparé.", by=agent, now=LATER),
        lambda: attach_to_incident(late, incident=incident),
    )
    assert isinstance(told, MissingDetail)
    late.refresh_from_db()
    assert late.incident is None


@pytest.mark.django_db(transaction=True)
def test_who_joined_just_before_it_closed_is_closed_with_it():
    incident, agent = IncidentFactory(), UserFactory()
    late = lift_down(incident.residence)
    assert (
        meanwhile(
            lambda: attach_to_incident(late, incident=incident),
            lambda: close_incident(incident, reason="Réparé.", by=agent, now=LATER),
        )
        == 1
    )
    late.refresh_from_db()
    assert late.status == Status.CLOSED


def test_what_is_written_on_it_reaches_each_of_its_interventions():
    incident = IncidentFactory()
    first, second = (lift_down(incident.residence, incident=incident) for _ in range(2))
    stranger = lift_down(incident.residence)
    entry = write_entry(
        incident, kind=LogEntry.Kind.INCIDENT, text="Technicien sur place.", by=UserFactory(), now=LATER
    )
    for intervention in (first, second):
        assert [line.pk for line in read_thread(intervention) if line.kind] == [entry.pk]
        intervention.refresh_from_db()
        assert intervention.last_event_at == LATER
    assert read_thread(stranger) == []
