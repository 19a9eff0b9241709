"""
The authorization matrix: every address × every role × GET and POST, as `authorization.txt` declares it.

An address that the table does not have fails, and so does one that it has too many. A tenant gets 404 for what is a
neighbour's or a stranger's.
"""

from pathlib import Path
from shutil import rmtree

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from accounts.roles import Role
from tests.sofratel.test_doors import addresses
from tests.world import World, make_world

pytestmark = pytest.mark.django_db

ROLES = (None, *Role)
METHODS = ("get", "post")
# Each has a world of its own.
SECTIONS = ("admin/", "console/", "bailleur/", "portail/", "compte/", "")
# These end or change the session they are asked with.
SESSION_ENDS = ("admin/log", "deconnexion/", "compte/", "connexion/", "portail/lien/")


def read_table() -> dict[tuple[str, Role | None, str], int]:
    expected = {}
    for line in (Path(__file__).parent / "authorization.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            address, *statuses = line.split()
            columns = [(role, method) for method in METHODS for role in ROLES]
            for (role, method), status in zip(columns, statuses, strict=True):
                expected[address.removeprefix("/"), role, method] = int(status)
    return expected


EXPECTED = read_table()
REAL = list(dict.fromkeys(address for address, _ in addresses()))


def test_every_address_is_declared_and_every_declared_one_exists():
    declared = {address for address, _, _ in EXPECTED}
    assert sorted(set(REAL) - declared) == []
    assert sorted(declared - set(REAL)) == []


def section_of(address: str) -> str:
    return next(section for section in SECTIONS if address.removeprefix("^").startswith(section))


class Visitors:
    """A browser for each role, and one for nobody in particular. Nothing of what they do stays."""

    def __init__(self, world: World) -> None:
        self.users = world.users
        self.browsers = {role: self.browser(role) for role in ROLES}

    def browser(self, role: Role | None) -> Client:
        client = Client()
        if role is not None:
            client.force_login(self.users[role])
        return client

    def ask(self, path: str, role: Role | None, method: str) -> int:
        """The status of one request."""
        with transaction.atomic():
            ends = path.removeprefix("/").startswith(SESSION_ENDS)
            client = self.browser(role) if ends else self.browsers[role]
            status: int = getattr(client, method)(path).status_code
            transaction.set_rollback(True)
        rmtree(settings.LEDGER_ROOT, ignore_errors=True)  # which no rollback reaches
        return status


@pytest.mark.parametrize("section", SECTIONS)
def test_each_role_gets_what_the_table_says(section):
    world = make_world()
    visitors = Visitors(world)
    asked = {key: status for key, status in EXPECTED.items() if section_of(key[0]) == section}
    got = {key: visitors.ask(world.path(key[0]), *key[1:]) for key in asked}
    wrong = [f"{status}, not {asked[key]}: {key}" for key, status in got.items() if status != asked[key]]
    assert wrong == []


@pytest.mark.parametrize("whose", [0, 1], ids=["neighbour", "stranger"])
def test_what_is_somebody_elses_is_not_there(whose):
    world = make_world()
    visitors = Visitors(world)
    own, anothers = {}, {}
    for address in filter(world.is_somebodys, REAL):
        for method in METHODS:
            if EXPECTED[address, Role.TENANT, method] not in (404, 405):
                own[address, method] = visitors.ask(world.path(address), Role.TENANT, method)
                theirs = world.path(address, world.others[whose])
                anothers[address, method] = visitors.ask(theirs, Role.TENANT, method)
    assert set(own.values()) == {200, 302, 422}
    assert {asked: status for asked, status in anothers.items() if status != 404} == {}
