"""Every page of the desk, narrow and wide, light and dark: nothing scrolls sideways, no error, nothing inaccessible."""

from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from accounts.roles import Role
from callcenter.models import LogEntry
from interventions.models import ComplaintMessage, Status
from interventions.watch import escalate
from tests.factories import (
    AccessCodeFactory,
    AnsweredCallFactory,
    CallbackFactory,
    CallFactory,
    ComplaintFactory,
    DwellingFactory,
    IncidentFactory,
    InterventionFactory,
    LogEntryFactory,
    PersonFactory,
    PhoneFactory,
    ProviderFactory,
    ResidenceFactory,
    SafetyAlertFactory,
    ShiftFactory,
    TenancyFactory,
    TenantMessageFactory,
    TransitionFactory,
)
from tests.journeys.desk import Desk, in_minutes, make_agent

pytestmark = pytest.mark.django_db(transaction=True)

AXE = (Path(__file__).parent / "vendor/axe-core/axe.min.js").read_text()
SERIOUS = """
async () => (await axe.run({resultTypes: ["violations"]})).violations
    .filter((each) => ["serious", "critical"].includes(each.impact))
    .map((each) => `${each.id}: ${each.nodes.map((node) => node.target).join(", ")}`)
"""
TOO_WIDE = """
() => [...document.querySelectorAll("html, .sheet, .aside, .board")]
    .filter((each) => each.scrollWidth > each.clientWidth)
    .map((each) => `${each.tagName}.${each.className} is ${each.scrollWidth} wide in ${each.clientWidth}`)
"""
LONG = "Maximilienne-Alexandrine-Bernardine-de-La-Tour-Saint-Quentin-Vandenbroucke-Wattrelos-sur-l-Escaut-ab"


@pytest.fixture
def desk_full_of_work():
    """A row of each kind, with the longest names that fit, and the addresses of every page about them."""
    now = timezone.now()
    agent = make_agent("Nadia Benali", role=Role.SUPERVISOR)
    colleague = make_agent("Marc Wattelet")
    residence = ResidenceFactory(name=f"Résidence {LONG}", street=f"12 rue {LONG}", city=LONG)
    dwelling = DwellingFactory(residence=residence, staircase="B" * 20, floor="3" * 20, door="gauche" * 3)
    person = PersonFactory(
        family_name=LONG[:100], given_name=LONG[:100], email=f"{LONG[:60]}@exemple.example", assistance=["interpreter"]
    )
    TenancyFactory(person=person, dwelling=dwelling, reference="L" * 40)
    PhoneFactory(person=person, number="+33612345678")
    PersonFactory(family_name=LONG[:100])
    AccessCodeFactory(residence=residence)
    ProviderFactory(name=f"Plomberie {LONG[:80]}")
    SafetyAlertFactory(
        dwelling=dwelling,
        residence=None,
        instruction=LONG,
        starts_on=timezone.localdate(),
        expires_on=timezone.localdate(),
        raised_by=agent,
    )
    incident = IncidentFactory(residence=residence, opened_at=now, opened_by=colleague)
    here = {"residence": residence, "dwelling": dwelling, "occupant": person, "opened_at": now, "incident": incident}
    intervention = InterventionFactory(
        **here, suggested_on_site_by=in_minutes(-10), owner=colleague, description=LONG * 3, status=Status.ACCEPTED
    )
    for minutes in (5, 600):
        InterventionFactory(**here, suggested_on_site_by=in_minutes(minutes), owner=agent if minutes == 5 else None)
    TransitionFactory(intervention=intervention, at=now, by=colleague, reason=LONG)
    call = AnsweredCallFactory(agent=agent, started_at=now, answered_at=now, caller=person)
    CallFactory(started_at=now)
    shift = ShiftFactory(started_at=now, opened_by=agent)
    for subject in ({"shift": shift}, {"call": call}, {"intervention": intervention}, {"incident": incident}):
        struck = LogEntryFactory(**subject, at=now, author=colleague, text=LONG * 2)
        LogEntryFactory(**subject, at=now, author=agent, text="Non.", strikes=struck, kind=LogEntry.Kind.CORRECTION)
    TenantMessageFactory(intervention=intervention, at=now, text=LONG * 4)
    complaint = ComplaintFactory(person=person, intervention=intervention, subject=LONG * 2, opened_at=now)
    ComplaintMessage.objects.create(complaint=complaint, at=now, text=LONG * 4)
    callback = CallbackFactory(promised_at=in_minutes(-5), owner=colleague)
    escalate(now=now)
    sheet = reverse("console:intervention", args=[intervention.pk])
    return agent, [
        reverse("console:board"),
        reverse("console:call", args=[call.pk]),
        sheet,
        sheet + "?etape=appointment",
        reverse("console:new_intervention") + f"?appel={call.pk}&logement={dwelling.pk}&problem=leak_ceiling",
        reverse("console:incident", args=[incident.pk]),
        reverse("console:new_incident", args=[residence.pk]),
        reverse("console:person", args=[person.pk]),
        reverse("console:edit_person", args=[person.pk]),
        reverse("console:merge", args=[person.pk]),
        reverse("console:merge", args=[person.pk]) + f"?avec={person.pk + 1}",
        reverse("console:dwelling", args=[dwelling.pk]),
        reverse("console:residence", args=[residence.pk]),
        reverse("console:new_alert") + f"?logement={dwelling.pk}",
        reverse("console:callback", args=[callback.pk]),
        reverse("console:strike", args=[shift.entries.last().pk]),
        reverse("console:new_call"),
        reverse("console:search"),
        reverse("console:handover"),
        reverse("console:complaints"),
        reverse("console:complaint", args=[complaint.pk]),
        "/",
    ]


def heard(page: Page) -> list[str]:
    """All that the browser complains of from now on: errors, and what the content policy refused."""
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1440, "light")])
def test_every_page_fits_works_and_can_be_read_by_all(visitor, site, desk_full_of_work, width, theme):
    agent, addresses = desk_full_of_work
    page = visitor(viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce")
    complaints = heard(page)
    Desk(page, site).sign_in(agent)
    wrong = {}

    for address in addresses:
        page.goto(site + address, wait_until="load")
        page.evaluate(AXE)
        if found := [*page.evaluate(TOO_WIDE), *page.evaluate(SERIOUS), *complaints]:
            wrong[address] = found
        complaints.clear()

    assert wrong == {}


def test_a_complaint_would_be_heard(visitor, site, desk_full_of_work):
    agent, _ = desk_full_of_work
    page = visitor(viewport={"width": 390, "height": 900})
    complaints = heard(page)
    Desk(page, site).sign_in(agent)
    page.evaluate(
        """() => {
            const image = document.createElement("img");
            image.src = "https://elsewhere.example/x.png";
            Object.assign(image.style, {display: "block", minWidth: "2000px"});
            document.body.prepend(image);
        }"""
    )
    page.wait_for_timeout(200)
    page.evaluate(AXE)

    assert any("Content Security Policy" in said for said in complaints)
    assert page.evaluate(TOO_WIDE)
    assert any("image-alt" in said for said in page.evaluate(SERIOUS))
