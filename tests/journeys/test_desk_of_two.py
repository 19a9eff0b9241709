"""Colleagues at one desk, and what they leave to the next shift."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from interventions.models import Incident, Status
from tests.factories import CallbackFactory, InterventionFactory, ResidenceFactory
from tests.journeys.desk import Desk, in_minutes, make_agent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def night():
    """Rows of this night: the browser's clock is the real one."""
    now = timezone.now()
    return {"opened_at": now, "suggested_on_site_by": in_minutes(60)}


def test_what_one_does_the_other_sees_and_cannot_overwrite(visitor, site, night):
    intervention = InterventionFactory(**night, status=Status.DISPATCHED)
    nadia, marc = Desk(visitor(), site), Desk(visitor(), site)
    nadia.sign_in(make_agent("Nadia Benali"))
    marc.sign_in(make_agent("Marc Wattelet"))
    sheet = f"{site}/console/interventions/{intervention.pk}/"

    # Nadia is giving a reason when Marc takes the intervention a step further.
    nadia.page.goto(sheet)
    nadia.act("x")
    nadia.page.get_by_label("Pourquoi").fill("Le locataire a réparé")
    marc.page.goto(sheet)
    marc.act("a")
    marc.is_at("Acceptée")

    nadia.is_at("Acceptée")
    expect(nadia.page.locator(".board .job")).to_contain_text("Acceptée")
    expect(nadia.page.locator("#timeline")).to_contain_text("Marc Wattelet")
    expect(nadia.page.get_by_label("Pourquoi")).to_have_value("Le locataire a réparé")

    nadia.page.locator("#step").get_by_role("button", name="Annuler").click()
    expect(nadia.page.locator("#step")).to_contain_text("Marc Wattelet a modifié cette intervention entre-temps")
    expect(nadia.page.get_by_label("Pourquoi")).to_have_value("Le locataire a réparé")
    intervention.refresh_from_db()
    assert intervention.status == Status.ACCEPTED


def test_one_broken_lift_three_callers_closed_at_once(visitor, site, night):
    residence = ResidenceFactory(name="Tour Fénelon")
    callers = [InterventionFactory(**night, residence=residence, problem_code="lift_down") for _ in range(3)]
    desk = Desk(visitor(), site)
    desk.sign_in(make_agent("Nadia Benali"))

    desk.page.goto(f"{site}/console/residences/{residence.pk}/")
    desk.act("u")
    desk.page.get_by_label("Problème").select_option("lift_down")
    desk.page.locator("#main").get_by_role("button", name="Ouvrir l’incident").click()
    expect(desk.page.locator("#main .result")).to_have_count(3)
    desk.page.locator("#entry-text").fill("Pièce commandée, demain midi.")
    desk.page.get_by_role("button", name="Écrire").click()
    desk.page.locator("#main .result").first.click()
    expect(desk.page.locator("#timeline")).to_contain_text("Pièce commandée, demain midi.")

    desk.page.goto(f"{site}/console/incidents/{Incident.objects.get().pk}/")
    desk.page.get_by_label("Pourquoi").fill("Ascenseur remis en service")
    desk.page.get_by_role("button", name="Clore l’incident et ses interventions").click()

    desk.is_told("Incident clos, avec 3 interventions.")
    for caller in callers:
        caller.refresh_from_db()
    assert [caller.status for caller in callers] == [Status.CLOSED] * 3


def test_the_shift_is_handed_over(visitor, site, night):
    late = InterventionFactory(opened_at=night["opened_at"], suggested_on_site_by=in_minutes(-30))
    CallbackFactory(promised_at=in_minutes(15))
    desk = Desk(visitor(), site)
    desk.sign_in(make_agent("Nadia Benali"))
    desk.act("e")
    desk.page.keyboard.type("Badge de la tour Fénelon rendu au gardien.")
    desk.page.get_by_role("button", name="Écrire").click()
    expect(desk.page.locator(".timeline")).to_contain_text("Badge")

    desk.act("v")
    desk.sees("Relève")
    for words in ("Badge de la tour Fénelon", late.reference):
        expect(desk.page.locator("#main")).to_contain_text(words)
    expect(desk.page.locator("#aside")).to_contain_text("06 12 34 56 78".replace(" ", "\N{NO-BREAK SPACE}"))
    desk.page.get_by_role("button", name="Passer la relève").click()

    desk.is_told("Relève faite.")
    expect(desk.page.locator("#main")).not_to_contain_text("Badge de la tour Fénelon")
    expect(desk.page.locator("#main")).to_contain_text(late.reference)


def test_a_refused_form_is_shown_where_it_says_why(visitor, site, night):
    residence = InterventionFactory(**night).residence
    desk = Desk(visitor(viewport={"width": 1440, "height": 600}), site)
    desk.sign_in(make_agent("Nadia Benali"))

    desk.page.goto(f"{site}/console/interventions/nouvelle/?residence={residence.pk}&problem=leak_ceiling")
    desk.page.get_by_role("radio", name="Normal", exact=True).check()
    desk.page.keyboard.press("Alt+o")

    expect(desk.page.get_by_text("Dites pourquoi vous vous écartez")).to_be_in_viewport()


def test_a_line_being_written_is_not_lost_to_another_button(visitor, site):
    desk = Desk(visitor(), site)
    desk.sign_in(make_agent("Nadia Benali"))
    asked = []
    desk.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    desk.page.get_by_label("Ajouter une ligne").fill("Badge rendu")

    desk.page.get_by_role("link", name="Relève").first.click()
    expect(desk.page.get_by_label("Ajouter une ligne")).to_have_value("Badge rendu")
    assert asked == ["beforeunload"]

    desk.page.get_by_role("button", name="Écrire").click()
    expect(desk.page.locator(".timeline")).to_contain_text("Badge rendu")
    assert asked == ["beforeunload"]
