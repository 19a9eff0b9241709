"""A tenant exercises each of the ten rights: on a phone, with and without JavaScript, with an account and without."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Person, User
from accounts.roles import Role
from interventions.models import Intervention, Status
from privacy import consent, objections
from privacy.models import Restriction, RightsRequest
from privacy.policy import RIGHTS
from privacy.retention.due import paris_day
from privacy.rights import access, packages, post_mortem, restriction, workflow
from privacy.rights.deadlines import due_on
from privacy.rights.workflow import Outcome, Right
from privacy.tasks import make_package
from sofratel.templatetags.french import day
from tests.factories import InterventionFactory, PersonFactory, TenancyFactory, UserFactory
from tests.journeys.test_every_page import AXE, SERIOUS, TOO_WIDE
from tests.outbox import deliver_all
from tests.signing_in import PASSWORD, user_with_password

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"width": 390, "height": 844}
SCRIPTS = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
LABELS = {right.key: right.label for right in RIGHTS}
Ask = Callable[[Page], object]


@pytest.fixture
def tenant() -> Person:
    person: Person = PersonFactory(family_name="Delmotte", given_name="Claire", email="claire@exemple.example")
    TenancyFactory(person=person, reference="LOC-4711")
    return person


@pytest.fixture
def repair(tenant: Person) -> Intervention:
    repair: Intervention = InterventionFactory(
        occupant=tenant, opened_at=timezone.now(), status=Status.QUALIFIED, description="La baignoire fuit"
    )
    return repair


@pytest.fixture
def portal(visitor, site, tenant):
    def portal(**options) -> Page:
        user: User = user_with_password(role=Role.TENANT, person=tenant)
        page = visitor(**{"viewport": PHONE} | options)
        page.goto(f"{site}/connexion/?next=/portail/")
        page.get_by_label("Adresse e-mail").fill(user.email)
        page.get_by_label("Mot de passe").fill(PASSWORD)
        page.get_by_role("button", name="Se connecter", exact=True).click()
        page.wait_for_url(f"{site}/portail/")
        return page

    return portal


def two_clicks(page: Page, right: str) -> None:
    page.get_by_role("link", name="Mes droits").click()
    page.get_by_role("link", name=LABELS[right]).last.click()
    sees(page, LABELS[right])


def sees(page: Page, heading: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)


def send(page: Page) -> None:
    page.get_by_role("button", name="Envoyer ma demande").click()


ASKED: dict[str, Ask] = {
    Right.INFORMATION: lambda page: page.get_by_label("Que voulez-vous savoir").fill("Qui écoute mes appels ?"),
    Right.ACCESS: lambda page: page.get_by_label("Cherchez-vous").fill("Mes appels de mai"),
    Right.RECTIFICATION: lambda page: page.get_by_label("Nom", exact=True).fill("Delmotte-Petit"),
    Right.ERASURE: lambda page: page.get_by_label("Vos appels enregistrés").check(),
    Right.OBJECTION: lambda page: page.get_by_label("Analyser le résultat des interventions").check(),
    Right.RESTRICTION: lambda page: page.get_by_label("Ces données sont fausses").check(),
    Right.PORTABILITY: lambda page: None,
}


@SCRIPTS
def test_rights_that_are_weighed(portal, site, tenant, javascript):
    """Two clicks, a form, and then: the reference, the day, what happens next."""
    page = portal(java_script_enabled=javascript)
    for right, ask in ASKED.items():
        page.goto(f"{site}/portail/")
        two_clicks(page, right)
        ask(page)
        send(page)
        sees(page, LABELS[right])
        request = RightsRequest.objects.get(right=right)
        assert request.person_id == tenant.pk
        expect(page.locator(".ref").first).to_have_text(request.reference)
        expect(page.locator(".say").first).to_contain_text(day(due_on(paris_day(timezone.now()))))
        expect(page.get_by_role("heading", name="Et ensuite")).to_be_visible()
    assert RightsRequest.objects.get(right=Right.RECTIFICATION).items.get().proposed == "Delmotte-Petit"
    assert RightsRequest.objects.get(right=Right.ERASURE).scope
    assert objections.is_stopped(tenant, purposes=["quality"])


@SCRIPTS
def test_what_stops_at_once(portal, site, tenant, javascript):
    consent.give(tenant, purpose="surveys", channel="portal", by=None, now=timezone.now())
    page = portal(java_script_enabled=javascript)
    two_clicks(page, Right.WITHDRAWAL)
    page.get_by_label("Demander votre avis").check()
    send(page)
    expect(page.get_by_text("Vous avez retiré votre accord")).to_be_visible()
    assert not consent.is_given(tenant, purpose="surveys")

    page.goto(f"{site}/portail/")
    two_clicks(page, Right.OBJECTION)
    page.get_by_label("Prospecter").check()
    send(page)
    expect(page.get_by_text("Vous vous êtes opposé")).to_be_visible()
    assert objections.is_stopped(tenant, purposes=["marketing"])


@SCRIPTS
def test_what_becomes_of_my_data_after_me(portal, tenant, javascript):
    page = portal(java_script_enabled=javascript)
    two_clicks(page, Right.POST_MORTEM)
    page.get_by_label("En remettre une copie à quelqu’un").check()
    page.get_by_label("Vos demandes d’intervention").check()
    page.get_by_label("La personne qui doit s’en charger").fill("Luc Delmotte")
    page.get_by_label("Où la joindre").fill("luc@exemple.example")
    page.get_by_role("button", name="Enregistrer mes directives").click()
    expect(page.locator(".say")).to_contain_text("Luc Delmotte")
    assert post_mortem.in_force(tenant).executor_name == "Luc Delmotte"
    page.get_by_role("button", name="Ne plus avoir de directives").click()
    expect(page.get_by_text("Vous n’avez pas de directives")).to_be_visible()
    assert post_mortem.in_force(tenant) is None


@SCRIPTS
def test_a_person_looks_again_at_what_a_script_suggested(portal, tenant, repair, javascript):
    page = portal(java_script_enabled=javascript)
    two_clicks(page, Right.AUTOMATED_DECISION)
    page.get_by_role("button", name="Faire revoir par une personne").click()
    expect(page.get_by_text("C’est demandé.")).to_be_visible()
    assert RightsRequest.objects.get().reviews.get().object_id == repair.pk


def test_the_copy_is_read_of_and_downloaded(portal, site, tenant, repair):
    now, dpo = timezone.now(), UserFactory(role=Role.DPO)
    page = portal()
    two_clicks(page, Right.PORTABILITY)
    send(page)
    sees(page, LABELS[Right.PORTABILITY])
    request = RightsRequest.objects.get()
    package = packages.prepare(request, by=dpo, now=now)
    make_package(package.pk)
    make_package(package.pk)
    workflow.decide(request, outcome=Outcome.GRANTED, by=dpo, now=now)
    access.execute(request, by=dpo, now=now)
    page.goto(f"{site}/portail/droits/demandes/{request.pk}/")
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger").click()
    assert download.value.suggested_filename == f"mes-donnees-{request.reference}.zip"
    page.reload()
    expect(page.get_by_text("La copie a été téléchargée")).to_be_visible()


def test_a_restricted_tenant_is_told_and_keeps_their_rights(portal, site, tenant, repair):
    page = portal()
    page.goto(f"{site}/portail/demandes/{repair.pk}/messages/")
    restriction.begin(tenant, reason=Restriction.Reason.ACCURACY, by=None, now=timezone.now())
    page.get_by_role("textbox").fill("Toujours rien")
    page.get_by_role("button", name="Envoyer").click()
    sees(page, "Vos données sont mises de côté")
    page.get_by_role("link", name="Mes droits").click()
    sees(page, "Mes droits")


@SCRIPTS
@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_without_an_account(visitor, site, tenant, javascript, known):
    page = visitor(viewport=PHONE, java_script_enabled=javascript)
    page.goto(f"{site}/")
    page.get_by_role("link", name="exercer vos droits").click()
    page.get_by_role("link", name=LABELS[Right.ACCESS]).click()
    page.get_by_label("Pour moi").check()
    page.get_by_label("Votre nom").fill("Claire Delmotte")
    page.get_by_label("Où vous répondre").fill("claire@exemple.example" if known else "claire@ailleurs.example")
    page.get_by_role("button", name="Recevoir un code").click()
    sees(page, "Votre code")
    assert not RightsRequest.objects.exists()
    deliver_all(timezone.now() + timedelta(seconds=1))
    page.get_by_label("Code à six chiffres").fill(re.findall(r"\b\d{6}\b", mail.outbox[-1].body)[0])
    send(page)
    sees(page, "Votre demande est arrivée")
    request = RightsRequest.objects.get()
    expect(page.locator(".ref").first).to_have_text(request.reference)
    assert request.person == (tenant if known else None)


@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1440, "light")])
def test_every_page_of_rights_fits_and_can_be_read_by_all(portal, site, tenant, repair, width, theme):
    page = portal(viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce")
    two_clicks(page, Right.ACCESS)
    send(page)
    wrong = complaints(page, "a request")
    for path in ("", *(f"{right.key}/" for right in RIGHTS)):
        for address in (f"/portail/droits/{path}", f"/confidentialite/droits/{path}"):
            page.goto(f"{site}{address}")
            wrong += complaints(page, address)
    assert wrong == []


def complaints(page: Page, address: str) -> list[str]:
    page.evaluate(AXE)
    return [f"{address}: {found}" for found in (*page.evaluate(TOO_WIDE), *page.evaluate(SERIOUS))]
