"""Journeys are driven in a real browser: Debian's Chromium, or the one that Playwright installed."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from tests.journeys.desk import TOKEN

expect.set_options(timeout=45_000)  # what is waited for comes sooner, except on a machine that does much else

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    # Playwright runs an event loop in this thread, which Django takes for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    installed = [*filter(None, map(shutil.which, PROGRAMS)), playwright.chromium.executable_path]
    program = next(filter(os.path.exists, installed), None)
    if program is None:
        give_up = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        give_up("no Chromium found: install chromium")
    browser = playwright.chromium.launch(executable_path=program, chromium_sandbox=os.geteuid() != 0)
    yield browser
    browser.close()


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens the first page of one more person: no cookie of anybody else's."""
    with ExitStack() as contexts:

        def arrive(**options: Any) -> Page:
            context = browser.new_context(locale="fr-FR", timezone_id="Europe/Paris", **options)
            contexts.callback(context.close)
            return context.new_page()

        yield arrive


@pytest.fixture
def site(live_server: LiveServer, settings: Settings) -> str:
    settings.CTI_TOKEN = TOKEN
    return live_server.url
