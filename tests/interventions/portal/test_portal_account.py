"""My account: what somebody says of how to reach them is what the desk uses, once it is proven to be theirs."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import Phone
from accounts.roles import Role
from accounts.sign_in.sessions import SIGNED_IN_AT
from privacy.outbox import sms
from tests.factories import PersonFactory, PhoneFactory, TenancyFactory, UserFactory
from tests.outbox import deliver_all

pytestmark = pytest.mark.django_db

ACCOUNT = "/portail/compte/"


@pytest.fixture
def person(client):
    person = PersonFactory(family_name="Delmotte", email="ancienne@exemple.example")
    client.force_login(UserFactory(role=Role.TENANT, person=person))
    return person


def code_sent(box):
    deliver_all(timezone.now() + timedelta(seconds=1))
    message = box[-1]
    return re.search(r"\b\d{6}\b", getattr(message, "text", None) or message.body)[0]


def numbers_of(person):
    return list(person.phones.order_by("pk").values_list("number", flat=True))


def test_the_page_shows_who_they_are_for_the_desk(client, person):
    PhoneFactory(person=person, number="+33612345678")
    TenancyFactory(person=person, reference="LOC-77")
    page = client.get(ACCOUNT).content.decode()
    for shown in ("DELMOTTE", "LOC-77", "ancienne@exemple.example", "06\N{NO-BREAK SPACE}12\N{NO-BREAK SPACE}34"):
        assert shown in page
    for address in ("/compte/", "/portail/accords/", "/portail/mes-donnees/", "/portail/abonnement/"):
        assert f'href="{address}"' in page


def test_a_new_number_replaces_the_old_one_once_its_code_came_back(client, person):
    old = PhoneFactory(person=person, number="+33612345678")
    client.post(f"{ACCOUNT}telephone/?remplace={old.pk}", {"number": "06 98 76 54 32"})
    assert numbers_of(person) == ["+33612345678"]
    code = code_sent(sms.outbox)
    assert sms.outbox[-1].to == "+33698765432"
    client.post(f"{ACCOUNT}code/", {"code": "000000" if code != "000000" else "111111"})
    assert numbers_of(person) == ["+33612345678"]
    assert client.post(f"{ACCOUNT}code/", {"code": f" {code[:3]} {code[3:]} "}).url == ACCOUNT
    assert numbers_of(person) == ["+33698765432"]


def test_another_number_is_added(client, person):
    PhoneFactory(person=person, number="+33612345678")
    client.post(f"{ACCOUNT}telephone/", {"number": "0698765432"})
    client.post(f"{ACCOUNT}code/", {"code": code_sent(sms.outbox)})
    assert numbers_of(person) == ["+33612345678", "+33698765432"]


def test_the_same_code_twice_acts_once(client, person):
    client.post(f"{ACCOUNT}telephone/", {"number": "0698765432"})
    code = code_sent(sms.outbox)
    for _ in range(2):
        assert client.post(f"{ACCOUNT}code/", {"code": code}).url == ACCOUNT
    assert numbers_of(person) == ["+33698765432"]


def test_a_code_proves_the_number_it_was_sent_to_and_no_other(client, person):
    client.post(f"{ACCOUNT}telephone/", {"number": "0698765432"})
    mine = code_sent(sms.outbox)
    client.post(f"{ACCOUNT}telephone/", {"number": "0611111111"})
    assert code_sent(sms.outbox) != mine or True
    client.post(f"{ACCOUNT}code/", {"code": mine})
    assert "+33611111111" not in numbers_of(person)


def test_a_number_that_takes_no_sms_is_refused_and_kept_on_the_page(client, person):
    page = client.post(f"{ACCOUNT}telephone/", {"number": "03 27 12 34 56"}).content.decode()
    assert "ne reçoit pas de SMS" in page
    assert "03 27 12 34 56" in page


def test_a_new_address_replaces_the_old_one_once_its_code_came_back(client, person):
    client.post(f"{ACCOUNT}adresse/", {"email": "Nouvelle@exemple.example"})
    person.refresh_from_db()
    assert person.email == "ancienne@exemple.example"
    code = code_sent(mail.outbox)
    assert mail.outbox[-1].to == ["nouvelle@exemple.example"]
    client.post(f"{ACCOUNT}code/", {"code": code})
    person.refresh_from_db()
    assert person.email == "nouvelle@exemple.example"


def test_codes_are_not_sent_without_end(client, person):
    statuses = [client.post(f"{ACCOUNT}telephone/", {"number": "0698765432"}).status_code for _ in range(8)]
    assert statuses == [302] * 6 + [429] * 2


def test_the_last_way_to_reach_somebody_stays(client, person):
    phone = PhoneFactory(person=person)
    person.email = ""
    person.save()
    client.post(f"{ACCOUNT}telephone/{phone.pk}/effacer/")
    assert Phone.objects.filter(pk=phone.pk).exists()
    other = PhoneFactory(person=person)
    client.post(f"{ACCOUNT}telephone/{phone.pk}/effacer/")
    assert numbers_of(person) == [other.number]


def test_how_to_be_reached_is_told_in_codes(client, person):
    client.post(f"{ACCOUNT}joindre/", {"language": "ar", "assistance": ["interpreter", "long_ring"]})
    person.refresh_from_db()
    assert (person.language, sorted(person.assistance)) == ("ar", ["interpreter", "long_ring"])
    page = client.get(ACCOUNT).content.decode()
    assert "Me parler avec un interprète" in page
    client.post(f"{ACCOUNT}joindre/", {"language": "fr", "assistance": ["diabète"]})
    person.refresh_from_db()
    assert person.assistance == ["interpreter", "long_ring"]


def test_the_language_chosen_here_is_spoken_at_once(client, person):
    client.post("/langue/", {"language": "fr", "next": "/portail/"})
    assert '<html lang="fr">' in client.get(ACCOUNT).content.decode()
    response = client.post(f"{ACCOUNT}joindre/", {"language": "en"})
    assert response.cookies["django_language"].value == "en"
    assert '<html lang="en">' in client.get(ACCOUNT).content.decode()


@pytest.mark.parametrize("act", ["telephone/{}/effacer/", "telephone/?remplace={}"])
def test_somebody_else_s_number_is_nowhere(client, person, act):
    theirs = PhoneFactory()
    assert client.post(ACCOUNT + act.format(theirs.pk), {"number": "0698765432"}).status_code == 404
    assert Phone.objects.filter(pk=theirs.pk, number=theirs.number).exists()


def test_a_change_asks_who_signed_in_long_ago_who_they_are(client, person):
    session = client.session
    session[SIGNED_IN_AT] -= 3600
    session.save()
    response = client.get(f"{ACCOUNT}telephone/")
    assert response.url.startswith("/compte/confirmer/")


@pytest.mark.parametrize("page", ["", "joindre/", "telephone/", "adresse/"])
def test_twelve_queries(client, person, page, django_assert_max_num_queries):
    for _ in range(3):
        PhoneFactory(person=person)
        TenancyFactory(person=person)
        with django_assert_max_num_queries(12):
            assert client.get(ACCOUNT + page).status_code == 200
