"""A statement that is written once says the same as one written anew, whomever it is about and whatever stands."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.merging import merge_people
from privacy.registry import registry
from privacy.rights.gather import Whole
from tests.factories import InterventionFactory, PersonFactory, UserFactory
from tests.interventions.portal.test_my_data import add_requests, one_of_everything

pytestmark = pytest.mark.django_db

ABOUT_PEOPLE = [dataset for dataset in registry.datasets.values() if dataset.subjects]


def said(rows):
    return [{name: value for name, value in vars(row).items() if name != "_state"} for row in rows]


def same(person, *, now):
    """How many rows there were, the same in both."""
    found = 0
    for dataset in ABOUT_PEOPLE:
        fast, plain = (
            said(rows) for rows in (Whole(person).fetched(dataset, now=now), Whole(person).rows(dataset, now=now))
        )
        assert fast == plain, dataset.name
        found += len(fast)
    return found


def test_for_one_person_after_the_other():
    now = timezone.now()
    first, second, nobody = PersonFactory(), PersonFactory(), PersonFactory()
    one_of_everything(first)
    InterventionFactory(occupant=second, opened_at=now)
    whole = same(first, now=now)
    assert whole > len(ABOUT_PEOPLE) // 2
    assert (same(second, now=now), same(nobody, now=now), same(first, now=now)) == (2, 1, whole)


def test_with_all_that_may_hold_rows_back(open_hold):
    now, person = timezone.now(), PersonFactory()
    rows = one_of_everything(person)
    before = same(person, now=now)
    assert same(person, now=now) == before
    add_requests(person, now=now)
    open_hold(rows[0])
    assert same(person, now=now) > before
    same(person, now=now + timedelta(days=500))


def test_over_several_records():
    now, person, other = timezone.now(), PersonFactory(), PersonFactory()
    merge_people(person, other, by=UserFactory(), now=now)
    InterventionFactory(occupant=other, opened_at=now)
    assert same(person, now=now) > 2
