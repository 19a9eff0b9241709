"""Whatever is sent, the desk gets an answer in French, and what was typed is still there."""

import json
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localtime

from accounts.models import Person
from callcenter.models import Call, Callback, LogEntry
from interventions.models import Intervention, SafetyAlert
from tests.callcenter.console.reading import words
from tests.factories import (
    AnsweredCallFactory,
    CallbackFactory,
    CallFactory,
    IncidentFactory,
    InterventionFactory,
    LogEntryFactory,
    PersonFactory,
    ProviderFactory,
    SafetyAlertFactory,
    ShiftFactory,
    TenancyFactory,
)

pytestmark = pytest.mark.django_db

NOT_IDS = ["x", "-1", "0", "1.5", "²", "٣", "9" * 19, "9" * 5000, "\0", " ", "1;DROP", "\u202e1", "true"]
NOT_MOMENTS = [
    "31/02/2026 10:00",
    "2026-02-30T10:00",
    "0000-01-01T00:00",
    "0001-01-01T00:00",
    "9999-12-31T23:59",
    "99999-01-01T00:00",
    "2026-03-29T02:30",
    "2026-03-11T24:01",
    "2026-03-11T09:00+99:00",
    "demain",
    "\0",
    "9" * 100_000,
]
NOT_PHONES = ["12", "06 12 34 56 7", "+999 1234567", "0612345678\0", "6" * 10_000, "allô"]
MILLION = "M" * 1_000_000


@pytest.fixture
def rows(agent):
    """One of each: addresses and forms that name them."""
    tenancy = TenancyFactory()
    return {
        "call": AnsweredCallFactory(agent=agent),
        "callback": CallbackFactory(),
        "intervention": InterventionFactory(residence=tenancy.dwelling.residence, dwelling=tenancy.dwelling),
        "incident": IncidentFactory(residence=tenancy.dwelling.residence),
        "person": tenancy.person,
        "dwelling": tenancy.dwelling,
        "residence": tenancy.dwelling.residence,
        "shift": ShiftFactory(),
        "entry": LogEntryFactory(call=CallFactory()),
        "alert": SafetyAlertFactory(),
        "provider": ProviderFactory(),
    }


@pytest.mark.parametrize("bad", NOT_IDS)
def test_no_address_with_a_spoiled_id_is_an_error(console, rows, bad):
    for field in ("appel", "logement", "residence", "personne"):
        for form in ("new_intervention", "new_alert", "new_person"):
            for answer in (
                console.get(reverse(f"console:{form}"), {field: bad}),
                console.post(reverse(f"console:{form}"), {field: bad, "form_key": str(uuid4())}),
            ):
                assert answer.status_code in (200, 302, 404, 422), (form, field)
    for answer in (
        console.get(reverse("console:merge", args=[rows["person"].pk]), {"avec": bad}),
        console.post(reverse("console:merge", args=[rows["person"].pk]), {"avec": bad, "merge": "1"}),
    ):
        assert answer.status_code in (200, 404)
    call = rows["call"]
    for role in ("caller", "behalf", bad):
        console.post(reverse("console:identify_caller", args=[call.pk]), {"person": bad, "role": role, "relation": bad})
    console.post(reverse("console:new_call"), {"direction": bad, "landlord": bad})
    console.post(reverse("console:answer_recording", args=[call.pk]), {"answer": bad})
    assert console.post(reverse("console:finish_call", args=[call.pk]), {"outcome": bad}).status_code == 422
    assert console.post(reverse("console:handover"), {"shift": bad}).status_code == 302
    step = reverse("console:advance", args=[rows["intervention"].pk, "dispatched"])
    assert console.post(step, {"version": bad, "provider": bad}).status_code == 422
    assert (
        console.post(reverse("console:new_incident", args=[rows["residence"].pk]), {"problem": bad, "equipment": bad})
    ).status_code == 422
    call.refresh_from_db()
    assert (call.caller, call.outcome, call.recording_answer) == (None, "", "")


@pytest.mark.parametrize("bad", ["x", "-1", "9" * 19, "9" * 5000, "1.5", "%00", "%E2%80%AE1", "0"])
def test_an_address_that_names_nothing_is_not_found(console, rows, bad):
    for place in (
        "appels/{}/",
        "rappels/{}/",
        "interventions/{}/",
        "interventions/{}/fil/",
        "incidents/{}/",
        "personnes/{}/",
        "personnes/{}/modifier/",
        "logements/{}/",
        "residences/{}/",
        "main-courante/{}/rectifier/",
        "main-courante/appel/{}/",
    ):
        response = console.get("/console/" + place.format(bad))
        assert response.status_code == 404, place
        assert "Cette page n’existe pas" in words(response)


def test_a_step_nobody_knows_is_not_found(console, rows):
    for step in ("explode", "qualifiee", "suivre-moi"):
        response = console.post(f"/console/interventions/{rows['intervention'].pk}/{step}/", {"version": 1})
        assert response.status_code == 404
    page = console.get(reverse("console:intervention", args=[rows["intervention"].pk]), {"etape": "explode"})
    assert page.context["step_form"] is None


@pytest.mark.parametrize("bad", NOT_MOMENTS)
def test_an_impossible_moment_is_refused_and_shown_again(console, rows, bad):
    tenancy = rows["person"].tenancies.get()
    step = reverse("console:advance", args=[rows["intervention"].pk, "appointment"])
    opening = {
        "logement": tenancy.dwelling_id,
        "problem": "leak_pipe",
        "priority": "normal",
        "on_site_by": bad,
        "description": "Sous l’évier",
        "override_reason": "Convenu",
        "open": "1",
        "began_at": bad,
    }
    before = Intervention.objects.count()
    for address, said, kept in (
        (step, {"version": 1, "starts_at": bad, "ends_at": bad, "reason": "Avec le gardien"}, "Avec le gardien"),
        (reverse("console:new_intervention"), opening, "Sous l’évier"),
        (reverse("console:callback", args=[rows["callback"].pk]), {"promised_at": bad}, "Prendre ce rappel"),
        (
            reverse("console:finish_call", args=[rows["call"].pk]),
            {"outcome": "callback", "promised_at": bad},
            "Terminer",
        ),
        (
            reverse("console:new_alert"),
            {"logement": tenancy.dwelling_id, "kind": "animal", "instruction": "Chien", "expires_on": bad},
            "Chien",
        ),
    ):
        response = console.post(address, said)
        assert response.status_code == 422, address
        assert kept in response.content.decode()
        assert response.content.decode().count('class="errorlist') >= 1
    assert Intervention.objects.count() == before
    assert Callback.objects.exclude(pk=rows["callback"].pk).count() == 0


def test_the_hour_that_october_repeats_is_told_and_confirmed_as_suggested(console, agent):
    """On 25 October 2026 it is 2:30 twice in Paris."""
    for utc in ("2026-10-24T23:30:00Z", "2026-10-25T00:10:00Z", "2026-10-25T00:50:00Z"):
        with time_machine.travel(utc):
            console.force_login(agent)
            tenancy = TenancyFactory(since_on="2022-01-01")
            form = {"logement": tenancy.dwelling_id, "problem": "leak_ceiling", "answer_flowing": "yes"}
            script = console.get(reverse("console:new_intervention"), form).context
            answer = console.post(
                reverse("console:new_intervention"),
                form
                | {
                    "began_at": script["began_at"].isoformat(),
                    "priority": "emergency",
                    "on_site_by": f"{localtime(script['suggestion'].on_site_by):%Y-%m-%dT%H:%M}",
                    "open": "1",
                },
            )
            assert answer.status_code == 302, words(answer)
            opened = Intervention.objects.latest("pk")
            assert opened.on_site_by == opened.suggested_on_site_by


@pytest.mark.parametrize("bad", NOT_PHONES)
def test_a_number_that_cannot_be_is_refused_and_shown_again(console, bad):
    for address, said in (
        (reverse("console:new_call"), {"direction": "inbound"}),
        (reverse("console:new_person"), {"family_name": "Lesage", "language": "fr"}),
    ):
        response = console.post(address, said | {"number": bad})
        assert response.status_code == 422
        assert response.context["form"]["number"].value() == bad
    assert not Person.objects.exists()


def test_a_number_pasted_with_direction_marks_is_understood(console):
    console.post(reverse("console:new_call"), {"direction": "inbound", "number": "\u202a06 12 34 56 78\u202c"})

    assert Call.objects.get().from_number == "+33612345678"


@pytest.mark.parametrize(
    "spoiled",
    ["Dela\0ttre", "\u202eDelattre\u202c", "Dela\u200bttre", "\tDelattre\r\n", "Délattre".encode().decode("latin-1")],
)
def test_what_nobody_sees_in_a_name_is_left_out(console, spoiled):
    response = console.post(reverse("console:new_person"), {"family_name": spoiled, "language": "fr"})

    if response.status_code == 302:
        assert Person.objects.get().family_name.isprintable()
    else:
        assert response.status_code == 422
        assert not Person.objects.exists()


@pytest.mark.parametrize("spoiled", ["Fui\0te", MILLION[:4001]])
def test_a_text_that_cannot_be_kept_is_refused_and_shown_again(console, rows, spoiled):
    shift = rows["shift"]
    before = LogEntry.objects.count()

    response = console.post(reverse("console:write", args=["vacation", shift.pk]), {"kind": "note", "text": spoiled})

    assert response.status_code == 422
    assert response.context["form"]["text"].value() == spoiled
    assert LogEntry.objects.count() == before


def test_right_to_left_text_is_kept_as_it_was_written(console, rows):
    text = "Nom sur la boîte : بن علي"
    console.post(reverse("console:write", args=["vacation", rows["shift"].pk]), {"kind": "note", "text": text})

    assert LogEntry.objects.latest("pk").text == text
    assert text in words(console.get(reverse("console:board")))


@pytest.mark.parametrize(
    "query", ["\0", "\u202e", "%", "_", "'; --", "\\", "I" + "9" * 70, "9" * 80, "(", "ﷺ" * 80, "🚿", MILLION]
)
def test_any_search_is_answered(console, rows, query):
    for headers in ({}, {"HX-Request": "true"}):
        assert console.post(reverse("console:search"), {"q": query}, headers=headers).status_code == 200
    sheet = reverse("console:look_for_caller", args=[rows["call"].pk])
    assert console.post(sheet, {"who": query}).status_code == 200
    merge = reverse("console:merge", args=[rows["person"].pk])
    assert console.post(merge, {"who": query}).status_code == 200


def test_a_million_letters_are_refused_without_an_error(console, rows):
    for address, said in (
        (reverse("console:new_person"), {"family_name": MILLION, "given_name": MILLION, "language": "fr"}),
        (reverse("console:edit_person", args=[rows["person"].pk]), {"family_name": MILLION, "email": MILLION}),
        (reverse("console:write", args=["appel", rows["call"].pk]), {"kind": "note", "text": MILLION}),
        (reverse("console:strike", args=[rows["entry"].pk]), {"text": MILLION, "justification": MILLION}),
        (reverse("console:advance", args=[rows["intervention"].pk, "cancelled"]), {"version": 1, "reason": MILLION}),
        (reverse("console:close_incident", args=[rows["incident"].pk]), {"reason": MILLION}),
        (
            reverse("console:new_alert"),
            {"residence": rows["residence"].pk, "kind": "gas", "instruction": MILLION, "expires_on": "2026-04-01"},
        ),
        (
            reverse("console:new_intervention"),
            {
                "residence": rows["residence"].pk,
                "problem": "leak_pipe",
                "priority": "normal",
                "on_site_by": "2026-03-11T09:00",
                "description": MILLION,
                "override_reason": MILLION,
                "open": "1",
            },
        ),
    ):
        response = console.post(address, said)
        assert response.status_code == 422, address
        assert "caractères" in words(response)


def test_a_body_larger_than_any_form_is_refused_in_french(console, rows):
    body = "text=" + "a" * 3_000_000
    response = console.post(
        reverse("console:write", args=["appel", rows["call"].pk]),
        body,
        content_type="application/x-www-form-urlencoded",
    )
    assert response.status_code == 400
    assert "<h1>" in response.content.decode()

    fields = "&".join(f"f{each}=1" for each in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1))
    response = console.post(reverse("console:search"), fields, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 400


def test_names_of_a_hundred_letters_are_shown_escaped(console):
    person = PersonFactory(family_name="<script>alert(1)</script>" + "M" * 75, given_name="N" * 100)

    page = console.get(reverse("console:person", args=[person.pk])).content.decode()

    assert "&lt;SCRIPT&gt;" in page
    assert "<SCRIPT>" not in page


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_a_method_no_page_knows_is_refused_in_french(console, rows, method):
    for name in ("board", "search", "new_call", "new_person", "new_intervention", "new_alert", "handover", "demo_ring"):
        response = getattr(console, method)(reverse(f"console:{name}"))
        assert response.status_code == 405, name
        assert "Cette adresse n’est pas une page" in words(response)


def test_what_changes_something_is_never_a_get(console, rows):
    call, intervention = rows["call"].pk, rows["intervention"].pk
    for name, args in {
        "answer_call": [call],
        "identify_caller": [call],
        "clear_caller": [call],
        "give_notice": [call],
        "answer_recording": [call],
        "finish_call": [call],
        "link_intervention": [call, intervention],
        "look_for_caller": [call],
        "demo_ring": [],
        "ring_back": [rows["callback"].pk],
        "give_up_callback": [rows["callback"].pk],
        "take_over": [intervention],
        "advance": [intervention, "closed"],
        "close_incident": [rows["incident"].pk],
        "attach": [rows["incident"].pk, intervention],
        "undo_merge": [1],
        "end_alert": [rows["alert"].pk],
    }.items():
        assert console.get(reverse(f"console:{name}", args=args)).status_code == 405, name


@pytest.mark.parametrize("token", [None, "", "x", "é" * 64, "0" * 10_000])
def test_a_form_without_its_token_changes_nothing_and_says_so(agent, rows, token):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(agent)
    said = {} if token is None else {"csrfmiddlewaretoken": token}

    response = strict.post(reverse("console:give_notice", args=[rows["call"].pk]), said)

    assert response.status_code == 403
    assert "Ce formulaire a expiré" in words(response)
    assert Call.objects.get(pk=rows["call"].pk).notice_version == ""


@pytest.mark.parametrize("body", ["{", "null", json.dumps({"q": "x"}), "%", "=&=&", "q=%ff%fe"])
def test_a_body_that_is_no_form_is_answered(console, rows, body):
    for content_type in ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        for name in ("search", "new_call", "new_person"):
            response = console.post(reverse(f"console:{name}"), body, content_type=content_type)
            assert response.status_code in (200, 400, 422), (name, content_type)
    assert SafetyAlert.objects.count() == 1
    assert not Person.objects.exclude(pk=rows["person"].pk).exists()
