"""What a colleague does appears on the next poll, and a page where nothing happened is sent nothing."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from interventions.models import Status
from tests.callcenter.console.reading import words
from tests.factories import (
    NOW,
    AnsweredCallFactory,
    CallbackFactory,
    CallFactory,
    IncidentFactory,
    InterventionFactory,
    LogEntryFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def board(console):
    """Polls as a page does that shows the state it last got."""
    page = console.get(reverse("console:board"))
    shown = {"seen": page.context["board"].fingerprint}

    def poll():
        response = console.get(reverse("console:live_board"), shown)
        if response.status_code == 204:
            return None
        shown["seen"] = response.context["board"].fingerprint
        return words(response)

    return poll


def sheet(console, intervention):
    page = console.get(reverse("console:intervention", args=[intervention.pk]))
    shown = {"seen": page.context["seen"]}

    def poll():
        response = console.get(reverse("console:live_intervention", args=[intervention.pk]), shown)
        if response.status_code == 204:
            return None
        shown["seen"] = response.context["seen"]
        return words(response)

    return poll


def test_the_board_is_sent_only_when_something_happened(board, console, colleague_console):
    assert board() is None

    call = CallFactory()
    assert "Sonne" in board()
    assert board() is None

    colleague_console.post(reverse("console:answer_call", args=[call.pk]))
    assert "06 12 34 56 78" not in board()

    intervention = InterventionFactory()
    assert f"{intervention.reference}" in board()

    colleague_console.post(
        reverse("console:advance", args=[intervention.pk, "cancelled"]), {"version": 1, "reason": "X"}
    )
    assert intervention.reference not in board()

    incident = IncidentFactory()
    assert incident.residence.name in board()

    callback = CallbackFactory()
    assert "À rappeler" in board()
    colleague_console.post(reverse("console:callback", args=[callback.pk]), {"promised_at": "2026-03-11T09:00"})
    assert "Marc Wattelet" in board()
    assert board() is None


def test_the_board_grows_older_by_the_minute(board):
    InterventionFactory()
    board()
    assert board() is None

    with time_machine.travel(NOW + timedelta(minutes=12)):
        assert "12 min" in board()


def test_the_sheet_shows_what_colleagues_do(console, colleague_console):
    intervention = InterventionFactory(status=Status.DISPATCHED)
    poll = sheet(console, intervention)
    assert poll() is None

    colleague_console.post(reverse("console:advance", args=[intervention.pk, "accepted"]), {"version": 1})
    assert "Acceptée" in poll()
    assert poll() is None

    write = reverse("console:write", args=["intervention", intervention.pk])
    colleague_console.post(write, {"kind": "note", "text": "Clé chez la gardienne"})
    assert "Clé chez la gardienne" in poll()

    entry = intervention.entries.get()
    colleague_console.post(reverse("console:strike", args=[entry.pk]), {"text": "Clé chez le voisin"})
    assert "Clé chez le voisin" in poll()

    colleague_console.post(reverse("console:take_over", args=[intervention.pk]))
    assert "Marc Wattelet" in poll()

    incident = IncidentFactory(residence=intervention.residence)
    LogEntryFactory(incident=incident, text="Pièce commandée")
    colleague_console.post(reverse("console:attach", args=[incident.pk, intervention.pk]))
    assert "Pièce commandée" in poll()
    assert poll() is None


def test_lines_of_a_call_linked_later_appear_too(console, colleague, colleague_console):
    intervention, call = InterventionFactory(), AnsweredCallFactory(agent=colleague)
    LogEntryFactory(call=call, text="Il rappelle pour la fuite")
    LogEntryFactory(intervention=intervention, text="Plus récente")
    poll = sheet(console, intervention)
    assert poll() is None

    colleague_console.post(reverse("console:link_intervention", args=[call.pk, intervention.pk]))

    assert "Il rappelle pour la fuite" in poll()


def test_what_is_sent_to_a_sheet_has_no_form_that_somebody_fills_in(console):
    intervention = InterventionFactory()
    page = console.get(reverse("console:intervention", args=[intervention.pk]), {"etape": "cancelled"})
    for typed in ('name="reason"', "<textarea"):
        assert typed in page.content.decode()

    poll = console.get(reverse("console:live_intervention", args=[intervention.pk]), {"seen": ""})

    assert poll.status_code == 200
    for typed in ('name="reason"', "<textarea", "<select"):
        assert typed not in poll.content.decode()


@pytest.mark.parametrize("seen", ["", "\0", "x" * 100_000, "\u202e"])
def test_a_page_that_shows_nonsense_is_sent_everything(console, seen):
    intervention = InterventionFactory()

    for address in (
        reverse("console:live_board"),
        reverse("console:live_intervention", args=[intervention.pk]),
    ):
        assert intervention.reference in words(console.get(address, {"seen": seen, "here": seen}))
