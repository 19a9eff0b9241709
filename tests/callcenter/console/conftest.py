from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from tests.factories import NOW, UserFactory


@pytest.fixture(autouse=True)
def night() -> Iterator[None]:
    """A Tuesday at 22:30 in Paris, the hour of the factories' rows."""
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def agent(db: None) -> User:
    return UserFactory(full_name="Nadia Benali")


@pytest.fixture
def colleague(db: None) -> User:
    return UserFactory(full_name="Marc Wattelet")


@pytest.fixture
def console(agent: User) -> Client:
    return signed_in(agent)


@pytest.fixture
def colleague_console(colleague: User) -> Client:
    return signed_in(colleague)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
