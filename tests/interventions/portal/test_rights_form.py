"""The ten rights without an account: nothing happens before the code, and nobody learns whom we know."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client

from accounts.merging import merge_people
from accounts.models import Phone
from privacy import consent
from privacy.models import OutgoingMessage, RightsRequest
from privacy.outbox import sms
from privacy.policy import RIGHTS
from privacy.rights.workflow import Identity, Right
from tests.factories import NOW, TODAY, PersonFactory, PhoneFactory, UserFactory
from tests.outbox import deliver_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("night")]

HOME = "/confidentialite/droits/"
CODE = f"{HOME}code/"
SENT = f"{HOME}envoyee/"
EMAIL = "ines@exemple.example"
ANYTHING = {"wish": "Tout", "purpose": "surveys", "restriction_reason": "accuracy"}


def who(**said):
    return {"requester": "self", "name": "Inès Delvaux", "to": EMAIL} | said


def ask(client, right="access", **said):
    return client.post(f"{HOME}{right}/", ANYTHING | who(**said))


def code_sent():
    deliver_all(NOW)
    return re.search(r"\b\d{6}\b", mail.outbox[-1].body).group()


def prove(client):
    return client.post(CODE, {"code": code_sent()}, follow=True)


@pytest.fixture
def person(db):
    return PersonFactory(email="Ines@exemple.example")


def test_every_right_is_there(client):
    page = client.get(HOME).content.decode()
    assert all(f'href="{HOME}{right.key}/"' in page for right in RIGHTS)
    assert client.get(f"{HOME}vengeance/").status_code == 404


@pytest.mark.parametrize("where", ["/", "/confidentialite/"])
def test_the_form_is_found_from_the_first_page_and_the_policy(client, where):
    assert f'href="{HOME}"' in client.get(where).content.decode()


@pytest.mark.parametrize("right", Right.values)
def test_a_right_is_exercised_once_the_code_came_back(client, person, right):
    assert client.get(f"{HOME}{right}/").status_code == 200
    assert ask(client, right).url == CODE
    assert not RightsRequest.objects.exists()
    page = prove(client)
    request = RightsRequest.objects.get()
    assert (request.person, request.right, request.identity) == (person, right, Identity.CODE)
    assert (request.channel, request.received_on, request.reply_to) == ("form", TODAY, EMAIL)
    assert request.reference in page.content.decode()


def test_a_mobile_is_as_good(client, person):
    PhoneFactory(person=person, number="+33612345678")
    ask(client, to="06 12 34 56 78")
    deliver_all(NOW)
    code = re.search(r"\b\d{6}\b", sms.outbox[-1].text).group()
    client.post(CODE, {"code": code})
    assert RightsRequest.objects.get().person == person


def test_the_pages_are_the_same_for_who_is_known_and_who_is_not(person):
    pages = []
    for to in (EMAIL, "personne@exemple.example"):
        client = Client()
        ask(client, to=to)
        shown = client.get(CODE).content.decode(), prove(client).content.decode()
        request = RightsRequest.objects.latest("pk")
        pages.append(
            [
                re.sub(r"csrf\w+\" value=\"\w+", "", page.replace(to, "").replace(request.reference, ""))
                for page in shown
            ]
        )
    known, unknown = pages
    assert known == unknown
    assert set(RightsRequest.objects.values_list("person", "identity")) == {(person.pk, "code"), (None, "")}


def test_who_is_not_known_waits_for_the_dpo_with_what_finds_them(client):
    ask(client, home="12 rue des Lilas, Cambrai")
    prove(client)
    request = RightsRequest.objects.get()
    assert request.awaits_person
    assert (request.requester_name, request.reply_to) == ("Inès Delvaux", EMAIL)
    assert "12 rue des Lilas" in request.wish


def nobody_alone(person):
    PersonFactory(email=EMAIL)


def only_a_relatives(person):
    person.email = ""
    person.save()
    PhoneFactory(person=person, number="+33612345678", kind=Phone.Kind.RELATIVE)


@pytest.mark.parametrize(("arrange", "to"), [(nobody_alone, EMAIL), (only_a_relatives, "+33612345678")])
def test_an_address_that_is_not_one_persons_own_proves_nobody(client, person, arrange, to):
    arrange(person)
    ask(client, to=to)
    deliver_all(NOW)
    text = mail.outbox[-1].body if "@" in to else sms.outbox[-1].text
    client.post(CODE, {"code": re.search(r"\b\d{6}\b", text).group()})
    assert RightsRequest.objects.get().awaits_person


def test_a_merged_record_is_not_somebody_else(client, person):
    merge_people(person, PersonFactory(email=EMAIL), by=UserFactory(), now=NOW)
    ask(client)
    prove(client)
    assert RightsRequest.objects.get().person == person


@pytest.mark.parametrize("requester", ["representative", "heir"])
def test_who_asks_for_another_proves_only_who_they_are_themselves(client, person, requester):
    assert ask(client, requester=requester).status_code == 422
    ask(client, requester=requester, concerned="Paul Martin")
    prove(client)
    request = RightsRequest.objects.get()
    assert (request.person, request.identity, request.requester) == (None, Identity.UNPROVED, requester)
    assert "Paul Martin" in request.wish


def test_a_consent_stops_in_the_request_that_carries_the_code(client, person):
    consent.give(person, purpose="surveys", channel="portal", by=None, now=NOW)
    ask(client, "withdrawal")
    assert consent.is_given(person, purpose="surveys")
    prove(client)
    assert not consent.is_given(person, purpose="surveys")


def test_who_has_no_account_is_sent_the_answer_that_is_there_at_once(client, person):
    ask(client, "withdrawal")
    prove(client)
    letter = RightsRequest.objects.get().letters.get()
    deliver_all(NOW)
    link = re.search(r"/confidentialite/lettre/\S+", mail.outbox[-1].body).group()
    assert letter.text not in mail.outbox[-1].body
    assert letter.text not in Client().get(link).content.decode()
    Client().post(link, {"to": "0"})
    reader = Client()
    reader.post(link, {"to": "0"})
    assert "Vous avez retiré votre accord" in reader.post(link, {"code": code_sent()}, follow=True).content.decode()


@pytest.mark.parametrize(
    "lacking",
    [{"name": ""}, {"to": ""}, {"to": "06 12"}, {"to": "ines@"}, {"to": "03 27 12 34 56"}, {"requester": "?"}],
)
def test_what_lacks_is_said_and_what_was_written_is_kept(client, lacking):
    response = ask(client, **lacking)
    assert response.status_code == 422
    assert "Tout</textarea>" in response.content.decode()
    assert not OutgoingMessage.objects.exists()


def test_a_code_serves_once(client, person):
    ask(client)
    code = code_sent()
    for _ in range(2):
        response = client.post(CODE, {"code": code})
        assert response.url == SENT
    assert RightsRequest.objects.count() == 1
    assert client.get(SENT).status_code == 200


def test_five_tries_and_no_more(client, person):
    ask(client)
    code = code_sent()
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(5):
        assert client.post(CODE, {"code": wrong}).status_code == 422
    assert client.post(CODE, {"code": code}).status_code == 422
    assert client.post(CODE, {"again": "1"}).url == CODE
    prove(client)
    assert RightsRequest.objects.get().person == person


def test_ten_minutes_and_no_more(client, person):
    ask(client)
    code = code_sent()
    with time_machine.travel(NOW + timedelta(minutes=10), tick=False):
        assert client.post(CODE, {"code": code}).status_code == 422
    with time_machine.travel(NOW + timedelta(minutes=9), tick=False):
        assert client.post(CODE, {"code": code}).status_code == 302


def test_a_new_code_ends_the_former(client, person):
    ask(client)
    former = code_sent()
    client.post(CODE, {"again": "1"})
    assert code_sent() != former
    assert client.post(CODE, {"code": former}).status_code == 422


def test_nobody_is_sent_codes_without_end(client):
    statuses = [ask(client).status_code for _ in range(6)]
    assert statuses == [302] * 5 + [429]
    assert "Tout</textarea>" in ask(client).content.decode()
    assert OutgoingMessage.objects.count() == 5
    assert client.post(CODE, {"again": "1"}).status_code == 429


def test_one_device_does_not_write_to_everybody(client):
    statuses = [ask(client, to=f"tenant{number}@exemple.example").status_code for number in range(11)]
    assert statuses == [302] * 10 + [429]


def test_another_browser_has_nothing_to_prove(client, person):
    ask(client)
    code = code_sent()
    assert Client().post(CODE, {"code": code}).url == HOME
    assert Client().get(SENT).url == HOME
    assert not RightsRequest.objects.exists()


def test_nothing_written_is_readable_in_the_session_or_in_a_message(client):
    ask(client, "information", wish="Mon secret à moi")
    deliver_all(NOW)
    assert "Mon secret" not in str(dict(client.session))
    assert "Mon secret" not in mail.outbox[-1].body


def test_in_english(client):
    page = client.get(HOME, headers={"accept-language": "en"}).content.decode()
    assert "Your rights" in page
    assert "Vos droits" not in page
