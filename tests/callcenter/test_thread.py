from datetime import timedelta

import pytest

from callcenter.models import LogEntry
from callcenter.thread import read_lines, read_thread
from interventions.models import Status
from tests.factories import (
    NOW,
    AnsweredCallFactory,
    CallFactory,
    IncidentFactory,
    InterventionFactory,
    LogEntryFactory,
    ProviderFactory,
    ShiftFactory,
    TransitionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def test_a_thread_gathers_steps_and_lines_the_newest_first(django_assert_num_queries):
    incident = IncidentFactory()
    intervention = InterventionFactory(residence=incident.residence, incident=incident)
    call, elsewhere = AnsweredCallFactory(intervention=intervention), InterventionFactory()
    written = [
        LogEntryFactory(**about, at=NOW + each * MINUTE)
        for each, about in enumerate([{"intervention": intervention}, {"call": call}, {"incident": incident}])
    ]
    step = TransitionFactory(intervention=intervention, at=NOW + 3 * MINUTE)
    for about in ({"intervention": elsewhere}, {"call": CallFactory()}, {"incident": IncidentFactory()}):
        LogEntryFactory(**about)
    TransitionFactory(intervention=elsewhere)
    with django_assert_num_queries(1):
        thread = read_thread(intervention)
    assert [line.pk for line in thread] == [step.pk, *(entry.pk for entry in reversed(written))]
    assert [line.label for line in thread] == ["Reçue", "Note", "Note", "Note"]


def test_a_step_tells_who_took_it_to_whom_it_went_and_why():
    intervention, provider = InterventionFactory(), ProviderFactory()
    by = UserFactory(full_name="Nadia Benali")
    TransitionFactory(
        intervention=intervention, to_status=Status.DISPATCHED, by=by, provider=provider, reason="La plus proche"
    )
    TransitionFactory(intervention=intervention, by=None, at=NOW - MINUTE)
    TransitionFactory(intervention=intervention, by_tenant=True, at=NOW - 2 * MINUTE)
    sent, received, reported = read_thread(intervention)
    assert (sent.by, sent.label, sent.provider, sent.text) == (
        "Nadia Benali",
        "Transmise",
        provider.name,
        "La plus proche",
    )
    assert (received.by, received.provider, received.text) == (None, None, "")
    assert reported.by == "Le locataire"


def test_an_author_without_a_name_is_a_numbered_account():
    author = UserFactory(full_name="")
    entry = LogEntryFactory(shift=ShiftFactory(), author=author)
    assert [line.by for line in read_lines(entry.shift)] == [author.display_name] == [f"compte {author.pk}"]


def test_a_line_is_told_what_corrects_it_and_a_step_of_the_same_number_is_not():
    intervention = InterventionFactory()
    first = LogEntryFactory(intervention=intervention)
    TransitionFactory(intervention=intervention, pk=first.pk, at=NOW - MINUTE)
    LogEntryFactory(intervention=intervention, kind=LogEntry.Kind.CORRECTION, strikes=first, at=NOW + MINUTE)
    correction, struck, step = read_thread(intervention)
    assert (correction.corrects, struck.correction) == (struck, correction)
    assert (step.to_status, step.correction) == (Status.RECEIVED, None)


def test_the_lines_of_a_subject_are_in_the_order_of_time_and_may_be_only_its_newest():
    shift = ShiftFactory()
    third, first, second = (LogEntryFactory(shift=shift, at=NOW + wait * MINUTE) for wait in (3, 1, 2))
    assert [line.pk for line in read_lines(shift)] == [first.pk, second.pk, third.pk]
    assert [line.pk for line in read_lines(shift, newest=2)] == [second.pk, third.pk]
