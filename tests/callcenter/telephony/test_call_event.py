"""The telephone system tells of a call; whatever it sends, the desk keeps working."""

import json

import pytest
from django.test import Client

from callcenter.models import Call, Callback
from interventions.models import DialledNumber
from tests.factories import LandlordFactory, UserFactory

pytestmark = pytest.mark.django_db

TOKEN = "a-token-of-the-exchange"


@pytest.fixture(autouse=True)
def door(settings):
    settings.CTI_TOKEN = TOKEN


def tell(client: Client, event, *, token: str = TOKEN):
    body = event if isinstance(event, str | bytes) else json.dumps(event)
    return client.post(f"/cti/{token}/", body, content_type="application/json")


def ringing(**more):
    return {"event": "ringing", "call": "42", "from": "0612345678", "to": "03 27 00 00 01"} | more


def test_a_call_rings_for_the_landlord_whose_number_was_dialled(client):
    landlord = LandlordFactory()
    DialledNumber.objects.create(landlord=landlord, number="+33327000001")

    response = tell(client, ringing())

    call = Call.objects.get()
    assert response.json() == {"call": call.pk}
    assert (call.from_number, call.to_number, call.landlord) == ("+33612345678", "+33327000001", landlord)
    assert (call.external_id, call.direction, call.agent) == ("42", Call.Direction.INBOUND, None)


def test_a_call_nobody_answered_is_to_be_rung_back(client):
    tell(client, ringing())

    tell(client, {"event": "ended", "call": "42"})

    assert Call.objects.get().outcome == Call.Outcome.MISSED
    assert Callback.objects.get().done_at is None


def test_an_event_told_twice_is_one_event(client):
    for event in (ringing(), ringing(), {"event": "ended", "call": "42"}, {"event": "ended", "call": "42"}, ringing()):
        assert tell(client, event).status_code == 200

    assert Call.objects.count() == Callback.objects.count() == 1
    assert Call.objects.get().ended_at


@pytest.mark.parametrize(
    "hidden", [None, "", "anonymous", "Restricted", "0", "unknown\0", {"sip": "x"}, [], 7, "9" * 9999]
)
def test_a_hidden_or_odd_number_rings_all_the_same(client, hidden):
    assert tell(client, ringing(**{"from": hidden, "to": hidden})).status_code == 200
    assert (Call.objects.get().from_number, Call.objects.get().to_number) == ("", "")


def test_an_event_without_numbers_rings_all_the_same(client):
    assert tell(client, {"event": "ringing", "call": "42"}).status_code == 200


@pytest.mark.parametrize(
    "junk",
    [
        "",
        "{",
        "null",
        "42",
        "true",
        '"ringing"',
        "[]",
        '["event", "call"]',
        "{}",
        '{"event": "ringing"}',
        '{"call": "42"}',
        "NaN",
        "[" * 100_000,
        '{"event": "ringing", "call": ' + "9" * 5000 + "}",
        b"\xff\xfe",
        b"\x00" * 1000,
        "event=ringing&call=42",
    ],
)
def test_what_is_no_event_is_refused_with_a_reason(client, junk):
    response = tell(client, junk)

    assert response.status_code == 400
    assert "objet JSON" in response.json()["error"]
    assert not Call.objects.exists()


@pytest.mark.parametrize("name", [None, "", "answered", "RINGING", [], {}, 1])
def test_an_unknown_event_is_refused_with_a_reason(client, name):
    response = tell(client, ringing(event=name))

    assert response.status_code == 400
    assert "ringing" in response.json()["error"]


@pytest.mark.parametrize(
    "name", [None, "", "x" * 65, "4\0", "4\n2", "\ud800", "\u202e42", True, 42, 4.2, [], {"id": 42}]
)
def test_a_call_without_a_usable_name_is_refused_with_a_reason(client, name):
    response = tell(client, ringing(call=name))

    assert response.status_code == 400
    assert "1 à 64 caractères" in response.json()["error"]
    assert not Call.objects.exists()


def test_the_end_of_an_unknown_call_is_not_found(client):
    assert tell(client, {"event": "ended", "call": "404"}).status_code == 404


def test_a_body_larger_than_any_event_is_refused(client):
    assert tell(client, ringing(note="x" * 3_000_000)).status_code == 400
    assert not Call.objects.exists()


@pytest.mark.parametrize("token", ["x", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "é", "%00", "x" * 10_000])
def test_a_wrong_token_finds_nothing_whatever_is_sent(client, token):
    assert tell(client, ringing()).status_code == 200
    answers = [
        tell(client, event, token=token) for event in (ringing(call="43"), "{", {"event": "ended", "call": "42"})
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert Call.objects.get().ended_at is None


def test_without_a_token_of_ours_the_door_is_shut(client, settings):
    settings.CTI_TOKEN = ""

    for token in (TOKEN, "0", "%20"):
        assert tell(client, ringing(), token=token).status_code == 404
    assert not Call.objects.exists()


def test_the_door_only_listens(client):
    for method in ("get", "put", "delete"):
        assert getattr(client, method)(f"/cti/{TOKEN}/").status_code == 405


def test_it_needs_neither_a_form_nor_a_login():
    strict = Client(enforce_csrf_checks=True)
    assert tell(strict, ringing()).status_code == 200

    strict.force_login(UserFactory())
    assert tell(strict, ringing(call="43")).status_code == 200
