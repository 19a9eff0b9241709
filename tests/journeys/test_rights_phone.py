"""A caller exercises their rights: what the agent writes down, what is done at once, and a priority looked at again."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.roles import Role
from interventions.models import Status
from interventions.problems import Priority
from privacy import consent
from privacy.models import RightsRequest
from tests.factories import InterventionFactory, PersonFactory, PhoneFactory, TenancyFactory
from tests.journeys.desk import Desk, in_minutes, make_agent

pytestmark = pytest.mark.django_db(transaction=True)

NUMBER = "+33612345678"


@pytest.fixture
def person():
    tenant = TenancyFactory(person=PersonFactory(family_name="Delvaux")).person
    return PhoneFactory(number=NUMBER, person=tenant).person


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "none"])
def test_a_caller_takes_a_consent_back_and_asks_for_a_copy(visitor, site, person, scripts):
    agent = make_agent("Nadia Benali")
    consent.give(person, purpose="surveys", channel="phone", by=agent, now=timezone.now())
    desk = Desk(visitor(java_script_enabled=scripts), site, keys=scripts)
    desk.sign_in(agent)
    page = desk.page
    page.goto(f"{site}/console/personnes/{person.pk}/")
    page.get_by_role("link", name="Exercer un droit").click()
    page.get_by_role("link", name=re.compile("Retirer")).click()
    page.get_by_label(re.compile("avis", re.IGNORECASE)).check()
    page.get_by_label("Je sais que c’est cette personne").check()
    page.get_by_role("button", name="Enregistrer la demande").click()
    expect(page.get_by_text("C’est déjà fait.")).to_be_visible()
    assert not consent.is_given(person, purpose="surveys")

    page.goto(f"{site}/console/personnes/{person.pk}/droit/?droit=access")
    page.get_by_label("Cherchez-vous quelque chose de précis").fill("Mes appels de mai")
    page.get_by_role("button", name="Enregistrer la demande").click()
    request = RightsRequest.objects.get(right="access")
    expect(page.locator(".say")).to_contain_text(request.reference)
    expect(page.locator(".say")).to_contain_text("au plus tard")
    expect(page.locator(".say")).to_contain_text("Nous vérifions d’abord")


def test_a_stranger_is_written_down_by_name_and_number(visitor, site):
    desk = Desk(visitor(), site)
    desk.sign_in(make_agent("Nadia Benali"))
    page = desk.page
    page.goto(f"{site}/console/droits/nouvelle/?droit=access")
    page.get_by_label("Nom de qui demande").fill("Anne Lefebvre")
    page.get_by_label("Numéro pour lui répondre").fill("06 12 34 56 78")
    page.get_by_role("button", name="Enregistrer la demande").click()
    expect(page.locator(".say")).to_contain_text("Votre demande porte la référence")
    request = RightsRequest.objects.get()
    assert (request.person, request.requester_name, request.reply_to) == (None, "Anne Lefebvre", NUMBER)


def test_a_priority_is_looked_at_again_by_another_eye(visitor, site, person):
    now = timezone.now()
    intervention = InterventionFactory(
        occupant=person, opened_at=now, suggested_on_site_by=in_minutes(240), status=Status.QUALIFIED
    )
    asked = RightsRequest.objects.create(
        person=person,
        right="automated_decision",
        received_on=now.date(),
        identity="signed_in",
        wish="Mon fils a froid.",
    )
    asked.reviews.create(suggestion="priority", object_id=intervention.pk, asked_at=now)
    desk = Desk(visitor(), site)
    desk.sign_in(make_agent("Claire Renard", role=Role.SUPERVISOR))
    page = desk.page
    page.locator("#reviews").get_by_role("link", name=re.compile(intervention.reference)).click()
    desk.sees("Revoir la priorité")
    expect(page.locator("#main")).to_contain_text("Mon fils a froid.")
    page.get_by_role("radio", name="Urgence").check()
    page.get_by_label("Pourquoi").fill("Un enfant est sans chauffage.")
    page.get_by_role("button", name="Répondre").click()
    desk.is_told("la personne a sa réponse")
    intervention.refresh_from_db()
    asked.refresh_from_db()
    assert intervention.priority == Priority.EMERGENCY
    assert "Un enfant est sans chauffage." in asked.letters.get().text
    assert asked.answered_at
