"""Three in the morning: water through a ceiling, from the first ring to the closed intervention."""

import re

import pytest
from playwright.sync_api import expect

from callcenter.models import Call
from interventions.models import DialledNumber, Intervention, Status
from tests.factories import (
    AccessCodeFactory,
    PersonFactory,
    PhoneFactory,
    ProviderFactory,
    ResidenceFactory,
    TenancyFactory,
)
from tests.journeys.desk import Desk, in_minutes, make_agent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def leak():
    """An absent tenant, the daughter who calls for her, and a plumber."""
    residence = ResidenceFactory(name="Les Hortensias", landlord__name="Habitat du Cambrésis")
    DialledNumber.objects.create(landlord=residence.landlord, number="+33327000001")
    AccessCodeFactory(residence=residence, label="Digicode", code="12A34")
    tenant = PersonFactory(family_name="Delattre", given_name="Simone")
    TenancyFactory(person=tenant, dwelling__residence=residence, dwelling__door="12")
    daughter = PersonFactory(family_name="Lesage", given_name="Lucie")
    PhoneFactory(person=daughter, number="+33612345678")
    ProviderFactory(name="Plomberie Wallez")
    return tenant, daughter


@pytest.mark.parametrize("keys", [True, False], ids=["by keyboard", "without JavaScript"])
def test_the_leak_of_the_night(visitor, site, leak, keys):
    tenant, daughter = leak
    page = visitor(java_script_enabled=keys)
    desk = Desk(page, site, keys=keys)
    desk.sign_in(make_agent("Nadia Benali"))

    desk.ring(call="1", number="06 12 34 56 78", dialled="03 27 00 00 01")
    if keys:
        expect(page.locator(".board")).to_contain_text("Sonne")  # nobody reloaded the page
        page.keyboard.press("j")
        page.keyboard.press("Enter")
    else:
        page.reload()
        page.locator(".board a.job").first.click()
    desk.sees(re.compile("06.12.34.56.78 appelle Habitat du Cambrésis"))
    desk.act("d")
    expect(page.locator(".say")).to_contain_text("Je note votre nom")
    desk.act("g")
    expect(page.locator(".say")).to_contain_text("Acceptez-vous que cet appel soit enregistré")
    page.get_by_role("button", name="Refuse").click()
    expect(page.locator("#main")).to_contain_text("Refuse l’enregistrement")

    page.locator("form", has_text="LESAGE Lucie").get_by_role("button", name="Appelle", exact=True).click()
    expect(page.locator("dl.facts").first).to_contain_text("LESAGE Lucie")
    page.locator("#who").focus() if not keys else page.keyboard.press("p")
    page.keyboard.type("delatre simone")
    page.keyboard.press("Enter")
    found = page.locator("form", has_text="DELATTRE Simone")
    found.get_by_role("combobox").select_option("relative")
    found.get_by_role("button", name="On appelle pour elle").click()
    expect(page.locator("dl.facts").first).to_contain_text("un proche appelle")
    expect(page.locator("#aside")).to_contain_text("Les Hortensias")

    page.locator("#entry-text").focus() if not keys else page.keyboard.press("e")
    page.keyboard.type("L’eau tombe dans la cuisine depuis une heure.")
    page.get_by_label("Nature de la ligne").select_option("tenant")
    page.get_by_role("button", name="Écrire").click()
    expect(page.locator(".timeline")).to_contain_text("L’eau tombe dans la cuisine")
    expect(page.locator("body")).not_to_contain_text("12A34")

    desk.act("i")
    desk.sees("Ouvrir une intervention")
    page.get_by_label("Problème").select_option("leak_ceiling")
    if not keys:
        desk.act("s")
    flows = page.get_by_role("group", name="L’eau coule-t-elle sans s’arrêter")
    flows.get_by_text("Oui").click()
    if keys:
        expect(page.locator("#script")).to_contain_text("oui : urgence")
    else:
        desk.act("s")
    expect(page.locator("#script")).to_contain_text("Mettez une bassine")
    page.get_by_role("radio", name="Urgent", exact=True).check()
    page.get_by_label("Pourquoi s’en écarter").fill("L’arrivée d’eau vient d’être coupée")
    if keys:
        page.keyboard.press("Alt+o")
    else:
        desk.act("o")

    desk.sees("Fuite d’eau par le plafond")
    expect(page.locator("#live")).to_contain_text("L’arrivée d’eau vient d’être coupée")
    expect(page.locator("#aside")).to_contain_text("12A34")
    desk.act("t")
    page.get_by_role("radio", name="Plomberie Wallez").check()
    page.locator("#step").get_by_role("button", name="Transmettre").click()
    desk.is_at("Transmise")
    desk.act("a")
    desk.is_at("Acceptée")
    desk.act("r")
    page.get_by_label("Rendez-vous, début").fill(f"{in_minutes(30):%Y-%m-%dT%H:%M}")
    page.get_by_label("Rendez-vous, fin").fill(f"{in_minutes(90):%Y-%m-%dT%H:%M}")
    page.locator("#step").get_by_role("button", name="Rendez-vous").click()
    desk.is_at("Rendez-vous pris")
    for key, state in (("s", "Sur place"), ("f", "Faite"), ("c", "Close")):
        desk.act(key)
        desk.is_at(state)
    expect(page.locator("body")).not_to_contain_text("12A34")

    if keys:
        page.keyboard.press("j")
        page.keyboard.press("Enter")
    else:
        page.locator(".board a.job").first.click()
    desk.sees(re.compile("06.12.34.56.78"))
    page.get_by_label("Issue de l’appel").select_option("intervention")
    page.keyboard.press("Alt+t") if keys else desk.act("t")
    desk.is_told("Appel terminé.")
    expect(page.locator(".board")).to_contain_text("Rien n’attend")

    call, intervention = Call.objects.get(), Intervention.objects.get()
    assert (call.caller, call.on_behalf_of, call.relation) == (daughter, tenant, "relative")
    assert (call.outcome, call.intervention) == (Call.Outcome.INTERVENTION, intervention)
    assert (intervention.status, intervention.occupant) == (Status.CLOSED, tenant)
    assert (intervention.suggested_priority, intervention.priority) == ("emergency", "urgent")
