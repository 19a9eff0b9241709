"""Who objects to being recorded: before, none is made; during, it stops; after, it is deleted."""

import io
from datetime import timedelta

import pytest

from callcenter import calls, recordings
from callcenter.models import Call, Recording, RecordingKey
from privacy.models import RightsRequest
from privacy.rights import workflow
from tests.factories import NOW, TODAY, AnsweredCallFactory, PersonFactory, UserFactory
from tests.sounds import WAV

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
Answer = Call.RecordingAnswer


@pytest.fixture
def agent():
    return UserFactory()


def object_to_recording(person, *, now):
    request = workflow.receive(
        person,
        right=RightsRequest.Right.OBJECTION,
        channel="portal",
        received_on=TODAY,
        purpose="recording",
        identity="signed_in",
        by=None,
        now=now,
    )
    assert request.answered_at == now


def accepted(agent, **details):
    call = AnsweredCallFactory(agent=agent, **details)
    return calls.note_recording_answer(call, answer=Answer.ACCEPTED, by=agent, now=NOW)


def over(call):
    Call.objects.filter(pk=call.pk).update(ended_at=NOW + 2 * MINUTE)
    call.refresh_from_db()
    return call


def test_afterwards_it_is_deleted(agent, media):
    person = PersonFactory()
    recording = recordings.store(over(accepted(agent, caller=person)), stream=io.BytesIO(WAV), now=NOW + 3 * MINUTE)
    other = recordings.store(over(accepted(UserFactory(), caller=PersonFactory())), stream=io.BytesIO(WAV), now=NOW)
    assert RecordingKey.objects.count() == 2
    object_to_recording(person, now=NOW + 5 * MINUTE)
    assert list(Recording.objects.all()) == [other]
    assert not RecordingKey.objects.filter(recording=recording.pk).exists()


def test_during_the_call_it_stops_and_what_was_recorded_is_refused(agent):
    person = PersonFactory()
    call = accepted(agent, caller=person)
    calls.being_recorded(call, by=agent)
    object_to_recording(person, now=NOW + MINUTE)
    with pytest.raises(calls.CallError, match="plus, enregistré"):
        calls.being_recorded(call, by=agent)
    with pytest.raises(recordings.Refused, match="accord"):
        recordings.store(over(call), stream=io.BytesIO(WAV), now=NOW + 3 * MINUTE)


def test_a_yes_from_before_that_is_told_later_changes_nothing(agent):
    person = PersonFactory()
    call = accepted(agent)
    object_to_recording(person, now=NOW + MINUTE)
    calls.identify(call, caller=person, on_behalf_of=None, relation="", by=agent)
    call.refresh_from_db()
    assert call.recording_answer == Answer.REFUSED


def test_a_yes_on_a_later_call_is_a_yes(agent):
    person = PersonFactory()
    object_to_recording(person, now=NOW - MINUTE)
    call = over(accepted(agent, caller=person))
    assert recordings.store(call, stream=io.BytesIO(WAV), now=NOW + 3 * MINUTE)
