import os
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from pytest_django import Settings

from sofratel.embedded.services import running

SERVERS = pytest.StashKey[ExitStack]()


def pytest_configure(config: pytest.Config) -> None:
    """The session's own process starts the servers once; its parallel workers find them up."""
    if hasattr(config, "workerinput"):
        return
    config.stash[SERVERS] = ExitStack()
    config.stash[SERVERS].enter_context(running())
    config.pluginmanager.register(ToldAtOnce(config))


class ToldAtOnce:
    """Names what fails when it fails: a run that is cut short would never say."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.config.get_terminal_writer().line(f"\n{report.when} failed: {report.nodeid}")


def pytest_unconfigure(config: pytest.Config) -> None:
    if servers := config.stash.get(SERVERS, None):
        servers.close()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(testrun_uid: str, worker_id: str) -> None:
    """Two test runs at once have a database each. ``TEST_DATABASE=mine pytest --reuse-db`` keeps one for the next."""
    from django.conf import settings

    name = os.environ.get("TEST_DATABASE", testrun_uid[:8])
    settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = f"test_{name}_{worker_id}"


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    """Files go into a folder of the test's own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture(autouse=True)
def ledger(settings: Settings, tmp_path: Path) -> Path:
    """The journal of erasures begins with the test."""
    settings.LEDGER_ROOT = tmp_path / "ledger"
    return settings.LEDGER_ROOT


@pytest.fixture(autouse=True)
def no_texts() -> None:
    """Each test begins with no SMS sent, as Django sees to it for mails."""
    from privacy.outbox import sms

    sms.outbox.clear()


@pytest.fixture(autouse=True)
def cache_of_its_own(settings: Settings) -> None:
    """Tries at passwords and used codes are counted in the cache, which test runs share."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "KEY_PREFIX": uuid4().hex}}


@pytest.fixture
def client_factory() -> type:
    """One more browser: `client_factory()`."""
    from django.test import Client

    return Client


LONGEST = ("test_simulation.py", "test_killed.py", "test_canaries.py", "test_tokens.py", "test_every_address.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: the other processes do the rest meanwhile."""
    items.sort(key=lambda item: item.path.name not in LONGEST)
