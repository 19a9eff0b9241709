"""What tenants told on the portal, at the desk: read first when it presses, confirmed by a person, links sent."""

import io
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.roles import Role
from callcenter.board import read_board
from interventions.models import PersonalLink, Photo, Status
from interventions.personal_links import issue_link
from interventions.photos import add_photo
from interventions.problems import Priority
from interventions.reports import start_draft
from privacy.models import JournalEntry, OutgoingMessage
from tests.factories import InterventionFactory, PersonFactory, PhoneFactory, TenancyFactory, UserFactory
from tests.interventions.portal.pictures import phone_photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(client):
    user = UserFactory()
    client.force_login(user)
    return user


def received(**fields):
    now = timezone.now()
    person = PersonFactory(email="camille@exemple.example")
    given = {
        "status": Status.RECEIVED,
        "occupant": person,
        "reported_by": person,
        "answers": {"unstoppable": True},
        "availability": ["mornings"],
        "opened_at": now,
        "suggested_on_site_by": now + timedelta(hours=72, seconds=13),
    }
    return InterventionFactory(**given | fields)


def with_photo(intervention):
    draft = start_draft(TenancyFactory().person, now=timezone.now())
    photo = add_photo(draft, stream=io.BytesIO(phone_photo()), now=timezone.now())
    Photo.objects.filter(pk=photo.pk).update(draft=None, intervention=intervention)
    return photo


def test_an_emergency_told_in_writing_stands_first(agent):
    late = received(suggested_on_site_by=timezone.now() - timedelta(hours=1))
    emergency = received(suggested_priority=Priority.EMERGENCY)
    sections = {
        section.key: [job.pk for job in section.jobs] for section in read_board(agent, now=timezone.now()).sections
    }
    assert sections["emergencies"] == [emergency.pk]
    assert sections["overdue"] == [late.pk]
    assert next(iter(sections)) == "emergencies"


def test_the_sheet_shows_what_was_told(client, agent):
    intervention = received()
    photo = with_photo(intervention)
    page = client.get(f"/console/interventions/{intervention.pk}/").content.decode()
    assert "Le matin" in page
    assert "robinet d’arrêt fermé" in page
    assert f"/console/photos/{photo.pk}/vignette/" in page


def test_what_an_agent_opened_has_no_such_part(client, agent):
    page = client.get(f"/console/interventions/{received(availability=[]).pk}/").content.decode()
    assert "Dit sur le portail" not in page


def test_a_photo_is_for_the_desk_and_opening_it_is_journalled(client, agent):
    photo = with_photo(received())
    page = client.get(f"/console/photos/{photo.pk}/")
    assert Image.open(io.BytesIO(page.getvalue())).format == "JPEG"
    assert page["Cache-Control"] == "no-store, private"
    assert JournalEntry.objects.filter(model="interventions.Photo", action="read").exists()
    for role in (Role.TENANT, Role.LANDLORD_MANAGER):
        other = Client()
        other.force_login(UserFactory(role=role))
        assert other.get(f"/console/photos/{photo.pk}/").status_code == 403


def test_the_photo_of_a_draft_is_not_the_desks(client, agent):
    draft = start_draft(TenancyFactory().person, now=timezone.now())
    photo = add_photo(draft, stream=io.BytesIO(phone_photo()), now=timezone.now())
    assert client.get(f"/console/photos/{photo.pk}/").status_code == 404


def qualify(client, intervention, **said):
    at = timezone.localtime(intervention.suggested_on_site_by)
    given = {"version": 1, "priority": "normal", "on_site_by": f"{at:%Y-%m-%dT%H:%M}", "reason": ""}
    return client.post(f"/console/interventions/{intervention.pk}/qualified/", given | said)


def test_an_agent_confirms_what_was_suggested(client, agent):
    intervention = received()
    page = client.get(f"/console/interventions/{intervention.pk}/?etape=qualified").content.decode()
    assert 'name="priority"' in page
    assert qualify(client, intervention).status_code == 302
    intervention.refresh_from_db()
    assert (intervention.status, intervention.owner) == (Status.QUALIFIED, agent)
    assert intervention.on_site_by == intervention.suggested_on_site_by
    assert intervention.override_reason == ""


def test_departing_from_it_needs_a_reason(client, agent):
    intervention = received()
    page = qualify(client, intervention, priority="urgent")
    assert page.status_code == 422
    assert "pourquoi" in page.content.decode()
    intervention.refresh_from_db()
    assert intervention.status == Status.RECEIVED
    assert qualify(client, intervention, priority="urgent", reason="Un enfant").status_code == 302
    intervention.refresh_from_db()
    assert (intervention.priority, intervention.suggested_priority) == ("urgent", "normal")
    assert intervention.override_reason == "Un enfant"


def test_a_reopened_one_needs_no_such_form(client, agent):
    intervention = received(status=Status.REOPENED)
    client.post(f"/console/interventions/{intervention.pk}/qualified/", {"version": 1, "reason": ""})
    intervention.refresh_from_db()
    assert intervention.status == Status.QUALIFIED


@pytest.mark.parametrize("bad", [{"priority": "panic"}, {"on_site_by": ""}, {"on_site_by": "demain"}])
def test_a_bad_confirmation_is_told(client, agent, bad):
    intervention = received()
    assert qualify(client, intervention, **bad).status_code == 422
    intervention.refresh_from_db()
    assert intervention.status == Status.RECEIVED


def test_a_link_to_report_goes_to_one_of_the_persons_own(client, agent):
    person = PersonFactory(email="camille@exemple.example")
    PhoneFactory(person=person, number="+33327000000")  # a landline gets no SMS
    PhoneFactory(person=person, number="+33612345678")
    address = f"/console/personnes/{person.pk}/lien/"
    page = client.get(address).content.decode()
    assert "06\N{NO-BREAK SPACE}12" in page
    assert "03\N{NO-BREAK SPACE}27" not in page
    assert client.post(address, {"to": "7"}).status_code == 422
    assert not PersonalLink.objects.exists()
    assert client.post(address, {"to": "0"}).status_code == 302
    link = PersonalLink.objects.get()
    assert (link.purpose, link.person, link.created_by) == ("report", person, agent)
    assert OutgoingMessage.objects.get().said()["to"] == "+33612345678"
    assert JournalEntry.objects.filter(action="change", object_id=person.pk).exists()


def test_a_link_to_follow_goes_to_who_reported_it(client, agent):
    intervention = received()
    client.post(f"/console/interventions/{intervention.pk}/suivi/", {"to": "0"})
    link = PersonalLink.objects.get()
    assert (link.purpose, link.intervention) == ("follow", intervention)
    assert OutgoingMessage.objects.get().said()["to"] == "camille@exemple.example"


def test_whom_nothing_reaches_is_said(client, agent):
    person = PersonFactory()
    address = f"/console/personnes/{person.pk}/lien/"
    assert "Ni portable ni adresse" in client.get(address).content.decode()
    assert client.post(address, {"to": "0"}).status_code == 422


def test_an_agent_takes_a_persons_links_back(client, agent):
    person, now = PersonFactory(), timezone.now()
    token = issue_link(person, purpose=PersonalLink.Purpose.REPORT, by=agent, now=now)
    anothers = issue_link(PersonFactory(), purpose=PersonalLink.Purpose.REPORT, by=agent, now=now)
    assert Client().get(f"/portail/lien/{token}/").status_code == 200
    response = client.post(f"/console/personnes/{person.pk}/lien/retirer/")
    assert response.url == f"/console/personnes/{person.pk}/"
    assert Client().get(f"/portail/lien/{token}/").status_code == 404
    assert Client().get(f"/portail/lien/{anothers}/").status_code == 200
    assert JournalEntry.objects.filter(object_id=person.pk, details__act="take_back_links").exists()
