from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from callcenter.logbook import AlreadyStruck, SensitiveWords, strike_entry, write_entry
from callcenter.models import LogEntry
from callcenter.thread import read_thread
from tests.concurrency import meanwhile
from tests.factories import (
    NOW,
    AnsweredCallFactory,
    IncidentFactory,
    InterventionFactory,
    LogEntryFactory,
    ShiftFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

Kind = LogEntry.Kind
LATER = NOW + timedelta(minutes=3)
SUBJECTS = {
    "call": AnsweredCallFactory,
    "intervention": InterventionFactory,
    "incident": IncidentFactory,
    "shift": ShiftFactory,
}


def write(subject, text="Le locataire rappelle.", **changes):
    return write_entry(subject, **{"kind": Kind.NOTE, "text": text, "by": UserFactory(), "now": LATER} | changes)


@pytest.mark.parametrize(("field", "make"), SUBJECTS.items(), ids=SUBJECTS)
def test_a_line_has_its_subject_author_moment_kind_and_text(field, make):
    subject, author = make(), UserFactory()
    write(subject, kind=Kind.TENANT, by=author)
    entry = LogEntry.objects.get()
    assert getattr(entry, field) == subject
    assert (entry.author, entry.at, entry.kind, entry.text) == (author, LATER, Kind.TENANT, "Le locataire rappelle.")
    assert (entry.justification, entry.strikes) == ("", None)


def test_it_is_about_one_thing():
    for subjects in ({}, {"shift": ShiftFactory(), "incident": IncidentFactory()}):
        with pytest.raises(IntegrityError, match="log_entry_is_on_one_thing"), transaction.atomic():
            LogEntryFactory(**subjects)


def test_a_correction_and_only_a_correction_strikes():
    first = LogEntryFactory(shift=ShiftFactory())
    for wrong in ({"kind": Kind.CORRECTION}, {"kind": Kind.NOTE, "strikes": first}):
        with pytest.raises(IntegrityError, match="log_entry_only_a_correction_strikes"), transaction.atomic():
            LogEntryFactory(shift=first.shift, **wrong)


def test_what_is_written_on_a_call_is_about_its_intervention_and_an_event_of_it():
    intervention, other = InterventionFactory(), InterventionFactory()
    entry = write(AnsweredCallFactory(intervention=intervention))
    write(AnsweredCallFactory())
    assert [line.pk for line in read_thread(intervention) if line.kind] == [entry.pk]
    for found, last_event_at in ((intervention, LATER), (other, NOW)):
        found.refresh_from_db()
        assert found.last_event_at == last_event_at


# Sensitive words ------------------------------------------------------------------------------------------------------


def test_a_sensitive_word_takes_a_justification():
    shift = ShiftFactory()
    with pytest.raises(SensitiveWords) as refusal:
        write(shift, text="La dame est Diabétique et handicapée.")
    assert refusal.value.words == ["Diabétique", "handicapée"]
    assert not LogEntry.objects.exists()

    entry = write(shift, text="La dame est diabétique.", justification="Les secours ont demandé son traitement.")
    assert entry.justification == "Les secours ont demandé son traitement."


def test_a_justification_for_nothing_is_not_kept():
    assert write(ShiftFactory(), justification="Au cas où.").justification == ""


# Striking -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("field", "make"), SUBJECTS.items(), ids=SUBJECTS)
def test_a_mistake_is_struck_by_a_new_line_on_the_same_subject(field, make):
    subject, author = make(), UserFactory()
    entry = write(subject, text="Porte 12.")
    correction = strike_entry(entry, text="Porte 21.", by=author, now=LATER + timedelta(minutes=1))
    entry.refresh_from_db()
    assert entry.text == "Porte 12."
    assert entry.struck_by == correction
    assert getattr(correction, field) == subject
    assert (correction.kind, correction.text, correction.author) == (Kind.CORRECTION, "Porte 21.", author)


def test_a_line_is_struck_once_and_its_correction_may_be_struck():
    entry = write(ShiftFactory())
    correction = strike_entry(entry, text="Non.", by=UserFactory(), now=LATER)
    with pytest.raises(AlreadyStruck, match="rectifiez plutôt la rectification"):
        strike_entry(entry, text="Si.", by=UserFactory(), now=LATER)
    assert strike_entry(correction, text="Si.", by=UserFactory(), now=LATER).strikes == correction


def test_a_correction_warns_of_sensitive_words_too():
    entry = write(ShiftFactory())
    with pytest.raises(SensitiveWords):
        strike_entry(entry, text="Il est alcoolique.", by=UserFactory(), now=LATER)
    strike_entry(entry, text="Il est alcoolique.", by=UserFactory(), now=LATER, justification="Dit aux secours.")
    assert entry.struck_by.justification == "Dit aux secours."


@pytest.mark.django_db(transaction=True)
def test_of_two_who_strike_at_the_same_instant_one_does():
    entry, first, second = write(ShiftFactory()), UserFactory(), UserFactory()
    told = meanwhile(
        lambda: strike_entry(entry, text="Non.", by=first, now=LATER),
        lambda: strike_entry(entry, text="Non.", by=second, now=LATER),
    )
    assert isinstance(told, AlreadyStruck)
    assert LogEntry.objects.get(strikes=entry).author == first
