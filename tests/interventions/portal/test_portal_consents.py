"""Consents: silence is no, taking one back is as short as giving it, and acts at once."""

import io

import pytest
from django.utils import timezone

from accounts.roles import Role
from callcenter.models import Recording
from callcenter.recordings import store
from interventions.portal.views.consents import EFFECTS
from privacy import consent
from privacy.models import ConsentEvent
from privacy.wordings import CURRENT
from tests.factories import AnsweredCallFactory, PersonFactory, UserFactory
from tests.sounds import WAV

pytestmark = pytest.mark.django_db

PAGE = "/portail/accords/"


@pytest.fixture
def person(client):
    person = PersonFactory()
    client.force_login(UserFactory(role=Role.TENANT, person=person))
    return person


def test_each_purpose_that_needs_consent_has_its_place(client, person):
    assert set(EFFECTS) | {"recording", "cookies"} == set(consent.CONSENTS)
    page = client.get(PAGE).content.decode()
    for key in consent.CONSENTS:
        assert f'id="{key}"' in page
    for key in EFFECTS:
        assert CURRENT[key].text in page
    assert page.count('aria-checked="false"') == len(EFFECTS)
    assert 'href="/cookies/"' in page


@pytest.mark.parametrize("purpose", EFFECTS)
def test_one_gesture_gives_and_one_takes_back(client, person, purpose):
    assert not consent.is_given(person, purpose=purpose)
    client.post(f"{PAGE}{purpose}/", {"answer": "given"})
    assert consent.is_given(person, purpose=purpose)
    assert client.get(PAGE).content.decode().count('aria-checked="true"') == 1
    client.post(f"{PAGE}{purpose}/", {"answer": "withdrawn"})
    assert not consent.is_given(person, purpose=purpose)
    given, withdrawn = ConsentEvent.objects.order_by("pk")
    assert (given.channel, given.actor, given.wording.text) == ("portal", None, CURRENT[purpose].text)
    assert withdrawn.answer == "withdrawn"
    page = client.get(PAGE).content.decode()
    assert "dans votre espace" in page
    assert "Accord retiré" in page


def test_the_same_answer_twice_is_one(client, person):
    for _ in range(2):
        client.post(f"{PAGE}surveys/", {"answer": "given"})
    assert ConsentEvent.objects.count() == 1


def test_taking_back_the_consent_to_recordings_erases_them_at_once(client, person):
    now = timezone.now()
    accepted = {"recording_answer": "accepted", "recording_answered_at": now}
    call = AnsweredCallFactory(
        caller=person, started_at=now, answered_at=now, ended_at=now, outcome="information", **accepted
    )
    consent.give(person, purpose="recording", channel="phone", by=None, now=now, source=call)
    store(call, stream=io.BytesIO(WAV), now=now)
    assert Recording.objects.exists()
    assert "effacer mes enregistrements" in client.get(PAGE).content.decode()
    client.post(f"{PAGE}recording/", {"answer": "withdrawn"})
    assert not Recording.objects.exists()


@pytest.mark.parametrize(
    ("purpose", "said"),
    [
        ("recording", "given"),
        ("cookies", "given"),
        ("interventions", "withdrawn"),
        ("surveys", "perhaps"),
        ("surveys", ""),
    ],
)
def test_what_makes_no_sense_here_is_not_found(client, person, purpose, said):
    assert client.post(f"{PAGE}{purpose}/", {"answer": said}).status_code == 404
    assert not ConsentEvent.objects.exists()


def test_looking_answers_nothing(client, person):
    assert client.get(f"{PAGE}surveys/").status_code == 405
    assert not ConsentEvent.objects.exists()


def test_an_answer_is_one_s_own(client, person):
    other = PersonFactory()
    consent.give(other, purpose="surveys", channel="portal", by=None, now=timezone.now())
    client.post(f"{PAGE}surveys/", {"answer": "withdrawn", "person": other.pk})
    assert consent.is_given(other, purpose="surveys")


def test_twelve_queries(client, person, django_assert_max_num_queries):
    for answer in ("given", "withdrawn", "given"):
        client.post(f"{PAGE}surveys/", {"answer": answer})
        with django_assert_max_num_queries(12):
            client.get(PAGE)
