from datetime import date, timedelta

import pytest

from interventions.models import Intervention, Status
from interventions.problems import Priority
from interventions.surroundings import LAST, alerts_about, last_interventions
from privacy import objections
from privacy.models import Restriction
from privacy.rights import restriction
from tests.factories import (
    NOW,
    DwellingFactory,
    InterventionFactory,
    PersonFactory,
    ResidenceFactory,
    SafetyAlertFactory,
)

pytestmark = pytest.mark.django_db


def test_an_alert_appears_wherever_its_address_or_person_does():
    dwelling = DwellingFactory()
    neighbour = DwellingFactory(residence=dwelling.residence)
    person = PersonFactory()
    at_home = SafetyAlertFactory(residence=None, dwelling=dwelling)
    around = SafetyAlertFactory(residence=dwelling.residence)
    about = SafetyAlertFactory(residence=None, person=person)
    SafetyAlertFactory()

    def found(*place, **asked):
        return set(alerts_about(*place, **asked, on=around.starts_on))

    assert found(dwelling) == {at_home, around}
    assert found(neighbour) == {around}
    assert found(neighbour, person=person) == {around, about}
    assert found(dwelling.residence) == {at_home, around}
    assert found(person=person) == {about}
    assert found() == set()


def test_an_alert_appears_from_its_first_to_its_last_day():
    alert = SafetyAlertFactory(starts_on=date(2024, 1, 10), expires_on=date(2024, 1, 12))
    held = [day for day in range(8, 15) if alerts_about(alert.residence, on=date(2024, 1, day)) == [alert]]
    assert held == [10, 11, 12]


def test_what_an_alert_tells_is_read_in_one_query(django_assert_num_queries):
    alert = SafetyAlertFactory()
    with django_assert_num_queries(1):
        [found] = alerts_about(alert.residence, on=alert.starts_on)
        told = (found.get_kind_display(), found.instruction, found.expires_on)
    assert told == (alert.get_kind_display(), alert.instruction, alert.expires_on)


def test_the_last_ones_there_come_first_without_the_one_that_is_looked_at():
    dwelling = DwellingFactory()
    here = {"residence": dwelling.residence, "dwelling": dwelling}
    *older, last = (InterventionFactory(**here, opened_at=NOW + timedelta(minutes=each)) for each in range(LAST + 2))
    next_door = InterventionFactory(residence=dwelling.residence, opened_at=NOW + timedelta(days=1))
    InterventionFactory()
    assert last_interventions(dwelling) == [last, *older[::-1]][:LAST]
    assert last_interventions(dwelling, but=last) == older[::-1][:LAST]
    assert last_interventions(dwelling.residence)[:2] == [next_door, last]


def test_what_a_line_tells_is_read_in_one_query(django_assert_num_queries):
    found = InterventionFactory(status=Status.CLOSED)
    with django_assert_num_queries(1):
        [line] = last_interventions(found.residence)
        told = (line.reference, line.problem, line.status, line.opened_at, line.is_open)
    assert told == (found.reference, found.problem, Status.CLOSED, found.opened_at, False)


@pytest.mark.parametrize("role", ["occupant", "reported_by"])
def test_who_is_restricted_or_objected_to_a_history_is_not_remembered(role):
    person, residence = PersonFactory(), ResidenceFactory()
    InterventionFactory(residence=residence)
    for priority in (Priority.NORMAL, Priority.EMERGENCY):
        for status in (Status.RECEIVED, Status.CLOSED):
            InterventionFactory(residence=residence, suggested_priority=priority, status=status, **{role: person})

    def found():
        remembered = Intervention.objects.remembered().filter(residence=residence)
        assert set(last_interventions(residence)) == set(remembered)
        return len(remembered)

    assert found() == 5
    objection = objections.begin(person, purpose="history", request=None, now=NOW)
    assert found() == 3
    objections.override(objection, ground="litigation", now=NOW)
    assert found() == 5
    restriction.begin(person, reason=Restriction.Reason.ACCURACY, by=None, now=NOW)
    assert found() == 2
