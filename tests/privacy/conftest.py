"""Holds, restrictions and requests as they stand in the database, for the tests of the engine."""

from datetime import timedelta

import pytest

from privacy.models import HoldItem, LegalHold, Restriction, RightsRequest
from tests.factories import NOW, TODAY, UserFactory


@pytest.fixture
def open_hold(db):
    def open_hold(*items, approved=True):
        opener, approver = UserFactory(), UserFactory()
        hold = LegalHold.objects.create(
            ground="Assignation devant le tribunal",
            opened_by=opener,
            opened_at=NOW,
            review_on=TODAY + timedelta(days=90),
            **({"approved_by": approver, "approved_at": NOW} if approved else {}),
        )
        HoldItem.objects.bulk_create(HoldItem(hold=hold, model=item._meta.label, object_id=item.pk) for item in items)
        return hold

    return open_hold


@pytest.fixture
def restrict(db):
    def restrict(person):
        return Restriction.objects.create(
            person=person, reason=Restriction.Reason.ACCURACY, started_at=NOW, started_by=UserFactory()
        )

    return restrict


@pytest.fixture
def ask(db):
    def ask(person):
        return RightsRequest.objects.create(person=person, right=RightsRequest.Right.ACCESS, received_on=TODAY)

    return ask
