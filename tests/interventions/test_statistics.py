from datetime import UTC, date, datetime, timedelta

import pytest

from interventions.incidents import close_incident
from interventions.lifecycle import advance
from interventions.models import Intervention, MonthlyFigure, Status
from interventions.statistics import Figure, count_ended, recount
from privacy.retention.purge import purge
from tests.concurrency import meanwhile
from tests.factories import NOW, IncidentFactory, InterventionFactory, LandlordFactory, ResidenceFactory, UserFactory

pytestmark = pytest.mark.django_db


def end(intervention, to=Status.CLOSED, *, now=NOW):
    return advance(
        intervention, to=to, by=UserFactory(), now=now, version=intervention.version, reason="Demandé par le gardien."
    )


def figures():
    rows = MonthlyFigure.objects.exclude(count=0).values_list(*Figure._fields, "count")
    return {Figure(*row[:4]): row[4] for row in rows}


def test_what_ends_is_counted_by_landlord_month_trade_and_outcome():
    residence = ResidenceFactory()
    for problem, to in (
        ("leak_pipe", Status.CLOSED),
        ("leak_ceiling", Status.CLOSED),
        ("leak_pipe", Status.CANCELLED),
        ("lift_down", Status.CLOSED),
    ):
        end(InterventionFactory(residence=residence, problem_code=problem), to)
    InterventionFactory(residence=residence)

    landlord, month = residence.landlord_id, date(2026, 3, 1)
    assert figures() == {
        Figure(landlord, month, "plumbing", "closed"): 2,
        Figure(landlord, month, "plumbing", "cancelled"): 1,
        Figure(landlord, month, "lift", "closed"): 1,
    }
    assert figures() == recount(Intervention.objects.all())


@pytest.mark.parametrize(
    ("at", "month"),
    [
        (datetime(2026, 3, 31, 21, 59, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 3, 31, 22, 0, tzinfo=UTC), date(2026, 4, 1)),  # midnight in Paris, in summer
        (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), date(2026, 12, 1)),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_a_month_is_one_of_paris(at, month):
    end(InterventionFactory(), now=at)
    assert [figure.month for figure in figures()] == [month]
    assert figures() == recount(Intervention.objects.all())


def test_what_is_reopened_counts_when_it_ends_again():
    intervention = end(InterventionFactory())
    assert sum(figures().values()) == 1
    intervention = end(intervention, Status.REOPENED, now=NOW + timedelta(days=30))
    assert figures() == {}
    end(intervention, Status.CANCELLED, now=NOW + timedelta(days=40))
    assert [(figure.month, figure.outcome) for figure in figures()] == [(date(2026, 4, 1), "cancelled")]
    assert figures() == recount(Intervention.objects.all())


def test_an_incident_counts_all_that_it_closes():
    incident = IncidentFactory()
    for problem in ("lift_down", "leak_pipe", "lift_down"):
        InterventionFactory(residence=incident.residence, incident=incident, problem_code=problem)
    close_incident(incident, reason="Réparé.", by=UserFactory(), now=NOW)
    assert sorted(figures().values()) == [1, 2]
    assert figures() == recount(Intervention.objects.all())


def test_a_step_that_is_refused_counts_nothing():
    intervention = InterventionFactory()
    with pytest.raises(Exception, match="demande une raison"):
        advance(intervention, to=Status.CLOSED, by=UserFactory(), now=NOW, version=1)
    assert not MonthlyFigure.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_that_end_at_the_same_instant_both_count():
    residence = ResidenceFactory()
    first, second = (InterventionFactory(residence=residence, status=Status.CLOSED) for _ in range(2))
    assert meanwhile(lambda: count_ended(first), lambda: count_ended(second)) is None
    assert list(figures().values()) == [2]


@pytest.mark.django_db(transaction=True)
def test_figures_outlive_what_they_count():
    landlord = LandlordFactory()
    for _ in range(3):
        end(InterventionFactory(residence__landlord=landlord))
    before = figures()
    assert before == recount(Intervention.objects.all())

    purge(now=NOW + timedelta(days=500), commit=True)

    assert not Intervention.objects.exists()
    assert figures() == before != {}
