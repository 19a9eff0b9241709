from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.test import Client

from accounts.models import Person
from accounts.roles import Role
from interventions.models import Intervention, PersonalLink
from interventions.personal_links import issue_link
from tests.factories import NOW, PersonFactory, UserFactory


@pytest.fixture
def night() -> Iterator[None]:
    """A Tuesday at 22:30 in Paris, the hour of the factories' rows."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def tenant(db: None) -> Person:
    return PersonFactory(family_name="Delvaux", given_name="Inès")


@pytest.fixture
def portal(tenant: Person) -> Client:
    return signed_in_as(tenant)


def signed_in_as(person: Person) -> Client:
    client = Client()
    client.force_login(UserFactory(role=Role.TENANT, person=person, email=f"tenant{person.pk}@exemple.example"))
    return client


@pytest.fixture
def holder_of() -> Callable[[Person, Intervention], Client]:
    """The client of somebody without an account who opened their link to follow an intervention."""

    def holder(person: Person, intervention: Intervention) -> Client:
        follow = PersonalLink.Purpose.FOLLOW
        token = issue_link(person, purpose=follow, intervention=intervention, by=None, now=NOW)
        client = Client()
        assert client.post(f"/portail/lien/{token}/").status_code == 302
        return client

    return holder
