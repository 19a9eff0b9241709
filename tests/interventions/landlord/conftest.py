from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.roles import Role
from interventions.models import Status
from tests.factories import (
    DwellingFactory,
    InterventionFactory,
    LandlordFactory,
    PersonFactory,
    PhoneFactory,
    ResidenceFactory,
    TransitionFactory,
    UserFactory,
)


@pytest.fixture
def landlord():
    return LandlordFactory(name="Habitat du Cambrésis", code="habitat")


@pytest.fixture
def manager(landlord):
    user = UserFactory(role=Role.LANDLORD_MANAGER)
    landlord.managers.add(user)
    return user


@pytest.fixture
def client(manager):
    client = Client()
    client.force_login(manager)
    return client


@pytest.fixture
def tenant():
    person = PersonFactory(family_name="Delmotte", given_name="Éléonore")
    PhoneFactory(person=person, number="+33612345678")
    PhoneFactory(person=person, number="+33699999999", kind="relative")
    return person


@pytest.fixture
def job(landlord, tenant):
    """One that is open, with everything that must not be told written on it."""
    now = timezone.now()
    residence = ResidenceFactory(landlord=landlord, name="Les Tilleuls", sector="Cambrai")
    dwelling = DwellingFactory(residence=residence, floor="3", door="12")
    intervention = InterventionFactory(
        residence=residence,
        dwelling=dwelling,
        occupant=tenant,
        contact_number="+33612345678",
        description="Madame a peur du noir.",
        problem_code="leak_pipe",
        status=Status.ACCEPTED,
        opened_at=now - timedelta(hours=2),
        suggested_on_site_by=now + timedelta(hours=2),
    )
    agent = UserFactory(full_name="Nadia Benali")
    TransitionFactory(intervention=intervention, at=now - timedelta(hours=2), by=agent, reason="Signalé par la voisine")
    TransitionFactory(intervention=intervention, to_status="accepted", at=now - timedelta(hours=1))
    return intervention


@pytest.fixture
def elsewhere():
    """Another landlord's, with a residence and an intervention of its own."""
    residence = ResidenceFactory(name="Les Peupliers")
    return InterventionFactory(residence=residence, occupant=PersonFactory(family_name="Ailleurs"))
