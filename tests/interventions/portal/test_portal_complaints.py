"""Complaints on the portal: opened, answered in time, never reopened, never anybody else's."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from interventions.complaints import give_final_answer, open_complaint, write_message
from interventions.models import Complaint, ComplaintMessage
from interventions.models.complaints import ANSWER_WITHIN
from tests.factories import (
    NOW,
    ComplaintFactory,
    InterventionFactory,
    LandlordFactory,
    PersonFactory,
    TenancyFactory,
    UserFactory,
)
from tests.interventions.portal.conftest import signed_in_as
from tests.outbox import deliver_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("night")]

NEW = "/portail/reclamations/nouvelle/"
WORDS = {"subject": "Retard", "text": "Quatre heures de retard."}


@pytest.fixture
def complaint(tenant):
    return open_complaint(tenant, landlord=LandlordFactory(), intervention=None, now=NOW, **WORDS)


def address(complaint):
    return f"/portail/reclamations/{complaint.pk}/"


def test_one_about_the_dwelling_goes_to_its_landlord(portal, tenant):
    tenancy = TenancyFactory(person=tenant)
    response = portal.post(NEW, {"about": f"logement-{tenancy.pk}", **WORDS})
    complaint = Complaint.objects.get()
    assert response.url == address(complaint)
    assert (complaint.person, complaint.landlord, complaint.intervention) == (tenant, tenancy.landlord, None)
    assert complaint.messages.get().text == WORDS["text"]


def test_one_about_an_intervention_goes_to_the_landlord_of_that(portal, tenant):
    TenancyFactory(person=tenant)
    intervention = InterventionFactory(occupant=tenant)
    asked = portal.get(f"{NEW}?demande={intervention.pk}").content.decode()
    assert f'<option value="demande-{intervention.pk}" selected>' in asked
    portal.post(NEW, {"about": f"demande-{intervention.pk}", **WORDS})
    complaint = Complaint.objects.get()
    assert (complaint.landlord, complaint.intervention) == (intervention.landlord, intervention)


def test_nobody_complains_about_what_is_another_s(portal, tenant):
    tenancy, other = TenancyFactory(person=tenant), TenancyFactory()
    theirs = InterventionFactory(occupant=other.person)
    for about in (f"logement-{other.pk}", f"demande-{theirs.pk}"):
        assert portal.post(NEW, {"about": about, **WORDS}).status_code == 422
    assert not Complaint.objects.exists()
    assert "selected" not in portal.get(f"{NEW}?demande={theirs.pk}").content.decode()
    assert portal.post(NEW, {"about": f"logement-{tenancy.pk}", **WORDS}).status_code == 302


def test_who_has_neither_dwelling_nor_request_is_told_to_call(portal):
    told = portal.get(NEW).content.decode()
    assert "Appelez-nous" in told
    assert "<textarea" not in told
    portal.post(NEW, {"about": "logement-1", **WORDS})
    assert not Complaint.objects.exists()


def test_sent_twice_on_a_bad_line_it_is_one(portal, tenant, complaint):
    tenancy = TenancyFactory(person=tenant)
    for _ in range(2):
        portal.post(NEW, {"about": f"logement-{tenancy.pk}", **WORDS})
        portal.post(address(complaint), {"text": "Et encore."})
    assert Complaint.objects.count() == 2
    assert [message.text for message in complaint.messages.all()] == [WORDS["text"], "Et encore."]


def test_it_says_until_when_it_is_answered_and_owns_up_when_late(portal, complaint):
    assert complaint.answer_by == NOW + ANSWER_WITHIN
    told = portal.get(address(complaint)).content.decode()
    assert "Réponse avant le 9\N{NO-BREAK SPACE}avril\N{NO-BREAK SPACE}2026" in told
    with time_machine.travel(NOW + ANSWER_WITHIN + timedelta(hours=1)):
        portal.force_login(complaint.person.user)
        assert "Nous sommes en retard" in portal.get(address(complaint)).content.decode()


def test_the_exchange_names_nobody_of_the_staff_and_is_told_by_a_link(portal, complaint):
    write_message(complaint, text="Nous interrogeons l’entreprise.", by=UserFactory(full_name="Nadia Benali"), now=NOW)
    told = portal.get(address(complaint)).content.decode()
    assert "Nous interrogeons l’entreprise." in told
    assert "Nadia Benali" not in told
    deliver_all(NOW)
    [message] = mail.outbox
    assert message.to == [complaint.person.user.email]
    assert address(complaint) in message.body
    assert [each for each in ("Retard", "entreprise") if each in message.body] == []


def test_its_final_answer_ends_it_and_the_page_says_how_to_go_on(portal, complaint):
    give_final_answer(complaint, text="Le retard est reconnu.", by=UserFactory(), now=NOW)
    told = portal.get(address(complaint)).content.decode()
    assert "Le retard est reconnu." in told
    assert "<textarea" not in told
    assert "Ouvrez une nouvelle réclamation" in told
    portal.post(address(complaint), {"text": "Je ne suis pas d’accord."})
    assert ComplaintMessage.objects.count() == 2


def test_what_is_not_yours_does_not_exist(complaint, holder_of):
    neighbour = TenancyFactory(landlord=complaint.landlord).person
    follower = InterventionFactory(occupant=complaint.person)
    assert signed_in_as(complaint.person).get(address(complaint)).status_code == 200
    for person in (neighbour, PersonFactory()):
        client = signed_in_as(person)
        assert client.get(address(complaint)).status_code == 404
        assert client.post(address(complaint), {"text": "Non."}).status_code == 404
        assert "Retard" not in client.get("/portail/reclamations/").content.decode()
    assert (
        holder_of(complaint.person, follower).get(address(complaint)).status_code == 302
    )  # complaints need an account
    assert complaint.messages.count() == 1


@pytest.mark.parametrize("address_of", [lambda _: "/portail/reclamations/", lambda _: NEW, address])
def test_pages_cost_the_same_however_much_there_is(portal, tenant, complaint, address_of):
    counts = []
    for more in (1, 2, 27):
        for _ in range(more):
            ComplaintFactory(person=tenant)
            InterventionFactory(occupant=tenant)
            TenancyFactory(person=tenant)
            ComplaintMessage.objects.create(complaint=complaint, author=UserFactory(), at=NOW, text="…")
        with CaptureQueriesContext(connection) as queries:
            assert portal.get(address_of(complaint)).status_code == 200
        counts.append(len(queries))
    assert len(set(counts)) == 1
    assert counts[0] <= 12
