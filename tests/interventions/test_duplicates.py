import pytest

from interventions.duplicates import possible_duplicates
from interventions.models import Status
from interventions.problems import PROBLEMS_BY_CODE
from tests.factories import NOW, DwellingFactory, InterventionFactory, ResidenceFactory

pytestmark = pytest.mark.django_db

LEAK = PROBLEMS_BY_CODE["leak_ceiling"]


@pytest.fixture
def home():
    return DwellingFactory(staircase="B")


def open_in(dwelling, **changes):
    return InterventionFactory(residence=dwelling.residence, dwelling=dwelling, **changes)


def test_the_nearest_come_first_with_where_they_are(home):
    residence = home.residence
    common = InterventionFactory(residence=residence)
    staircase = open_in(DwellingFactory(residence=residence, staircase="B"))
    same = open_in(home)
    other_staircase = open_in(DwellingFactory(residence=residence, staircase="C"))
    found = possible_duplicates(LEAK, residence=residence, dwelling=home)
    assert [(item.intervention, item.where) for item in found[:2]] == [
        (same, "Même logement"),
        (staircase, "Même escalier"),
    ]
    assert {(item.intervention, item.where) for item in found[2:]} == {
        (common, "Même résidence"),
        (other_staircase, "Même résidence"),
    }


def test_of_equally_near_ones_the_latest_comes_first(home):
    earlier = open_in(home, opened_at=NOW.replace(hour=2))
    later = open_in(home)
    found = possible_duplicates(LEAK, residence=home.residence, dwelling=home)
    assert [item.intervention for item in found] == [later, earlier]


def test_dwellings_without_a_staircase_do_not_share_one():
    home = DwellingFactory(staircase="")
    open_in(DwellingFactory(residence=home.residence, staircase=""))
    [found] = possible_duplicates(LEAK, residence=home.residence, dwelling=home)
    assert found.where == "Même résidence"


def test_another_trade_a_closed_one_and_another_residence_are_left_out(home):
    kept = open_in(home, problem_code="blocked_drain")  # plumbing as well
    open_in(home, problem_code="lift_down")
    open_in(home, status=Status.CLOSED)
    InterventionFactory(residence=ResidenceFactory(landlord=home.residence.landlord))
    found = possible_duplicates(LEAK, residence=home.residence, dwelling=home)
    assert [item.intervention for item in found] == [kept]


def test_without_a_problem_yet_whatever_is_open_there_appears(home):
    lift, leak = open_in(home, problem_code="lift_down"), open_in(home)
    found = possible_duplicates(None, residence=home.residence, dwelling=home)
    assert {item.intervention for item in found} == {lift, leak}


def test_for_the_common_parts_all_of_the_residence_is_alike(home):
    intervention = open_in(home)
    [found] = possible_duplicates(LEAK, residence=home.residence, dwelling=None)
    assert (found.intervention, found.where) == (intervention, "Même résidence")


@pytest.mark.parametrize("rows", [1, 3, 30])
def test_one_query_and_five_at_most(home, rows, django_assert_num_queries):
    for _ in range(rows):
        open_in(home)
    with django_assert_num_queries(1):
        found = possible_duplicates(LEAK, residence=home.residence, dwelling=home)
        assert [item.intervention.dwelling.residence_id for item in found]
    assert len(found) == min(rows, 5)
