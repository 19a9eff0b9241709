"""The first page on a slow line: what it weighs, how much is asked for, and that nothing jumps."""

import brotli
import pytest
from playwright.sync_api import Response

from accounts.roles import Role
from tests.journeys.test_every_address import sign_in
from tests.world import make_world

pytestmark = pytest.mark.django_db(transaction=True)

MOST_BYTES = 100 * 1024
MOST_REQUESTS = 12
MOST_SHIFT = 0.02
SHIFTS = """
    window.shifted = 0;
    new PerformanceObserver((list) => { for (const each of list.getEntries()) window.shifted += each.value; })
        .observe({type: "layout-shift", buffered: true});
"""
COMPRESSED_ALREADY = ("font/", "image/jpeg", "image/png")


def weight(response: Response) -> int:
    """In bytes as production sends it: files of ours compressed beforehand, pages as they are."""
    body, kind = response.body(), response.headers.get("content-type", "")
    is_file = "/static/" in response.url
    return len(body) if not is_file or kind.startswith(COMPRESSED_ALREADY) else len(brotli.compress(body))


@pytest.mark.parametrize("path", ["/", "/connexion/", "/portail/lien/", "/portail/"])
def test_the_first_page_is_light_and_still(visitor, site, path):
    page = visitor(viewport={"width": 390, "height": 844})
    page.add_init_script(SHIFTS)
    if path == "/portail/":
        sign_in(page, site, make_world().users[Role.TENANT])
    seen: list[Response] = []
    page.on("response", lambda response: seen.append(response))  # noqa: PLW0108  (a built-in will not do)
    page.goto(site + path, wait_until="networkidle")

    weights = {response.url.removeprefix(site): weight(response) for response in seen}
    assert sum(weights.values()) < MOST_BYTES, weights
    assert len(seen) <= MOST_REQUESTS, list(weights)
    assert page.evaluate("window.shifted") < MOST_SHIFT
