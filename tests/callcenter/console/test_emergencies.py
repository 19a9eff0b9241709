"""Secours: nothing stands in the way, it is on the register, and a supervisor looks at each the next working day."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.urls import reverse

from accounts.roles import Role
from callcenter.emergency_review import warn_of_late_reviews
from interventions.models import EmergencyAlert
from privacy import consent
from privacy.models import Disclosure, JournalEntry, Objection, Restriction
from privacy.registry import registry
from privacy.subjects import pieces, told
from tests.callcenter.console.conftest import signed_in
from tests.callcenter.console.reading import words
from tests.factories import (
    NOW,
    AccessCodeFactory,
    AnsweredCallFactory,
    DwellingFactory,
    InterventionFactory,
    PersonFactory,
    TenancyFactory,
    UserFactory,
)
from tests.outbox import deliver_all

pytestmark = pytest.mark.django_db

SAID = {"service": "fire", "danger": "fire"}


@pytest.fixture
def supervisor():
    return UserFactory(role=Role.SUPERVISOR, email="superviseur@exemple.example")


@pytest.fixture
def intervention():
    dwelling = DwellingFactory(floor="3", door="12")
    AccessCodeFactory(residence=dwelling.residence, code="7391C")
    return InterventionFactory(
        residence=dwelling.residence, dwelling=dwelling, occupant=PersonFactory(), contact_number="+33655511111"
    )


def sheet(intervention):
    return reverse("console:tell_emergency", args=[intervention.pk])


def test_it_is_read_out_in_the_order_asked_for_and_is_on_the_register(console, agent, intervention):
    assert (
        reverse("console:tell_emergency", args=[intervention.pk])
        in console.get(reverse("console:intervention", args=[intervention.pk])).content.decode()
    )
    page = words(console.post(sheet(intervention), SAID, follow=True))
    asked = ["Adresse 12 rue Gambetta", "Étage 3, porte 12", "7391C", "Danger Feu ou fumée", "Rappeler sur place 06"]
    assert [page.index(each) for each in asked] == sorted(page.index(each) for each in asked)
    line = Disclosure.objects.get()
    assert (line.person, line.recipient_name) == (intervention.occupant, "Pompiers (18)")
    assert line.recipient_kind == "emergency"
    assert (line.purpose, line.by, line.ended_at) == ("emergency", agent, line.at)
    assert sorted(line.fields) == ["adresse", "codes d’accès", "danger", "logement", "numéro à rappeler"]
    assert JournalEntry.objects.filter(model="interventions.EmergencyAlert", action="create").exists()


def test_looking_gives_nothing_and_no_danger_is_refused_in_words(console, intervention):
    assert console.get(sheet(intervention)).status_code == 200
    refused = console.post(sheet(intervention), {"service": "fire"})
    assert refused.status_code == 422
    assert "Dites d’abord quel danger" in words(refused)
    assert not EmergencyAlert.objects.exists()
    assert not Disclosure.objects.exists()


def test_neither_restriction_nor_objection_nor_consent_stops_it(console, intervention):
    person = intervention.occupant
    Restriction.objects.create(person=person, reason="accuracy", started_at=NOW, started_by=UserFactory())
    Objection.objects.create(person=person, purpose="emergency", state="upheld", made_at=NOW)
    consent.refuse(person, purpose="handing_identity", channel="phone", by=None, now=NOW)
    padlocked = console.get(reverse("console:intervention", args=[intervention.pk]))
    assert "sous limitation" in words(padlocked)
    assert sheet(intervention) in padlocked.content.decode()
    assert "7391C" not in words(padlocked)
    assert "7391C" in words(console.post(sheet(intervention), SAID, follow=True))
    assert Disclosure.objects.get().person == person


def test_a_call_without_an_intervention(console, agent):
    tenancy = TenancyFactory(dwelling__door="12")
    call = AnsweredCallFactory(agent=agent, caller=tenancy.person, from_number="+33655511111")
    address = reverse("console:tell_emergency_of_call", args=[call.pk])
    assert address in console.get(reverse("console:call", args=[call.pk])).content.decode()
    page = words(console.post(address, SAID, follow=True))
    assert "12 rue Gambetta" in page
    assert "55" in page
    assert Disclosure.objects.get().person == tenancy.person


def test_a_call_of_which_nothing_is_known(console, agent):
    call = AnsweredCallFactory(agent=agent, from_number="")
    page = words(console.post(reverse("console:tell_emergency_of_call", args=[call.pk]), SAID, follow=True))
    assert "Demandez-la à qui appelle" in page
    assert EmergencyAlert.objects.get().person is None


def test_the_person_finds_it_in_their_data(console, intervention):
    console.post(sheet(intervention), SAID)
    for model in (Disclosure, EmergencyAlert):
        dataset, person = registry.datasets[model], intervention.occupant
        assert "Pompiers" in str([told(row, dataset, person, account=None) for row in pieces(dataset, person, now=NOW)])


def alert_of(intervention, *, at=NOW):
    return EmergencyAlert.objects.create(
        intervention=intervention, service="samu", danger="life", at=at, by=UserFactory()
    )


@pytest.mark.parametrize(
    ("at", "due_on"), [(NOW, date(2026, 3, 11)), (NOW + timedelta(days=3), date(2026, 3, 16))], ids=["week", "friday"]
)
def test_it_is_due_on_the_next_working_day(intervention, at, due_on):
    assert alert_of(intervention, at=at).review_due_on == due_on


def test_a_supervisor_reviews_it_once_and_a_late_one_is_red(console, supervisor, intervention):
    alert = alert_of(intervention, at=NOW - timedelta(days=3))
    address = reverse("console:emergencies")
    assert console.get(address).status_code == 403
    browser = signed_in(supervisor)
    assert "À relire depuis le" in words(browser.get(address))
    review = reverse("console:review_emergency", args=[alert.pk])
    assert browser.post(review, {"outcome": ""}).status_code == 422
    browser.post(review, {"outcome": "justified", "note": "Fumée vue par deux voisins."})
    browser.post(review, {"outcome": "not_needed"})
    alert.refresh_from_db()
    assert (alert.outcome, alert.reviewed_by, alert.note) == ("justified", supervisor, "Fumée vue par deux voisins.")
    assert "Tout est relu" in words(browser.get(address))
    assert "12 rue Gambetta" not in words(browser.get(reverse("console:emergency", args=[alert.pk])))


def test_where_nothing_was_said_the_register_says_so_no_more(console, supervisor, intervention):
    console.post(sheet(intervention), SAID)
    alert = EmergencyAlert.objects.get()
    assert Disclosure.objects.exists()
    signed_in(supervisor).post(reverse("console:review_emergency", args=[alert.pk]), {"outcome": "nothing_said"})
    assert not Disclosure.objects.exists()


def test_supervisors_are_told_of_late_reviews_once_a_day(supervisor, intervention):
    alert_of(intervention)
    assert warn_of_late_reviews(now=NOW + timedelta(days=1)) == 0
    late = NOW + timedelta(days=2)
    assert warn_of_late_reviews(now=late) == 1
    assert warn_of_late_reviews(now=late) == 0
    deliver_all(late)
    assert mail.outbox[0].to == [supervisor.email]
    assert reverse("console:emergencies") in mail.outbox[0].body
    assert intervention.reference not in mail.outbox[0].body
