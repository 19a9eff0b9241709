from datetime import timedelta

import pytest

from interventions.history import ROWS, last_interventions
from interventions.models import Status
from tests.factories import NOW, DwellingFactory, InterventionFactory

pytestmark = pytest.mark.django_db


def test_the_last_ones_there_come_first_without_the_one_that_is_looked_at():
    dwelling = DwellingFactory()
    here = {"residence": dwelling.residence, "dwelling": dwelling}
    *older, last = (InterventionFactory(**here, opened_at=NOW + timedelta(minutes=each)) for each in range(ROWS + 2))
    next_door = InterventionFactory(residence=dwelling.residence, opened_at=NOW + timedelta(days=1))
    InterventionFactory()
    assert last_interventions(dwelling) == [last, *older[::-1]][:ROWS]
    assert last_interventions(dwelling, but=last) == older[::-1][:ROWS]
    assert last_interventions(dwelling.residence)[:2] == [next_door, last]


def test_what_a_line_tells_is_read_in_one_query(django_assert_num_queries):
    found = InterventionFactory(status=Status.CLOSED)
    with django_assert_num_queries(1):
        [line] = last_interventions(found.residence)
        told = (line.reference, line.problem, line.status, line.opened_at, line.is_open)
    assert told == (found.reference, found.problem, Status.CLOSED, found.opened_at, False)
