from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import Person
from callcenter.models import Call, FormSubmission, LogEntry
from interventions.models import Incident, Intervention, SafetyAlert
from tests.callcenter.console.conftest import signed_in
from tests.callcenter.console.reading import told
from tests.factories import (
    CallbackFactory,
    CallFactory,
    InterventionFactory,
    ProviderFactory,
    ResidenceFactory,
    SafetyAlertFactory,
    ShiftFactory,
    TenancyFactory,
)

DONE_ALREADY = "C’était déjà enregistré, rien n’a été fait deux fois."


def call():
    return Call, reverse("console:new_call"), {"direction": "inbound", "number": "0612345678"}


def person():
    return Person, reverse("console:new_person"), {"family_name": "Lesage", "language": "fr"}


def line():
    shift = ShiftFactory()
    return LogEntry, reverse("console:write", args=["vacation", shift.pk]), {"kind": "note", "text": "Calme"}


def incident():
    residence = ResidenceFactory()
    return Incident, reverse("console:new_incident", args=[residence.pk]), {"problem": "lift_down"}


def alert():
    residence = ResidenceFactory()
    said = {"residence": residence.pk, "kind": "animal", "instruction": "Chien", "expires_on": "2026-04-01"}
    return SafetyAlert, reverse("console:new_alert"), said


def intervention():
    tenancy = TenancyFactory()
    said = {
        "logement": tenancy.dwelling_id,
        "problem": "leak_pipe",
        "priority": "normal",
        "on_site_by": "2026-03-11T09:00",
        "override_reason": "Convenu",
        "open": "1",
    }
    return Intervention, reverse("console:new_intervention"), said


@pytest.mark.django_db
@pytest.mark.parametrize("form", [call, person, line, incident, alert, intervention])
def test_a_form_sent_twice_acts_once_and_leads_to_the_same_page(console, form):
    model, address, said = form()
    key = {"form_key": str(uuid4())}

    first = console.post(address, said | key)
    second = console.post(address, said | key)

    assert first.status_code == 302
    assert (second.url, told(second)[-1]) == (first.url, DONE_ALREADY)
    assert model.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_the_same_instant_acts_once(agent):
    _, address, said = intervention()
    said["form_key"] = str(uuid4())
    together = Barrier(2)

    def send():
        client = signed_in(agent)
        together.wait(20)
        try:
            return client.post(address, said)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        one, other = [sent.result(60) for sent in (threads.submit(send), threads.submit(send))]

    assert one.url == other.url == reverse("console:intervention", args=[Intervention.objects.get().pk])
    assert sorted(told(one) + told(other))[0] == DONE_ALREADY


@pytest.mark.django_db
def test_a_refused_form_may_be_sent_again_once_it_is_corrected(console):
    _, address, said = person()
    key = {"form_key": str(uuid4())}

    assert console.post(address, {"family_name": "", "language": "fr"} | key).status_code == 422
    assert not FormSubmission.objects.exists()
    assert console.post(address, said | key).status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x", "\0", "1" * 5000, "é" * 32])
def test_a_form_with_a_spoiled_key_acts_all_the_same(console, key):
    model, address, said = person()

    assert console.post(address, said | {"form_key": key}).status_code == 302
    assert model.objects.count() == 1


@pytest.mark.django_db
def test_a_step_clicked_twice_is_taken_once(console):
    sent = InterventionFactory()
    said = {"version": 1, "provider": ProviderFactory().pk, "form_key": str(uuid4())}
    address = reverse("console:advance", args=[sent.pk, "dispatched"])

    console.post(address, said)

    assert told(console.post(address, said))[-1] == DONE_ALREADY
    assert sent.transitions.count() == 1


@pytest.mark.django_db
def test_a_number_is_rung_back_once(console):
    address, key = reverse("console:ring_back", args=[CallbackFactory().pk]), {"form_key": str(uuid4())}

    first, second = console.post(address, key), console.post(address, key)

    assert second.url == first.url == reverse("console:call", args=[Call.objects.get(direction="outbound").pk])


@pytest.mark.django_db
def test_what_carries_no_key_is_harmless_twice(console):
    """The second answer is the one a browser shows: it says what is, and is no error."""
    ringing = CallFactory()
    answer = reverse("console:answer_call", args=[ringing.pk])
    console.post(answer)
    second = console.post(answer)
    assert second.url == reverse("console:call", args=[ringing.pk])
    assert told(second) == []

    finish = reverse("console:finish_call", args=[ringing.pk])
    console.post(finish, {"outcome": "information"})
    second = console.post(finish, {"outcome": "abusive"})
    assert "n’est plus" in told(second)[-1]
    ringing.refresh_from_db()
    assert ringing.outcome == Call.Outcome.INFORMATION

    alert = SafetyAlertFactory()
    end = reverse("console:end_alert", args=[alert.pk])
    console.post(end)
    assert told(console.post(end))[-1] == "Cette alerte était déjà levée."

    merged = reverse("console:undo_merge", args=[404])
    assert told(console.post(merged))[-1].startswith("Cette fusion a déjà été annulée")
