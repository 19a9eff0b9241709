"""A right exercised on the telephone: written down, done at once where the law says so, and told to the caller."""

import io
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from accounts.roles import Role
from callcenter import recordings
from callcenter.models import Call, Recording
from privacy import consent, objections
from privacy.models import JournalEntry, Restriction, RightsRequest
from privacy.retention.due import paris_day
from privacy.rights.deadlines import due_on
from sofratel.templatetags.french import day
from tests.factories import NOW, AnsweredCallFactory, PersonFactory, PhoneFactory, UserFactory
from tests.sounds import WAV

pytestmark = pytest.mark.django_db

NUMBER = "+33612345678"


@pytest.fixture
def agent(client):
    agent = UserFactory(role=Role.AGENT)
    client.force_login(agent)
    return agent


@pytest.fixture
def person():
    return PhoneFactory(number=NUMBER, person=PersonFactory(family_name="Lefebvre")).person


def entry(person):
    return f"/console/personnes/{person.pk}/droit/"


def ask(client, address, right, **said):
    return client.post(f"{address}?droit={right}", {"requester": "self", **said})


def test_from_the_sheet_every_right_is_two_clicks_away(client, agent, person):
    assert entry(person) in client.get(f"/console/personnes/{person.pk}/").content.decode()
    page = client.get(entry(person)).content.decode()
    for right in RightsRequest.Right.values:
        assert f'href="?droit={right}"' in page
        assert client.get(f"{entry(person)}?droit={right}").status_code == 200


def test_the_caller_is_told_a_reference_and_the_last_day(client, agent, person):
    response = ask(client, entry(person), "access", sure="on", wish="Mes appels de mai")
    request = RightsRequest.objects.get()
    assert (request.person, request.channel, request.entered_by) == (person, "phone", agent)
    assert (request.identity, request.wish) == ("known", "Mes appels de mai")
    page = client.get(response.url).content.decode()
    assert request.reference in page
    assert f"<b>{day(due_on(paris_day(NOW)))}</b>" in page
    assert "Nous vérifions d’abord" not in page
    assert JournalEntry.objects.filter(action="rights", actor=agent, object_id=request.pk).exists()


def test_who_is_not_sure_establishes_nothing(client, agent, person):
    response = ask(client, entry(person), "erasure")
    assert RightsRequest.objects.get().identity == ""
    assert "Nous vérifions d’abord" in client.get(response.url).content.decode()


def test_who_speaks_for_somebody_proves_it_first(client, agent, person):
    assert ask(client, entry(person), "access", requester="representative", sure="on").status_code == 422
    said = {
        "requester": "representative",
        "requester_name": "Me Durand",
        "sure": "on",
        "email": "durand@exemple.example",
    }
    ask(client, entry(person), "access", **said)
    request = RightsRequest.objects.get()
    assert (request.requester, request.requester_name) == ("representative", "Me Durand")
    assert (request.identity, request.reply_to) == ("", "durand@exemple.example")


def test_the_call_that_is_on_shows_whether_its_number_is_known(client, agent, person):
    call = AnsweredCallFactory(agent=agent, from_number="+33699999999")
    page = f"{entry(person)}?droit=access"
    assert "c’est l’un d’eux" not in client.get(page).content.decode()
    Call.objects.filter(pk=call.pk).update(from_number=NUMBER)
    assert "c’est l’un d’eux" in client.get(page).content.decode()


# At once --------------------------------------------------------------------------------------------------------------


def test_a_consent_is_withdrawn_while_they_speak(client, agent, person):
    consent.give(person, purpose="surveys", channel="phone", by=agent, now=timezone.now())
    assert consent.is_given(person, purpose="surveys")
    response = ask(client, entry(person), "withdrawal", purpose="surveys", sure="on")
    assert not consent.is_given(person, purpose="surveys")
    assert RightsRequest.objects.get().answered_at
    assert "C’est déjà fait" in client.get(response.url).content.decode()


@pytest.mark.parametrize("purpose", ["marketing", "recording"])
def test_so_is_an_objection_that_nobody_weighs(client, agent, person, purpose):
    assert not objections.is_stopped(person, purposes=[purpose])
    ask(client, entry(person), "objection", purpose=purpose, sure="on")
    assert objections.is_stopped(person, purposes=[purpose])
    assert RightsRequest.objects.get().answered_at


def test_of_somebody_unknown_nothing_is_withdrawn(client, agent, person):
    consent.give(person, purpose="surveys", channel="phone", by=agent, now=timezone.now())
    ask(client, entry(person), "withdrawal", purpose="surveys")
    assert consent.is_given(person, purpose="surveys")
    assert RightsRequest.objects.get().answered_at is None


def recorded(person):
    began = NOW - timedelta(minutes=9)
    call = AnsweredCallFactory(
        caller=person,
        started_at=began,
        answered_at=began,
        ended_at=NOW - timedelta(minutes=2),
        outcome="information",
        recording_answer="accepted",
        recording_answered_at=began,
    )
    recordings.store(call, stream=io.BytesIO(WAV), now=NOW)
    return call


def test_an_objection_to_one_recording_deletes_that_one(client, agent, person, media):
    calls = [recorded(person), recorded(person)]
    assert Recording.objects.count() == 2
    address = f"/console/appels/{calls[0].pk}/"
    assert f'action="{address}enregistrement/effacer/"' in client.get(address).content.decode()
    client.post(f"{address}enregistrement/effacer/")
    assert [recording.call for recording in Recording.objects.all()] == [calls[1]]
    assert f'action="{address}enregistrement/effacer/"' not in client.get(address).content.decode()


# Without a record, and locked -----------------------------------------------------------------------------------------


def test_a_caller_without_a_record_leaves_a_name_and_where_to_answer(client, agent):
    assert ask(client, "/console/droits/nouvelle/", "access").status_code == 422
    said = {"requester_name": "Anne Lefebvre", "number": "06 12 34 56 78", "wish": "Tout"}
    response = ask(client, "/console/droits/nouvelle/", "access", **said)
    request = RightsRequest.objects.get()
    assert (request.person, request.requester_name, request.reply_to) == (None, "Anne Lefebvre", NUMBER)
    assert request.identity == ""
    assert request.reference in client.get(response.url).content.decode()
    client.force_login(UserFactory(role=Role.AGENT))
    assert client.get(response.url).status_code == 404


def test_a_bad_number_is_told_and_nothing_is_lost(client, agent):
    said = {"requester_name": "Anne Lefebvre", "number": "06 12", "wish": "Mes appels de mai"}
    response = ask(client, "/console/droits/nouvelle/", "access", **said)
    page = response.content.decode()
    assert response.status_code == 422
    assert "Ce numéro n’existe pas" in page
    assert "Mes appels de mai" in page
    assert not RightsRequest.objects.exists()


def test_a_locked_sheet_stays_locked(client, agent, person):
    Restriction.objects.create(person=person, reason="accuracy", started_at=timezone.now(), started_by=agent)
    page = client.get(entry(person)).content.decode()
    assert "Données sous limitation" in page
    assert "Lefebvre" not in page
    ask(client, entry(person), "access", sure="on")
    assert not RightsRequest.objects.exists()


def test_sent_twice_it_is_one(client, agent, person):
    said = {"sure": "on", "form_key": "6f1c0a3e-6a0f-4f0e-9a51-6d0c6f9f0a11"}
    first = ask(client, entry(person), "access", **said)
    second = ask(client, entry(person), "access", **said)
    assert first.url == second.url
    assert "déjà enregistré" in " ".join(map(str, get_messages(second.wsgi_request)))
    assert RightsRequest.objects.get().steps.count() == 1


@pytest.mark.parametrize("role", [Role.TENANT, Role.DPO, Role.LANDLORD_MANAGER])
def test_only_the_desk_comes_in(client, person, role):
    client.force_login(UserFactory(role=role, person=PersonFactory() if role == Role.TENANT else None))
    assert client.get(entry(person)).status_code == 403
