"""A recording that would be due before the answer is copied into the request, and the original goes on its day."""

import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.storage import default_storage

from callcenter import recordings
from callcenter.models import Recording
from privacy import consent
from privacy.models import RequestCopy
from privacy.retention.purge import purge
from privacy.rights import packages, workflow
from privacy.rights.copies import clear_copy
from privacy.rights.document import Contents, access_archive
from privacy.rights.gather import Whole, unless_shared
from tests.callcenter.test_recordings import DUE, ENDED, recorded_call, stored
from tests.factories import PersonFactory, UserFactory
from tests.sounds import MP3, WAV

pytestmark = pytest.mark.django_db

RECEIVED = datetime(2026, 6, 20, 10, tzinfo=UTC)  # ten days before the recording is due


def asked(person, *, right="access", now=RECEIVED):
    return workflow.receive(
        person, right=right, channel="portal", received_on=now.date(), identity="signed_in", by=None, now=now
    )


def sounds_of(request, *, now):
    whole = Whole.of(request)
    pieces = access_archive(whole, show=unless_shared, now=now, contents=Contents())
    archive = zipfile.ZipFile(io.BytesIO(b"".join(pieces)))
    return [archive.read(name) for name in archive.namelist() if name.startswith("fichiers/")]


@pytest.fixture
def person():
    return PersonFactory()


def test_it_is_copied_at_receipt_under_a_key_of_its_own(person):
    recording = stored(recorded_call(caller=person))
    copy = asked(person).copies.get()
    assert (copy.source_id, copy.copied_at, copy.of_at) == (recording.pk, RECEIVED, ENDED)
    assert b"".join(clear_copy(copy).pieces) == WAV
    assert bytes(copy.wrapped_key) != bytes(recording.key.wrapped)
    with default_storage.open(copy.file.name) as sealed, default_storage.open(recording.file.name) as original:
        assert sealed.read() != original.read()


def test_the_copy_is_no_reason_to_keep_the_original_and_answers_for_it(person):
    stored(recorded_call(caller=person))
    request = asked(person)
    assert sounds_of(request, now=RECEIVED) == [WAV]  # once, not with its copy
    purge(now=DUE, commit=True)
    assert not Recording.objects.exists()
    assert sounds_of(request, now=DUE) == [WAV]


def test_only_their_own_voice_and_only_for_who_asks_for_data(person):
    stored(recorded_call(caller=PersonFactory(), on_behalf_of=person))
    stored(recorded_call(caller=person), clear=MP3)
    assert not asked(person, right="erasure").copies.exists()
    assert [b"".join(clear_copy(copy).pieces) for copy in asked(person).copies.all()] == [MP3]
    assert asked(person, right="portability").copies.count() == 1


def test_the_same_request_again_copies_nothing_twice(person):
    stored(recorded_call(caller=person))
    assert asked(person) == asked(person)
    assert RequestCopy.objects.count() == 1


def test_a_record_that_is_matched_later_brings_its_recordings(person):
    other = PersonFactory()
    stored(recorded_call(caller=person))
    stored(recorded_call(caller=other), clear=MP3)
    request = asked(person)
    assert request.copies.count() == 1
    packages.match_record(request, other, by=UserFactory(), now=RECEIVED)
    assert sorted(b"".join(clear_copy(copy).pieces) for copy in request.copies.all()) == sorted([WAV, MP3])


def test_one_that_cannot_be_read_holds_up_no_request(person):
    lost = stored(recorded_call(caller=person))
    stored(recorded_call(caller=person), clear=MP3)
    default_storage.delete(lost.file.name)
    assert asked(person).copies.count() == 1


@pytest.mark.parametrize("how", ["consent withdrawn", "this one deleted"])
def test_withdrawn_the_copy_goes_too(person, how, django_capture_on_commit_callbacks):
    recording = stored(recorded_call(caller=person))
    path = asked(person).copies.get().file.name
    assert default_storage.exists(path)
    with django_capture_on_commit_callbacks(execute=True):
        if how == "consent withdrawn":
            consent.withdraw(person, purpose="recording", channel="portal", by=None, now=RECEIVED)
        else:
            recordings.delete_of(recording.call, by=None, now=RECEIVED)
    assert not RequestCopy.objects.exists()
    assert not Recording.objects.exists()
    assert not default_storage.exists(path)


def test_it_goes_a_month_after_the_answer_and_not_before(person):
    dpo, answered_at = UserFactory(), RECEIVED + timedelta(days=40)
    stored(recorded_call(caller=person))
    request = asked(person)
    path = request.copies.get().file.name
    purge(now=answered_at, commit=True)
    assert RequestCopy.objects.exists()
    workflow.decide(request, outcome="granted", by=dpo, now=answered_at)
    workflow.note_executed(request, by=dpo, now=answered_at)
    workflow.answer(request, by=dpo, now=answered_at)
    purge(now=answered_at + timedelta(days=29), commit=True)
    assert RequestCopy.objects.exists()
    purge(now=answered_at + timedelta(days=30), commit=True)
    assert not RequestCopy.objects.exists()
    assert not default_storage.exists(path)
