"""One lift stands still, and six of its tower's tenants call, one after the other."""

import re

import pytest
from playwright.sync_api import expect

from callcenter.models import Call
from interventions.models import DialledNumber, Incident, Intervention, Status, Transition
from interventions.problems import Trade
from tests.factories import PersonFactory, PhoneFactory, ProviderFactory, ResidenceFactory, TenancyFactory
from tests.journeys.desk import Desk, make_agent

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = ("DELATTRE", "LESAGE", "WATTEAU", "CARPENTIER", "DHAENE", "MERLIER")


@pytest.fixture
def tower():
    residence = ResidenceFactory(name="Tour Fénelon", landlord__name="Habitat du Cambrésis")
    DialledNumber.objects.create(landlord=residence.landlord, number="+33327000001")
    for number, name in enumerate(NAMES):
        tenant = PersonFactory(family_name=name)
        PhoneFactory(person=tenant, number=f"+3361234560{number}")
        TenancyFactory(person=tenant, dwelling__residence=residence, dwelling__door=str(number))
    ProviderFactory(name="Ascenseurs Wallez", trades=[Trade.LIFT])
    return residence


def answer(desk, number):
    """The tenant of that door calls, and is known by the telephone."""
    desk.ring(call=str(number), number=f"+3361234560{number}", dialled="03 27 00 00 01")
    desk.page.locator(".board a.job", has_text="Sonne").click()
    desk.sees(re.compile("appelle Habitat du Cambrésis"))
    desk.act("d")
    caller = desk.page.locator("form", has_text=NAMES[number])
    caller.get_by_role("button", name="Appelle", exact=True).click()
    expect(desk.page.locator("dl.facts").first).to_contain_text(NAMES[number])


def report(desk, *, incident):
    desk.act("i")
    desk.sees("Ouvrir une intervention")
    desk.page.get_by_label("Problème").select_option("lift_down")
    expect(desk.page.get_by_role("button", name="Ouvrir l’intervention")).to_be_visible()
    if incident:
        expect(desk.page.get_by_label("Incident en cours").locator("option:checked")).to_have_text("Ascenseur en panne")
    desk.page.keyboard.press("Alt+o")
    desk.sees("Ascenseur en panne")


def hang_up(desk):
    desk.page.locator(".board a.job", has_text="En ligne").click()
    desk.sees(re.compile("appelle Habitat du Cambrésis"))
    desk.page.get_by_label("Issue de l’appel").select_option("intervention")
    desk.page.keyboard.press("Alt+t")
    desk.is_told("Appel terminé.")


def test_six_callers_one_incident_one_lift_engineer(visitor, site, tower):
    desk = Desk(visitor(), site)
    desk.sign_in(make_agent("Nadia Benali"))
    answer(desk, 0)
    report(desk, incident=False)
    first = desk.page.url
    hang_up(desk)

    desk.page.goto(f"{site}/console/residences/{tower.pk}/")
    desk.act("u")
    desk.page.get_by_label("Problème").select_option("lift_down")
    desk.page.locator("#main").get_by_role("button", name="Ouvrir l’incident").click()
    desk.is_told("Incident ouvert.")
    sheet, waiting = desk.page.url, desk.page.locator("#main .result")
    expect(waiting).to_have_count(1)

    for number in range(1, 6):
        answer(desk, number)
        report(desk, incident=True)
        hang_up(desk)
    desk.page.goto(sheet)
    expect(waiting).to_have_count(6)
    for name in NAMES:
        expect(waiting.filter(has_text=name)).to_have_count(1)
    incident = Incident.objects.get()
    assert Call.objects.filter(intervention__incident=incident, outcome=Call.Outcome.INTERVENTION).count() == 6

    desk.page.goto(first)
    desk.act("t")
    desk.page.get_by_role("radio", name="Ascenseurs Wallez").check()
    desk.page.locator("#step").get_by_role("button", name="Transmettre").click()
    desk.is_at("Transmise")

    desk.page.goto(sheet)
    desk.page.get_by_label("Pourquoi").fill("Ascenseur remis en service")
    desk.page.get_by_role("button", name="Clore l’incident et ses interventions").click()
    desk.is_told("Incident clos, avec 6 interventions.")
    incident.refresh_from_db()
    assert incident.closed_at
    assert [job.status for job in Intervention.objects.all()] == [Status.CLOSED] * 6
    assert Transition.objects.filter(to_status=Status.DISPATCHED).count() == 1
    expect(desk.page.locator(".board")).to_contain_text("Rien n’attend")
