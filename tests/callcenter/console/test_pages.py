"""Every page costs as many queries for a full estate as for an empty one, and shows no more than it should."""

import re
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from interventions.models import Status
from tests.callcenter.console.conftest import signed_in
from tests.callcenter.console.reading import words
from tests.factories import (
    NOW,
    AccessCodeFactory,
    AnsweredCallFactory,
    CallbackFactory,
    CallFactory,
    DwellingFactory,
    EquipmentFactory,
    IncidentFactory,
    InterventionFactory,
    LogEntryFactory,
    PhoneFactory,
    SafetyAlertFactory,
    ShiftFactory,
    TenancyFactory,
    TransitionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

MOST_QUERIES = 12


class Estate:
    """One residence and all that a page of it may list, to be filled by so many rows more."""

    def __init__(self, agent) -> None:
        self.agent = agent
        self.colleague = UserFactory()
        self.tenancy = TenancyFactory(person__family_name="Delattre")
        self.person, self.dwelling = self.tenancy.person, self.tenancy.dwelling
        self.residence = self.dwelling.residence
        self.shift = ShiftFactory(opened_by=agent)
        self.call = AnsweredCallFactory(agent=agent, caller=self.person)
        self.incident = IncidentFactory(residence=self.residence, opened_by=agent)
        self.intervention = InterventionFactory(
            residence=self.residence, dwelling=self.dwelling, occupant=self.person, incident=self.incident
        )

    def add(self, count: int) -> None:
        for each in range(count):
            on_time = NOW + timedelta(hours=each % 5 - 2)
            here = {"residence": self.residence, "dwelling": self.dwelling, "occupant": self.person}
            late = {"suggested_on_site_by": on_time, "owner": self.agent if each % 2 else self.colleague}
            InterventionFactory(**here, **late, incident=self.incident, reported_by=self.person)
            CallbackFactory(owner=self.colleague)
            CallFactory(from_number="")
            neighbour = TenancyFactory(person__family_name="Delattre", dwelling__residence=self.residence)
            PhoneFactory(person=neighbour.person)
            TenancyFactory(person=neighbour.person, dwelling=self.dwelling)
            TenancyFactory(person=self.person, dwelling=neighbour.dwelling)
            SafetyAlertFactory(residence=self.residence, raised_by=self.colleague)
            lift = EquipmentFactory(residence=self.residence)
            IncidentFactory(residence=self.residence, equipment=lift, opened_by=self.colleague)
            TransitionFactory(intervention=self.intervention, by=self.colleague)
            CallFactory(caller=self.person, agent=self.colleague, ended_at=NOW, answered_at=NOW, outcome="information")
            for subject in ("call", "intervention", "incident", "shift"):
                line = LogEntryFactory(**{subject: getattr(self, subject)}, author=self.colleague)
                LogEntryFactory(
                    **{subject: getattr(self, subject)}, author=self.colleague, strikes=line, kind="correction"
                )


PAGES = {
    "board": lambda estate: reverse("console:board"),
    "live board": lambda estate: reverse("console:live_board"),
    "call": lambda estate: reverse("console:call", args=[estate.call.pk]),
    "intervention": lambda estate: reverse("console:intervention", args=[estate.intervention.pk]),
    "live intervention": lambda estate: reverse("console:live_intervention", args=[estate.intervention.pk]),
    "opening": lambda estate: reverse("console:new_intervention") + f"?logement={estate.dwelling.pk}&problem=leak_pipe",
    "incident": lambda estate: reverse("console:incident", args=[estate.incident.pk]),
    "person": lambda estate: reverse("console:person", args=[estate.person.pk]),
    "dwelling": lambda estate: reverse("console:dwelling", args=[estate.dwelling.pk]),
    "residence": lambda estate: reverse("console:residence", args=[estate.residence.pk]),
    "handover": lambda estate: reverse("console:handover"),
}


def queries_of(ask) -> int:
    with CaptureQueriesContext(connection) as queries:
        response = ask()
    assert response.status_code == 200
    return len(queries)


def test_every_page_costs_few_queries_and_no_more_with_300_rows(console, agent):
    estate = Estate(agent)
    asks = {name: partial(console.get, address(estate)) for name, address in PAGES.items()}
    asks["search"] = lambda: console.post(reverse("console:search"), {"q": "delattre"})
    asks["merge"] = lambda: console.post(reverse("console:merge", args=[estate.person.pk]), {"who": "delattre"})
    counts = {name: [] for name in asks}

    for more in (1, 2, 297):
        estate.add(more)
        for name, ask in asks.items():
            counts[name].append(queries_of(ask))

    assert {name: set(each) for name, each in counts.items() if len(set(each)) > 1} == {}
    assert {name: each[0] for name, each in counts.items() if each[0] > MOST_QUERIES} == {}


def test_looking_for_a_caller_costs_the_same_with_300_rows(console, agent):
    estate = Estate(agent)
    address = reverse("console:look_for_caller", args=[estate.call.pk])
    estate.add(1)
    few = queries_of(lambda: console.post(address, {"who": "delattre"}))
    estate.add(299)

    assert queries_of(lambda: console.post(address, {"who": "delattre"})) == few == 18  # the sheet’s, the search’s and the journal’s


def test_access_codes_are_shown_inside_an_open_intervention_only(console, agent):
    estate = Estate(agent)
    AccessCodeFactory(residence=estate.residence, label="Digicode", code="12A34")
    sheet = reverse("console:intervention", args=[estate.intervention.pk])
    assert "Digicode 12A34" in words(console.get(sheet))

    ended = InterventionFactory(residence=estate.residence, dwelling=estate.dwelling, status=Status.CLOSED)
    elsewhere = [address(estate) for name, address in PAGES.items() if name != "intervention"]
    for address in (reverse("console:intervention", args=[ended.pk]), *elsewhere):
        assert "12A34" not in words(console.get(address)), address


def test_doors_are_listed_as_one_walks_past_them(console):
    first = DwellingFactory(staircase="A", floor="1", door="3", reference="c")
    for floor, door, reference in (("RDC", "20", "x"), ("10", "1", "b"), ("1", "11", "a"), ("2", "B", "d")):
        DwellingFactory(residence=first.residence, staircase="A", floor=floor, door=door, reference=reference)

    page = console.get(reverse("console:residence", args=[first.residence_id]))

    assert [dwelling.reference for dwelling in page.context["dwellings"]] == ["x", "c", "a", "d", "b"]


def test_a_name_is_never_part_of_an_address(console, agent):
    estate = Estate(agent)
    result = console.post(reverse("console:search"), {"q": "Delattre"})
    assert "DELATTRE" in words(result)
    assert "DELATTRE" not in words(console.get(reverse("console:search"), {"q": "Delattre"}))

    for address in PAGES.values():
        page = console.get(address(estate)).content.decode()
        links = re.findall(r'(?:href|action|hx-get|hx-post)="([^"]*)"', page)
        assert [link for link in links if "delattre" in link.lower()] == []


def test_as_you_type_answers_with_the_suggestions_alone(console, agent):
    Estate(agent)

    response = console.post(reverse("console:search"), {"q": "dela"}, headers={"HX-Request": "true"})

    assert "DELATTRE" in words(response)
    assert "<html" not in response.content.decode()


def test_the_desk_is_for_agents_and_supervisors(agent):
    estate = Estate(agent)
    addresses = [address(estate) for address in PAGES.values()]
    for role in Role:
        client = signed_in(UserFactory(role=role))
        expected = 200 if role in (Role.AGENT, Role.SUPERVISOR) else 403
        assert {client.get(address).status_code for address in addresses} == {expected}, role
