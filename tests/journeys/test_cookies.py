"""Before an answer, after no, after yes and after its withdrawal: only needed cookies, and nobody else is asked."""

from urllib.parse import urlsplit

import pytest
from django.urls import URLPattern
from playwright.sync_api import Locator, Page, expect

from privacy.models import Visit
from privacy.navigation.choices import COOKIE
from privacy.navigation.cookies import KEPT
from tests.sofratel.test_doors import addresses, needs_login

pytestmark = pytest.mark.django_db(transaction=True)

EXEMPT = {each.name for each in KEPT if each.is_cookie}
STORED = {each.name for each in KEPT if not each.is_cookie}
NOT_PAGES = {"sante/", "favicon.ico", "langue/", "cookies/choix/"}


def is_page(address: str, pattern: URLPattern) -> bool:
    """Public, and the same for everybody: nothing in its address to be filled in."""
    return not needs_login(pattern) and not set(address) & set("<(^") and address not in NOT_PAGES


PAGES = sorted(f"/{address}" for address, pattern in addresses() if is_page(address, pattern))


class Crawl:
    """A browser that goes everywhere, and all that it asks for."""

    def __init__(self, page: Page, site: str) -> None:
        self.page, self.site, self.hosts = page, site, set()
        page.context.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))

    def kept(self) -> set[str]:
        """The names of all cookies after every page has been seen."""
        found = set()
        for address in PAGES:
            self.page.goto(self.site + address)
            found |= {cookie["name"] for cookie in self.page.context.cookies()}
            stored = set(self.page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]"))
            assert stored <= STORED, address
        assert self.hosts == {urlsplit(self.site).netloc}
        return found

    def click(self, address: str, button: str) -> None:
        self.page.goto(self.site + address)
        self.page.get_by_role("button", name=button, exact=True).click()


def test_there_are_pages_to_crawl():
    assert {"/", "/confidentialite/", "/cookies/"} <= {*PAGES}


@pytest.mark.parametrize("javascript", [True, False])
def test_only_what_is_needed_is_kept_and_nobody_else_is_asked(visitor, site, javascript):
    page = visitor(java_script_enabled=javascript)
    crawl = Crawl(page, site)

    before = crawl.kept()
    assert before <= EXEMPT - {COOKIE}
    assert not Visit.objects.exists()

    crawl.click("/", "Refuser")
    assert page.url == f"{site}/"
    expect(page.get_by_role("region", name="Cookies")).to_have_count(0)
    assert crawl.kept() == before | {COOKIE}
    assert not Visit.objects.exists()

    crawl.click("/cookies/", "Accepter")
    assert crawl.kept() == before | {COOKIE}
    seen = Visit.objects.count()
    assert seen >= len(PAGES) - 1  # the admin site's own door is not counted

    page.goto(f"{site}/confidentialite/")
    page.get_by_role("contentinfo").get_by_role("link", name="Cookies").click()
    page.get_by_role("button", name="Retirer mon accord").click()
    expect(page.get_by_text("Vous avez refusé")).to_be_visible()
    seen = Visit.objects.count()
    assert crawl.kept() == before | {COOKIE}
    assert Visit.objects.count() == seen


def bottom(element: Locator) -> float:
    box = element.bounding_box()
    return box["y"] + box["height"]


def test_the_banner_is_answered_by_keyboard_and_hides_nothing(visitor, site):
    page = visitor(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    page.goto(site)
    banner = page.get_by_role("region", name="Cookies")
    assert bottom(banner) <= page.locator("main").bounding_box()["y"]
    refuse, accept = (banner.get_by_role("button", name=name).bounding_box() for name in ("Refuser", "Accepter"))
    assert (refuse["width"], refuse["height"], refuse["y"]) == (accept["width"], accept["height"], accept["y"])
    moved = page.evaluate(
        "new Promise((done) => new PerformanceObserver((list) => done(list.getEntries().map((each) => each.value)))"
        ".observe({type: 'layout-shift', buffered: true}) || setTimeout(() => done([]), 300))"
    )
    assert sum(moved) < 0.01

    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Refuser":
            break
    page.keyboard.press("Enter")

    expect(page.get_by_role("region", name="Cookies")).to_have_count(0)
    assert {COOKIE} == {cookie["name"] for cookie in page.context.cookies()} - (EXEMPT - {COOKIE})
