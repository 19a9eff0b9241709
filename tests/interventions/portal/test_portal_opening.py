"""A tenant opens an account: only by a code sent to them, and nobody learns from any answer who is known here."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from interventions.account_opening import send_code
from interventions.models import PersonalLink
from interventions.personal_links import issue_link
from interventions.portal.views.opening import ASKED
from privacy.models import OneTimeCode, OutgoingMessage
from privacy.outbox import sms
from tests.factories import (
    InterventionFactory,
    LandlordFactory,
    PersonFactory,
    PhoneFactory,
    TenancyFactory,
    UserFactory,
)
from tests.outbox import deliver_all

pytestmark = pytest.mark.django_db

START, CODE, LOGIN = "/portail/ouvrir/", "/portail/ouvrir/code/", "/portail/ouvrir/connexion/"
PASSWORD = "cheval agrafe batterie"
SAME_PAGE = "Si ces renseignements sont les bons, un code vient d’être envoyé."


@pytest.fixture
def tenancy():
    person = PersonFactory(family_name="Delmotte", email="delmotte@exemple.example")
    PhoneFactory(person=person, number="+33612345678")
    return TenancyFactory(person=person, reference="L-12.345 A")


def ask(client, landlord, reference, channel="sms"):
    """Fill in the first page; then the worker does its part."""
    response = client.post(START, {"landlord": landlord.pk, "reference": reference, "channel": channel})
    if response.status_code == 302:
        send_code(client.session[ASKED], now=timezone.now())
        deliver_all(timezone.now() + timedelta(seconds=1))
    return response


def code_in(text):
    return re.search(r"\b\d{6}\b", text)[0]


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06}"


# The way through ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reference", ["L-12.345 A", "l12345a", " L 12 345 A "])
def test_from_the_reference_to_the_account(client, tenancy, reference):
    assert ask(client, tenancy.landlord, reference).url == CODE
    (text,) = sms.outbox
    assert text.to == "+33612345678"
    assert client.post(CODE, {"code": code_in(text.text)}).url == LOGIN
    client.post(LOGIN, {"email": "moi@exemple.example", "password": PASSWORD})
    user = User.objects.get(person=tenancy.person)
    assert (user.email, user.role) == ("moi@exemple.example", Role.TENANT)
    assert user.check_password(PASSWORD)
    assert client.get("/portail/").status_code == 302  # not before the address is confirmed
    deliver_all(timezone.now() + timedelta(seconds=1))
    (confirm,) = mail.outbox
    assert confirm.to == ["moi@exemple.example"]


def test_a_code_that_came_by_mail_confirms_that_address(client, tenancy):
    ask(client, tenancy.landlord, tenancy.reference, channel="mail")
    (message,) = mail.outbox
    assert message.to == [tenancy.person.email]
    client.post(CODE, {"code": code_in(message.body)})
    response = client.post(LOGIN, {"email": tenancy.person.email, "password": PASSWORD})
    assert response.url == "/portail/"
    assert "Delmotte".upper() in client.get("/portail/").content.decode()


def test_the_other_channel_serves_where_the_chosen_one_is_missing(client, tenancy):
    tenancy.person.phones.all().delete()
    ask(client, tenancy.landlord, tenancy.reference, channel="sms")
    assert [message.to for message in mail.outbox] == [[tenancy.person.email]]


@pytest.mark.parametrize("kind", ["relative", "work"])
def test_a_code_never_goes_to_somebody_else_s_number(client, tenancy, kind):
    tenancy.person.phones.update(kind=kind)
    ask(client, tenancy.landlord, tenancy.reference, channel="sms")
    assert sms.outbox == []
    assert len(mail.outbox) == 1


def test_a_personal_link_stands_for_the_reference_and_not_for_the_code(client, tenancy):
    now, person = timezone.now(), tenancy.person
    intervention = InterventionFactory(occupant=person, opened_at=now)
    token = issue_link(person, purpose=PersonalLink.Purpose.FOLLOW, intervention=intervention, by=None, now=now)
    client.post(f"/portail/lien/{token}/")
    assert "référence de locataire" not in client.get(START).content.decode()
    assert client.get(LOGIN).url == START
    assert client.post(START, {"channel": "sms"}).url == CODE
    send_code(client.session[ASKED], now=timezone.now())
    deliver_all(timezone.now() + timedelta(seconds=1))
    assert client.post(CODE, {"code": code_in(sms.outbox[0].text)}).url == LOGIN


def test_a_bad_password_is_refused_with_its_reason(client, tenancy):
    ask(client, tenancy.landlord, tenancy.reference)
    client.post(CODE, {"code": code_in(sms.outbox[0].text)})
    page = client.post(LOGIN, {"email": "moi@exemple.example", "password": "court"}).content.decode()
    assert "aria-invalid" in page
    assert not User.objects.exists()
    client.post(LOGIN, {"email": "moi@exemple.example", "password": PASSWORD})
    assert User.objects.exists()


def test_whoever_mistyped_their_address_can_begin_again(tenancy):
    for email in ("mpi@exemple.example", "moi@exemple.example"):
        client = Client()
        ask(client, tenancy.landlord, tenancy.reference)
        client.post(CODE, {"code": code_in(sms.outbox[-1].text)})
        client.post(LOGIN, {"email": email, "password": PASSWORD})
    assert User.objects.get(person=tenancy.person).email == "moi@exemple.example"


# Nobody learns anything -----------------------------------------------------------------------------------------------


def make_account(tenancy):
    return UserFactory(role=Role.TENANT, person=tenancy.person)


def pages_of(landlord, reference):
    """What a stranger sees, from the first page to a wrong code, and how many statements it took."""
    client = Client(REMOTE_ADDR="198.51.100.7")
    with CaptureQueriesContext(connection) as queries:
        answer = client.post(START, {"landlord": landlord.pk, "reference": reference, "channel": "sms"})
    first = len(queries)
    send_code(client.session[ASKED], now=timezone.now())
    page = client.get(CODE).content.decode()
    with CaptureQueriesContext(connection) as queries:
        refused = client.post(CODE, {"code": "000000"}).content.decode()
    second = len(queries)
    plain = [re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text) for text in (page, refused)]
    return answer.status_code, answer.url, plain, first, second


@pytest.mark.parametrize("case", ["no such reference", "an account already", "another landlord", "left", "unreachable"])
def test_every_answer_is_the_same(tenancy, case):
    known = pages_of(tenancy.landlord, tenancy.reference)
    assert SAME_PAGE in known[2][0]
    assert OneTimeCode.objects.exists()
    landlord, reference = tenancy.landlord, tenancy.reference
    if case == "no such reference":
        reference = "L-99"
    elif case == "an account already":
        make_account(tenancy)
    elif case == "another landlord":
        landlord = LandlordFactory()
    elif case == "left":
        tenancy.until_on = timezone.localdate() - timedelta(days=1)
        tenancy.save()
    else:
        tenancy.person.phones.all().delete()
        tenancy.person.email = ""
        tenancy.person.save()
    status, url, pages, first, second = pages_of(landlord, reference)
    assert (status, url, pages, first) == known[:4]
    assert known[4] - second == 1  # a wrong try is counted, where there is a code to try


def test_who_has_an_account_is_told_so_where_only_they_read_it(client, tenancy):
    make_account(tenancy)
    ask(client, tenancy.landlord, tenancy.reference)
    (text,) = sms.outbox
    assert "Vous avez déjà un compte" in text.text
    assert not OneTimeCode.objects.exists()
    assert SAME_PAGE in client.get(CODE).content.decode()


def test_an_address_that_has_an_account_is_told_by_mail_alone(client, tenancy):
    taken = UserFactory(role=Role.TENANT, person=PersonFactory(), email="pris@exemple.example")
    ask(client, tenancy.landlord, tenancy.reference)
    client.post(CODE, {"code": code_in(sms.outbox[0].text)})
    answer = client.post(LOGIN, {"email": taken.email, "password": PASSWORD})
    other = Client()
    ask(other, tenancy.landlord, tenancy.reference)
    other.post(CODE, {"code": code_in(sms.outbox[-1].text)})
    free = other.post(LOGIN, {"email": "libre@exemple.example", "password": PASSWORD})
    assert (answer.status_code, answer.url) == (free.status_code, free.url)
    deliver_all(timezone.now() + timedelta(seconds=1))
    assert {message.to[0]: message.subject for message in mail.outbox}[
        "pris@exemple.example"
    ] == "Vous avez déjà un compte"
    assert not User.objects.filter(person=tenancy.person, email=taken.email).exists()


def test_nothing_of_a_message_is_on_the_page(client, tenancy):
    ask(client, tenancy.landlord, tenancy.reference)
    page = client.get(CODE).content.decode()
    assert OutgoingMessage.objects.filter(person=tenancy.person).exists()
    for part in ("56 78", "5678", "delmotte", "Delmotte"):
        assert part not in page


# Codes and limits -----------------------------------------------------------------------------------------------------


def test_five_wrong_codes_use_it_up(client, tenancy):
    ask(client, tenancy.landlord, tenancy.reference)
    code = code_in(sms.outbox[0].text)
    for _ in range(5):
        assert client.post(CODE, {"code": wrong(code)}).status_code == 200
    assert client.post(CODE, {"code": code}).status_code == 200


def test_a_code_is_good_for_ten_minutes(client, tenancy):
    ask(client, tenancy.landlord, tenancy.reference)
    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1), tick=False):
        assert client.post(CODE, {"code": code_in(sms.outbox[0].text)}).status_code == 200


def test_a_stranger_s_request_leaves_the_tenant_s_code_alone(client, tenancy):
    ask(client, tenancy.landlord, tenancy.reference)
    code = code_in(sms.outbox[0].text)
    stranger = Client(REMOTE_ADDR="198.51.100.7")
    ask(stranger, tenancy.landlord, tenancy.reference)
    assert stranger.post(CODE, {"code": code}).status_code == 200
    assert client.post(CODE, {"code": code}).url == LOGIN


@pytest.mark.parametrize("exists", [True, False])
def test_many_requests_from_one_place_are_refused_and_the_tenant_is_not(tenancy, exists):
    stranger = Client(REMOTE_ADDR="198.51.100.7")
    reference = tenancy.reference if exists else "L-99"
    statuses = [ask(stranger, tenancy.landlord, reference).status_code for _ in range(5)]
    assert statuses == [302, 302, 302, 429, 429]
    assert ask(Client(), tenancy.landlord, tenancy.reference).status_code == 302


def test_many_references_from_one_place_are_refused(tenancy):
    stranger = Client(REMOTE_ADDR="198.51.100.7")
    statuses = {ask(stranger, tenancy.landlord, f"L-{number}").status_code for number in range(11)}
    assert statuses == {302, 429}


def test_two_tenants_whose_references_differ_by_punctuation_alone_get_no_code(client, tenancy):
    TenancyFactory(dwelling=tenancy.dwelling, reference="L12345A")
    ask(client, tenancy.landlord, "L12345A")
    assert sms.outbox == mail.outbox == []


def test_steps_cannot_be_skipped(client):
    assert client.get(CODE).url == START
    assert client.get(LOGIN).url == START


def test_who_is_signed_in_has_no_need_of_it(client):
    client.force_login(UserFactory(role=Role.TENANT, person=PersonFactory()))
    assert client.get(START).url == "/portail/"
