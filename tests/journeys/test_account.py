"""From a tenant reference to an account, to what is held: on a phone, with and without JavaScript."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.roles import Role
from interventions import account_opening, identity_documents, subscriptions
from interventions.models import Status, Subscription
from privacy import consent
from privacy.models import ConsentEvent
from privacy.outbox import sms
from tests.factories import (
    InterventionFactory,
    LogEntryFactory,
    PersonFactory,
    PhoneFactory,
    TenancyFactory,
    UserFactory,
)
from tests.journeys.test_every_page import AXE, SERIOUS, TOO_WIDE
from tests.outbox import deliver_all
from tests.signing_in import PASSWORD, user_with_password

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def tenancy():
    person = PersonFactory(family_name="Delmotte", given_name="Claire", email="claire@exemple.example")
    PhoneFactory(person=person, number="+33612345678")
    tenancy = TenancyFactory(person=person, reference="LOC-4711")
    InterventionFactory(
        occupant=person, opened_at=timezone.now(), status=Status.CLOSED, description="La baignoire fuit"
    )
    return tenancy


@pytest.fixture(autouse=True)
def worker(monkeypatch):
    """The journeys' server has no worker beside it: the test is the worker, and answers at once."""
    asked = []
    monkeypatch.setattr("interventions.tasks.send_opening_code.delay", asked.append)
    return asked


def code_by_text(asked: list[str]) -> str:
    account_opening.send_code(asked.pop(), now=timezone.now())
    return delivered(sms.outbox)


def delivered(box: list[Any]) -> str:
    deliver_all(timezone.now() + timedelta(seconds=1))
    text = getattr(box[-1], "text", None) or box[-1].body
    return re.findall(r"\b\d{6}\b", text)[0]


def sees(page: Page, heading: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)


@pytest.mark.parametrize(("width", "javascript"), [(390, True), (1440, False)], ids=["390", "1440-no script"])
def test_from_the_reference_to_my_data(visitor, site, tenancy, worker, javascript, width):
    page = visitor(viewport={"width": width, "height": 900}, java_script_enabled=javascript)
    page.goto(f"{site}/portail/ouvrir/")
    page.get_by_label("Votre bailleur", exact=True).select_option(label=tenancy.landlord.name)
    page.get_by_label("Votre référence de locataire").fill("loc 4711")
    page.get_by_label("Par SMS").check()
    page.get_by_role("button", name="Recevoir un code").click()
    sees(page, "Votre code")
    page.get_by_label("Code à six chiffres").fill(code_by_text(worker))
    page.get_by_role("button", name="Continuer").click()
    sees(page, "Bonjour DELMOTTE Claire")
    page.get_by_label("Votre adresse e-mail").fill("claire@ailleurs.example")
    page.get_by_label("Choisissez un mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Ouvrir mon compte").click()

    deliver_all(timezone.now() + timedelta(seconds=1))
    link = re.search(r"http\S+", mail.outbox[-1].body)[0]
    page.goto(site + re.sub(r"^https?://[^/]+", "", link))
    if page.get_by_role("button", name="Confirmer").count():
        page.get_by_role("button", name="Confirmer").click()
    page.goto(f"{site}/portail/")
    if page.get_by_label("Mot de passe").count():
        page.get_by_label("Adresse e-mail").fill("claire@ailleurs.example")
        page.get_by_label("Mot de passe").fill(PASSWORD)
        page.get_by_role("button", name="Se connecter").click()
    page.goto(f"{site}/portail/mes-donnees/")
    sees(page, "Mes données")
    page.get_by_role("link", name="Vos demandes", exact=True).click()
    expect(page.get_by_text("La baignoire fuit")).to_be_visible()
    expect(page.get_by_text("Effacé le").first).to_be_visible()


@pytest.mark.parametrize(("width", "javascript"), [(390, True), (1440, False)], ids=["390", "1440-no script"])
def test_my_account_and_my_consents(visitor, site, tenancy, javascript, width):
    user = user_with_password(role=Role.TENANT, person=tenancy.person)
    page = visitor(viewport={"width": width, "height": 900}, java_script_enabled=javascript)
    come_in(page, site, user)
    page.get_by_role("link", name="Mon compte").first.click()
    page.get_by_role("link", name="Changer 06").click()
    page.get_by_label("Votre numéro de portable").fill("06 98 76 54 32")
    page.get_by_role("button", name="Recevoir le code").click()
    page.get_by_label("Code à six chiffres").fill(delivered(sms.outbox))
    page.get_by_role("button", name="Confirmer").click()
    expect(page.get_by_text("C’est changé.")).to_be_visible()
    assert [phone.number for phone in tenancy.person.phones.all()] == ["+33698765432"]

    page.get_by_role("link", name="Mes accords").click()
    switch = page.get_by_role("switch", name="Vous demander votre avis")
    expect(switch).to_have_attribute("aria-checked", "false")
    switch.click()
    expect(page.get_by_role("switch", name="Vous demander votre avis")).to_have_attribute("aria-checked", "true")
    page.get_by_role("switch", name="Vous demander votre avis").click()
    expect(page.get_by_role("switch", name="Vous demander votre avis")).to_have_attribute("aria-checked", "false")
    assert [event.answer for event in ConsentEvent.objects.order_by("pk")] == ["given", "withdrawn"]


def come_in(page: Page, site: str, user: User) -> None:
    page.goto(f"{site}/connexion/?next=/portail/")
    page.get_by_label("Adresse e-mail").fill(user.email)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()
    page.wait_for_url(f"{site}/portail/")


@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1440, "light")])
def test_every_page_of_the_account_fits_and_can_be_read_by_all(visitor, site, tenancy, width, theme):
    person, now = tenancy.person, timezone.now()
    user = user_with_password(role=Role.TENANT, person=person)
    LogEntryFactory(intervention=person.interventions.get(), at=now, text="Rappelée à 3 h. " * 20)
    consent.give(person, purpose="surveys", channel="portal", by=None, now=now)
    consent.give(person, purpose="recording", channel="phone", by=None, now=now)
    asked = subscriptions.ask(person, landlord=tenancy.landlord, now=now)
    subscriptions.ask_who(asked, by=UserFactory(role=Role.SUPERVISOR), now=now)
    page = visitor(viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce")
    page.goto(f"{site}/portail/ouvrir/")
    wrong = complaints(page, "/portail/ouvrir/")
    come_in(page, site, user)
    for address in (
        "compte/",
        "compte/joindre/",
        "compte/telephone/",
        "compte/adresse/",
        "accords/",
        "mes-donnees/",
        "mes-donnees/interventions.intervention/",
        "mes-donnees/callcenter.logentry/",
        "abonnement/",
        f"abonnement/{asked.pk}/piece/",
    ):
        page.goto(f"{site}/portail/{address}")
        wrong += complaints(page, address)
    assert wrong == []


def complaints(page: Page, address: str) -> list[str]:
    page.evaluate(AXE)
    return [f"{address}: {found}" for found in (*page.evaluate(TOO_WIDE), *page.evaluate(SERIOUS))]


def test_an_identity_document_is_sent_from_a_phone(visitor, site, tenancy):
    now = timezone.now()
    asked = subscriptions.ask(tenancy.person, landlord=tenancy.landlord, now=now)
    subscriptions.ask_who(asked, by=UserFactory(role=Role.SUPERVISOR), now=now)
    page = visitor(viewport=PHONE)
    come_in(page, site, user_with_password(role=Role.TENANT, person=tenancy.person))
    page.goto(f"{site}/portail/abonnement/")
    page.get_by_role("link", name="Envoyer ma pièce d’identité").click()
    page.get_by_label("Quelle pièce").select_option("passport")
    page.get_by_label("Photo ou PDF").set_input_files(
        {"name": "piece.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 passeport"}
    )
    page.get_by_role("button", name="Envoyer", exact=True).click()
    expect(page.get_by_text("Elle attend d’être vérifiée")).to_be_visible()
    document = Subscription.objects.get().identity_documents.get()
    assert b"".join(identity_documents.clear_pieces(document)) == b"%PDF-1.7 passeport"
