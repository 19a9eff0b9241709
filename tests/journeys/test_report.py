"""Reporting a problem from a phone: signed in or by a link, with JavaScript and without, over a line that breaks."""

from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, ViewportSize, expect

from accounts.roles import Role
from interventions.models import Intervention, PersonalLink, Photo, Status
from interventions.personal_links import issue_link
from tests.factories import DwellingFactory, ResidenceFactory, TenancyFactory
from tests.interventions.portal.pictures import phone_photo
from tests.journeys.test_every_page import AXE, SERIOUS, TOO_WIDE, heard
from tests.journeys.test_sign_in import enter
from tests.signing_in import user_with_password

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = ViewportSize(width=390, height=844)
SIZES = (PHONE, ViewportSize(width=1440, height=900))
VISITS = ((SIZES[0], True), (SIZES[1], False))  # and whether scripts run there


@pytest.fixture
def tenancy():
    dwelling = DwellingFactory(residence=ResidenceFactory(name="Les Hortensias"), staircase="B", floor="3", door="12")
    tenancy = TenancyFactory(dwelling=dwelling)
    tenancy.person.email = "camille@exemple.example"
    tenancy.person.save()
    return tenancy


@pytest.fixture
def picture(tmp_path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(phone_photo())
    return path


def goes_on(page: Page, heading: str) -> None:
    page.get_by_role("button", name="Continuer").click()
    sees(page, heading)


def sees(page: Page, heading: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)


def choose(page: Page, name: str) -> None:
    page.get_by_label(name, exact=True).check()


def open_link(page: Page, site: str, person) -> None:
    token = issue_link(person, purpose=PersonalLink.Purpose.REPORT, by=None, now=timezone.now())
    page.goto(f"{site}/portail/lien/{token}/")
    page.get_by_role("button", name="Continuer").click()


def open_signed_in(page: Page, site: str, person) -> None:
    enter(page, site, user_with_password(role=Role.TENANT, email="camille@exemple.example", person=person).email)
    page.get_by_role("link", name="Signaler un problème").click()


@pytest.mark.parametrize(("size", "scripts"), VISITS, ids=["390", "1440-no script"])
@pytest.mark.parametrize("arrive", [open_signed_in, open_link], ids=["signed in", "by link"])
def test_from_a_phone_to_the_desk(visitor, site, tenancy, picture, scripts, arrive, size):
    page = visitor(viewport=size, java_script_enabled=scripts)
    complaints = heard(page)
    arrive(page, site, tenancy.person)
    page.get_by_role("button", name="Commencer").click()
    sees(page, "Pour qui")
    choose(page, "Pour moi, ou pour mon logement")
    goes_on(page, "Où est le problème")
    choose(page, "Cuisine")
    goes_on(page, "Que se passe-t-il")
    choose(page, "Fuite sur un tuyau ou un robinet")
    goes_on(page, "oui ou par non")
    page.get_by_role("link", name="Retour").click()
    sees(page, "Que se passe-t-il")
    goes_on(page, "oui ou par non")
    expect(page.get_by_text("Fermez le robinet d’arrêt")).to_be_visible()
    for answer in page.get_by_label("Non", exact=True).all():
        answer.check()
    goes_on(page, "Montrez-nous")
    page.get_by_label("Ce que vous voyez").fill("Goutte à goutte sous l’évier.")
    page.locator("input[type=file]").set_input_files(picture)
    if not scripts:
        page.get_by_role("button", name="Envoyer ces photos").click()
    expect(page.get_by_alt_text("Votre photo 1")).to_be_visible()
    expect(page.get_by_label("Ce que vous voyez")).to_have_value("Goutte à goutte sous l’évier.")
    goes_on(page, "Quand pouvons-nous venir")
    choose(page, "Le samedi")
    goes_on(page, "Vérifiez et envoyez")
    expect(page.get_by_text("Goutte à goutte sous l’évier.")).to_be_visible()
    expect(page.get_by_alt_text("Votre photo 1")).to_be_visible()
    page.get_by_role("button", name="Envoyer ma demande").click()
    sees(page, "Votre demande est arrivée")

    intervention = Intervention.objects.get()
    expect(page.get_by_text(intervention.reference)).to_be_visible()
    assert (intervention.status, intervention.problem_code) == (Status.RECEIVED, "leak_pipe")
    assert intervention.photos.count() == 1
    assert complaints == []


def test_a_photo_leaves_when_the_network_is_back(visitor, site, tenancy, picture):
    page = visitor(viewport=PHONE)
    at_the_photos(page, site, tenancy)
    page.get_by_label("Ce que vous voyez").fill("Goutte à goutte.")
    page.context.set_offline(True)
    page.locator("input[type=file]").set_input_files(picture)
    expect(page.get_by_text("Le réseau ne répond pas")).to_be_visible()
    assert not Photo.objects.exists()
    page.context.set_offline(False)
    expect(page.get_by_alt_text("Votre photo 1")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("Le réseau ne répond pas")).to_be_hidden()
    expect(page.get_by_label("Ce que vous voyez")).to_have_value("Goutte à goutte.")
    page.reload()
    expect(page.get_by_alt_text("Votre photo 1")).to_be_visible()
    page.get_by_role("button", name="Retirer la photo 1").click()
    expect(page.get_by_alt_text("Votre photo 1")).to_have_count(0)
    assert not Photo.objects.exists()


def test_what_is_no_photo_is_told_and_the_others_are_kept(visitor, site, tenancy, picture, tmp_path):
    text = tmp_path / "notes.jpg"
    text.write_text("Pas une photo")
    page = visitor(viewport=PHONE)
    at_the_photos(page, site, tenancy)
    page.locator("input[type=file]").set_input_files([text, picture])
    expect(page.get_by_alt_text("Votre photo 1")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("n’est pas une photo")
    assert Photo.objects.count() == 1


def at_the_photos(page: Page, site: str, tenancy) -> None:
    open_link(page, site, tenancy.person)
    page.get_by_role("button", name="Commencer").click()
    choose(page, "Pour moi, ou pour mon logement")
    goes_on(page, "Où")
    choose(page, "Cuisine")
    goes_on(page, "Que se passe-t-il")
    choose(page, "Fuite sur un tuyau ou un robinet")
    goes_on(page, "oui ou par non")
    for answer in page.get_by_label("Non", exact=True).all():
        answer.check()
    goes_on(page, "Montrez-nous")


def test_each_page_is_fit_to_be_seen(visitor, site, tenancy, picture):
    page = visitor(viewport=PHONE)
    look(page, f"{site}/portail/lien/")
    look(page, f"{site}/portail/lien/demande/")
    open_link(page, site, tenancy.person)
    look(page)
    page.get_by_role("button", name="Commencer").click()
    choose(page, "Pour quelqu’un d’autre")
    page.get_by_role("button", name="Continuer").click()
    look(page)
    choose(page, "Pour moi, ou pour mon logement")
    goes_on(page, "Où")
    choose(page, "Tout le logement, ou sa porte")
    look(page)
    goes_on(page, "Que se passe-t-il")
    choose(page, "Odeur de gaz")
    look(page)
    goes_on(page, "appelez maintenant")
    look(page)
    page.get_by_role("link", name="Je ne peux pas téléphoner").click()
    sees(page, "oui ou par non")
    for answer in page.get_by_label("Non", exact=True).all():
        answer.check()
    look(page)
    goes_on(page, "Montrez-nous")
    page.locator("input[type=file]").set_input_files(picture)
    expect(page.get_by_alt_text("Votre photo 1")).to_be_visible()
    look(page)
    goes_on(page, "Quand")
    choose(page, "Le samedi")
    look(page)
    goes_on(page, "Vérifiez")
    look(page)
    page.goto(f"{site}/portail/signaler/")
    look(page)
    page.get_by_role("button", name="Reprendre").click()
    page.get_by_role("button", name="Envoyer ma demande").click()
    sees(page, "est arrivée")
    look(page)


def look(page: Page, address: str = "") -> None:
    """Narrow and wide, light and dark: nothing scrolls sideways, nothing is out of somebody's reach."""
    if address:
        page.goto(address)
    page.evaluate(AXE)
    for size in SIZES:
        page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert page.evaluate(TOO_WIDE) == [], (page.url, size)
            assert page.evaluate(SERIOUS) == [], (page.url, size, scheme)
    page.set_viewport_size(PHONE)
