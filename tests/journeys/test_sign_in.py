"""Signing in, in a browser: every page of it narrow and wide, light and dark; a passkey; and without JavaScript."""

import pytest
from playwright.sync_api import Page, expect

from accounts.roles import Role
from tests.factories import PersonFactory
from tests.journeys.test_every_page import AXE, SERIOUS, TOO_WIDE
from tests.signing_in import PASSWORD, code_now, user_with_password

pytestmark = pytest.mark.django_db(transaction=True)

OUTSIDE = (
    "/connexion/",
    "/connexion/ferme/",
    "/compte/ouvrir/",
    "/compte/adresse/a-confirmer/",
    "/compte/adresse/perime/",
    "/compte/mot-de-passe/oublie/",
    "/compte/mot-de-passe/oublie/envoye/",
    "/compte/mot-de-passe/oublie/change/",
    "/compte/mot-de-passe/oublie/1-perime/",
)
INSIDE = (
    "/compte/",
    "/compte/confirmer/",
    "/compte/adresse/",
    "/compte/mot-de-passe/",
    "/compte/second-facteur/",
    "/compte/second-facteur/application/",
    "/compte/second-facteur/cles/",
    "/compte/second-facteur/cles/ajouter/",
    "/compte/sessions/",
    "/compte/supprimer/",
    "/deconnexion/",
)
SIZES = {"narrow": {"width": 390, "height": 844}, "wide": {"width": 1440, "height": 900}}


def enter(page: Page, site: str, email: str) -> None:
    page.goto(f"{site}/connexion/")
    page.get_by_label("Adresse e-mail").fill(email)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()


def with_virtual_key(page: Page) -> None:
    """A telephone that says yes to whatever it is asked."""
    browser = page.context.new_cdp_session(page)
    browser.send("WebAuthn.enable")
    browser.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
            }
        },
    )


@pytest.mark.parametrize(("size", "theme"), [*zip(SIZES, ["dark", "light"], strict=True)])
def test_every_page_of_it_is_clean(site, visitor, size, theme):
    tenant = user_with_password(role=Role.TENANT, person=PersonFactory())
    page = visitor(viewport=SIZES[size], color_scheme=theme, bypass_csp=True)
    faults = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    found = []

    def look(path):
        page.goto(site + path)
        page.evaluate(AXE)
        found.extend((path, fault) for fault in page.evaluate(SERIOUS) + page.evaluate(TOO_WIDE))

    for path in OUTSIDE:
        look(path)
    enter(page, site, tenant.email)
    page.wait_for_url(lambda url: "/connexion/" not in url)
    for path in INSIDE:
        look(path)

    assert found == []
    assert faults == []


def test_new_staff_enrol_an_application_first_and_are_given_codes(site, visitor):
    agent = user_with_password(second_factor=False)
    page = visitor()
    violations = []
    page.on("console", lambda message: violations.append(message.text) if message.type == "error" else None)

    enter(page, site, agent.email)
    expect(page.get_by_text("il vous faut un second facteur")).to_be_visible()
    page.goto(f"{site}/console/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Second facteur")
    page.get_by_role("link", name="Application de codes").click()
    square = page.get_by_role("img", name="La clé ci-dessous")
    assert square.evaluate("image => image.complete && image.naturalWidth > 0")
    page.get_by_label("Code à six chiffres").fill(
        code_now(page.locator("figcaption code").inner_text().replace(" ", ""))
    )
    page.get_by_role("button", name="Relier l’application").click()
    page.get_by_role("button", name="Créer dix codes").click()
    expect(page.locator(".codes li")).to_have_count(10)
    page.get_by_role("link", name="C’est noté").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Mon poste")
    assert violations == []


def test_a_passkey_is_enrolled_then_opens_by_itself(site, visitor):
    site = site.replace("127.0.0.1", "localhost")  # a passkey belongs to a name
    tenant = user_with_password(role=Role.TENANT, person=PersonFactory())
    page = visitor()
    with_virtual_key(page)
    violations = []
    page.on("console", lambda message: violations.append(message.text) if message.type == "error" else None)

    enter(page, site, tenant.email)
    page.wait_for_url(lambda url: "/connexion/" not in url)
    page.goto(f"{site}/compte/second-facteur/cles/ajouter/")
    page.get_by_label("Me connecter avec elle seule").check()
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Codes de secours")
    page.goto(f"{site}/deconnexion/")
    page.get_by_role("main").get_by_role("button", name="Se déconnecter").click()
    page.goto(f"{site}/connexion/")
    page.get_by_role("button", name="Me connecter avec une clé d’accès").click()
    page.wait_for_url(lambda url: "/connexion/" not in url)
    page.goto(f"{site}/compte/")

    expect(page.get_by_text(tenant.email)).to_be_visible()
    assert violations == []


def test_without_javascript_everything_but_passkeys_works(site, visitor):
    agent = user_with_password()
    page = visitor(java_script_enabled=False)

    enter(page, site, agent.email)
    page.get_by_label("Code à six chiffres").fill(code_now())
    expect(page.get_by_role("button", name="Utiliser ma clé d’accès")).to_be_hidden()
    page.get_by_role("button", name="Se connecter").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Mon poste")
