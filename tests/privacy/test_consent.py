"""Who agreed to what, in which words, and took it back: the ledger, its proof and its effects."""

from datetime import timedelta
from io import BytesIO

import pytest
from dateutil.relativedelta import relativedelta
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts.merging import merge_people, undo_merge
from callcenter import calls, recordings
from callcenter.models import Call, Recording
from privacy import consent, wordings
from privacy.models import ConsentEvent, ConsentWording
from privacy.policy import ROWS_BY_KEY
from privacy.registry import registry
from privacy.retention.purge import purge
from privacy.retention.report import report_of
from tests.callcenter.console.conftest import signed_in
from tests.callcenter.console.reading import words
from tests.concurrency import meanwhile
from tests.factories import NOW, AnsweredCallFactory, PersonFactory, UserFactory

pytestmark = pytest.mark.django_db

PROOF = ROWS_BY_KEY["consent_proofs"].period.length
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(64)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def person():
    return PersonFactory()


@pytest.fixture
def agent():
    return UserFactory()


def give(person, purpose="surveys", at=NOW, **said):
    return consent.give(person, purpose=purpose, channel="letter", by=None, now=at, **said)


def withdraw(person, purpose="surveys", at=LATER, **said):
    return consent.withdraw(person, purpose=purpose, channel="letter", by=None, now=at, **said)


def answers(person, purpose):
    return list(consent.history(person).filter(purpose=purpose).values_list("answer", flat=True))


def spoken(purpose):
    """The current words as `words` reads a page."""
    return " ".join(wordings.CURRENT[purpose].text.split())


def run(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


# The ledger -----------------------------------------------------------------------------------------------------------


def test_silence_is_no_and_the_last_word_counts(person):
    assert consent.state(person) == dict.fromkeys(
        ["marketing", "handing_identity", "cookies", "recording", "surveys"], False
    )
    give(person)
    assert consent.state(person) == dict.fromkeys(consent.CONSENTS, False) | {"surveys": True}
    withdraw(person)
    assert not consent.is_given(person, purpose="surveys")
    give(person, at=LATER + timedelta(seconds=1))
    assert consent.is_given(person, purpose="surveys")
    assert answers(person, "surveys") == ["given", "withdrawn", "given"]


def test_an_event_keeps_the_exact_words_the_call_and_who_noted_it(person, agent):
    call = AnsweredCallFactory(agent=agent, caller=person)
    consent.give(person, purpose="recording", channel="phone", by=agent, now=NOW, source=call)
    event = ConsentEvent.objects.get()
    wording = wordings.CURRENT["recording"]
    assert (event.wording.version, event.wording.text, event.wording.sha256) == (
        wording.version,
        wording.text,
        wording.sha256,
    )
    assert (event.source_model, event.source_id) == ("callcenter.Call", call.pk)
    assert (event.channel, event.actor, event.at) == ("phone", agent, NOW)


@pytest.mark.parametrize("purpose", ["interventions", "nothing"])
def test_what_stands_on_something_else_cannot_be_agreed_to(person, purpose):
    with pytest.raises(consent.NoConsentNeeded):
        give(person, purpose)
    assert not ConsentEvent.objects.exists()


def test_the_same_answer_twice_is_one_event(person):
    assert give(person) == give(person, at=LATER)
    assert withdraw(person) == withdraw(person, at=LATER + timedelta(hours=1))
    assert answers(person, "surveys") == ["given", "withdrawn"]


def test_an_answer_noted_late_does_not_undo_what_was_said_since(person):
    withdraw(person, at=LATER)
    give(person, at=NOW)
    assert not consent.is_given(person, purpose="surveys")
    assert answers(person, "surveys") == ["given", "withdrawn"]


def test_each_purpose_has_words_and_each_word_a_purpose():
    assert set(wordings.CURRENT) == set(consent.CONSENTS)


def test_published_words_never_change(person, monkeypatch):
    give(person)
    edited = wordings.Wording("surveys", wordings.CURRENT["surveys"].version, "Autre chose ?")
    monkeypatch.setitem(wordings.CURRENT, "surveys", edited)
    with pytest.raises(consent.WordingChanged):
        withdraw(person)
    monkeypatch.setitem(wordings.CURRENT, "surveys", wordings.Wording("surveys", "2026-06", "Autre chose ?"))
    assert withdraw(person).wording.text == "Autre chose ?"
    assert ConsentWording.objects.filter(purpose="surveys").count() == 2


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE privacy_consentevent SET answer = 'given'",
        "UPDATE privacy_consentevent SET person_id = person_id",
        "DELETE FROM privacy_consentevent",
        "UPDATE privacy_consentwording SET text = 'x'",
        "DELETE FROM privacy_consentwording",
    ],
)
def test_the_database_refuses_to_rewrite_it(person, sql):
    give(person)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        run(sql)


def test_merging_lets_the_person_change_and_nothing_else(person):
    give(person)
    other = PersonFactory()
    with transaction.atomic():
        run("SET LOCAL privacy.merging = 'on'")
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            run(f"UPDATE privacy_consentevent SET person_id = {other.pk}, answer = 'withdrawn'")
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            run("DELETE FROM privacy_consentevent")
        run(f"UPDATE privacy_consentevent SET person_id = {other.pk}")
        run("SET LOCAL privacy.merging = 'off'")
    assert ConsentEvent.objects.get().person == other


def test_two_records_of_one_person_keep_both_histories_and_undoing_gives_them_back(person, agent):
    absorbed = PersonFactory()
    give(person, at=NOW)
    withdraw(absorbed, at=LATER)
    merge = merge_people(person, absorbed, by=agent, now=LATER)
    assert answers(person, "surveys") == ["given", "withdrawn"]
    assert consent.state(person)["surveys"] is False
    undo_merge(merge, by=agent, now=LATER)
    assert (answers(person, "surveys"), answers(absorbed, "surveys")) == (["given"], ["withdrawn"])
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        run("UPDATE privacy_consentevent SET person_id = person_id")


@pytest.mark.django_db(transaction=True)
def test_of_two_withdrawals_at_the_same_instant_one_is_an_event():
    person = PersonFactory()
    give(person)
    told = meanwhile(lambda: withdraw(person), lambda: withdraw(person, at=LATER + timedelta(seconds=1)))
    assert told == consent.last_word(person, purpose="surveys")
    assert answers(person, "surveys") == ["given", "withdrawn"]


# What goes with a withdrawal ------------------------------------------------------------------------------------------


def recorded(agent, person, **fields):
    call = AnsweredCallFactory(
        agent=agent, caller=person, ended_at=NOW, outcome="information", recording_answer="accepted",
        recording_answered_at=NOW, **fields,
    )  # fmt: skip
    return recordings.store(call, stream=BytesIO(WAV), now=NOW)


def test_withdrawing_deletes_the_recordings_at_once_and_nobody_elses(person, agent, django_capture_on_commit_callbacks):
    mine, other = recorded(agent, person), recorded(agent, PersonFactory())
    path = mine.file.name
    assert default_storage.exists(path)
    give(person, "recording")
    with django_capture_on_commit_callbacks(execute=True):
        withdraw(person, "recording")
    assert list(Recording.objects.all()) == [other]
    assert not default_storage.exists(path)
    assert default_storage.exists(other.file.name)


def test_withdrawing_something_else_leaves_them(person, agent):
    mine = recorded(agent, person)
    give(person, "recording")
    withdraw(person, "surveys")
    assert Recording.objects.get() == mine


def test_a_refusal_concerns_its_own_call_and_takes_nothing_back(person, agent):
    mine = recorded(agent, person)
    give(person, "recording")
    call = AnsweredCallFactory(agent=agent, caller=person)
    calls.note_recording_answer(call, answer=Call.RecordingAnswer.REFUSED, by=agent, now=LATER)
    assert answers(person, "recording") == ["given", "refused"]
    assert not consent.is_given(person, purpose="recording")
    assert Recording.objects.get() == mine


def test_a_withdrawal_that_fails_withdraws_nothing(person, monkeypatch):
    def fail(person, **told):
        raise RuntimeError

    give(person)
    monkeypatch.setitem(consent.effects, "surveys", [fail])
    with pytest.raises(RuntimeError):
        withdraw(person)
    assert answers(person, "surveys") == ["given"]


# At the desk ----------------------------------------------------------------------------------------------------------


def test_the_answer_on_a_call_is_the_callers_consent(person, agent):
    call = AnsweredCallFactory(agent=agent, caller=person)
    calls.note_recording_answer(call, answer=Call.RecordingAnswer.ACCEPTED, by=agent, now=NOW)
    event = ConsentEvent.objects.get()
    assert (event.person, event.purpose, event.answer, event.channel) == (person, "recording", "given", "phone")
    assert (event.source_id, event.actor) == (call.pk, agent)
    calls.note_recording_answer(call, answer=Call.RecordingAnswer.REFUSED, by=agent, now=LATER)
    assert answers(person, "recording") == ["given", "withdrawn"]


def test_who_is_identified_later_said_it_when_they_said_it(person, agent):
    call = AnsweredCallFactory(agent=agent)
    calls.note_recording_answer(call, answer=Call.RecordingAnswer.ACCEPTED, by=agent, now=NOW)
    assert not ConsentEvent.objects.exists()
    for _ in range(2):
        calls.identify(call, caller=person, on_behalf_of=None, relation="", by=agent)
    event = ConsentEvent.objects.get()
    assert (event.person, event.answer, event.at) == (person, "given", NOW)


def test_giving_and_withdrawing_are_the_same_steps(person, agent):
    console = signed_in(agent)
    page = reverse("console:person", args=[person.pk])
    switch = reverse("console:note_consent", args=[person.pk, "surveys"])

    def steps(answer):
        """The buttons of the page that lead there, and what one sends."""
        buttons = console.get(page).content.decode().split(f'action="{switch}"')[1].split("</form>")[0]
        assert f'name="answer" value="{answer}"' in buttons
        response = console.post(switch, {"answer": answer, "channel": "letter"}, follow=True)
        return response.redirect_chain

    assert spoken("surveys") in words(console.get(page))
    given, withdrawn = steps("given"), steps("withdrawn")
    assert given == withdrawn == [(page, 302)]
    assert answers(person, "surveys") == ["given", "withdrawn"]
    assert {event.actor for event in ConsentEvent.objects.all()} == {agent}
    assert "Accord retiré" in words(console.get(page))


def test_the_switch_takes_only_what_it_offers(person, agent):
    console = signed_in(agent)
    for purpose, said in (
        ("surveys", {"answer": "refused", "channel": "letter"}),
        ("surveys", {"answer": "given", "channel": "portal"}),
        ("interventions", {"answer": "given", "channel": "letter"}),
    ):
        address = reverse("console:note_consent", args=[person.pk, purpose])
        assert console.post(address, said).status_code == 404
    assert not ConsentEvent.objects.exists()


def test_the_sheet_reads_the_current_words_out(agent):
    call = AnsweredCallFactory(agent=agent, notice_version="2025-01", notice_at=NOW)
    page = words(signed_in(agent).get(reverse("console:call", args=[call.pk])))
    assert spoken("recording") in page


# How long the proof is kept -------------------------------------------------------------------------------------------


def test_the_proof_goes_five_years_after_the_withdrawal_with_all_that_it_ended(person):
    give(person, at=NOW)
    give(person, at=NOW + relativedelta(years=1), source=person)  # said again elsewhere
    withdraw(person, at=NOW + relativedelta(years=2))
    give(person, at=NOW + relativedelta(years=3))
    give(person, "marketing", at=NOW)
    eve = NOW + relativedelta(years=2, days=-1) + PROOF
    purge(now=eve, commit=True, only="consent_proofs")
    assert answers(person, "surveys") == ["given", "given", "withdrawn", "given"]
    report = report_of(ROWS_BY_KEY["consent_proofs"], registry=registry, now=eve + timedelta(days=1))
    assert (report.held, report.due) == (3, 3)
    purge(now=eve + timedelta(days=1), commit=True, only="consent_proofs")
    assert answers(person, "surveys") == ["given"]
    assert consent.state(person)["surveys"] is True
    assert consent.is_given(person, purpose="marketing")


def test_what_was_said_about_one_call_is_proven_for_five_years(person):
    give(person, "recording")
    purge(now=NOW + PROOF - timedelta(days=1), commit=True, only="consent_proofs")
    assert answers(person, "recording") == ["given"]
    purge(now=NOW + PROOF, commit=True, only="consent_proofs")
    assert answers(person, "recording") == []


def test_the_report_counts_a_proof_once_however_often_consent_was_withdrawn(person):
    for each in range(2):
        give(person, at=NOW + timedelta(hours=2 * each))
        withdraw(person, at=NOW + timedelta(hours=2 * each + 1))
    assert report_of(ROWS_BY_KEY["consent_proofs"], registry=registry, now=LATER).held == 4
