"""Every address that shows somebody a page, from the site's own list: it fits, works, and can be read by all."""

from typing import Literal

import pytest
from django.test import Client
from playwright.sync_api import Page

from accounts.models import User
from accounts.roles import Role
from tests.journeys.test_every_page import AXE, SERIOUS, TOO_WIDE, heard
from tests.sofratel.test_authorization import EXPECTED, REAL
from tests.world import make_world

pytestmark = pytest.mark.django_db(transaction=True)


def reader_of(address: str) -> Role | None:
    """Nobody in particular where that will do, else the first role that is shown the page."""
    return next(role for role in (None, *Role) if EXPECTED[address, role, "get"] == 200)


PAGES = [address for address in REAL if 200 in [EXPECTED.get((address, role, "get")) for role in (None, *Role)]]


def sign_in(page: Page, site: str, user: User) -> None:
    client = Client()
    client.force_login(user)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}])


LOOKS: tuple[tuple[int, Literal["dark", "light"]], ...] = ((390, "dark"), (1440, "light"))


@pytest.mark.parametrize("reader", [None, *Role])
def test_every_page_can_be_read_by_all(visitor, site, reader):
    world = make_world()
    first = visitor(viewport={"width": 390, "height": 900}, reduced_motion="reduce")
    if reader is not None:
        sign_in(first, site, world.users[reader])
    wrong, looked_at = {}, 0
    for address in PAGES:
        if reader_of(address) == reader and is_page(first, site + world.path(address)):
            # A page of its own: what axe makes the browser complain of, afterwards, is nobody else's fault.
            page = first.context.new_page()
            if found := faults_of(page, site + world.path(address)):
                wrong[address] = found
            page.close()
            looked_at += 1
    assert "\n".join(f"{address}: {found}" for address, found in wrong.items()) == ""
    assert looked_at or reader not in {reader_of(address) for address in PAGES}


def faults_of(page: Page, url: str) -> list[str]:
    complaints = heard(page)
    found = []
    for width, theme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)
        if page.url != url:
            page.goto(url, wait_until="load")
            found += complaints
            page.evaluate(AXE)
        found += [f"{width}, {theme}: {fault}" for fault in [*page.evaluate(TOO_WIDE), *page.evaluate(SERIOUS)]]
    return found


def is_page(page: Page, url: str) -> bool:
    answer = page.request.get(url)
    return answer.status == 200 and "<!doctype html>" in answer.text()[:100].lower()
