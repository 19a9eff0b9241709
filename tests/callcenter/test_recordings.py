"""A call's recording: taken in with consent or not at all, encrypted, and gone when it must be."""

import hashlib
import io
import os
import signal
import subprocess
import sys
import wave
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.db import connection, transaction

from accounts.models import Person
from callcenter import calls, recordings
from callcenter.demo.sounds import record_sounds
from callcenter.models import Call, Recording, RecordingKey
from callcenter.recordings import Refused, sound, store
from privacy import consent
from privacy.encrypted_files import Unreadable
from privacy.models import FileRemoval, HoldItem, JournalEntry, LegalHold
from privacy.registry import registry
from privacy.retention import files
from privacy.retention.purge import purge
from tests.factories import AnsweredCallFactory, LandlordFactory, PersonFactory, UserFactory
from tests.sounds import LENGTH, MP3, OGG, TAGGED_MP3, WAV

pytestmark = pytest.mark.django_db

ENDED = datetime(2026, 3, 31, 21, 30, tzinfo=UTC)  # 23:30 in Paris
LAST_MOMENT = datetime(2026, 6, 29, 21, 59, 59, tzinfo=UTC)  # three months later, clamped to 30 June, less a second
DUE = LAST_MOMENT + timedelta(seconds=1)
ROOT = Path(__file__).resolve().parents[2]


def recorded_call(**fields):
    began = ENDED - timedelta(minutes=5)
    given = {
        "started_at": began,
        "answered_at": began,
        "ended_at": ENDED,
        "outcome": "information",
        "recording_answer": "accepted",
        "recording_answered_at": began,
    }
    return AnsweredCallFactory(**given | fields)


def stored(call=None, clear=WAV):
    return store(call or recorded_call(), stream=io.BytesIO(clear), now=ENDED + timedelta(minutes=1))


def heard(recording, start=0, stop=None):
    found = Recording.objects.get(pk=recording.pk)
    return b"".join(sound(found, start=start, stop=found.size if stop is None else stop))


def held(media):
    """All rows and files there are of recordings."""
    return (
        list(Recording.objects.values_list("pk", flat=True)),
        list(RecordingKey.objects.values_list("pk", flat=True)),
        sorted(str(path) for path in media.rglob("*") if path.is_file()),
    )


NOTHING: tuple[list[int], list[int], list[str]] = ([], [], [])


# Taking in ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clear", "content_type"),
    [(WAV, "audio/wav"), (MP3, "audio/mpeg"), (TAGGED_MP3, "audio/mpeg"), (OGG, "audio/ogg")],
    ids=["wav", "mp3", "tagged mp3", "ogg"],
)
def test_each_format_comes_back_as_it_was(clear, content_type, media):
    recording = stored(clear=clear)

    assert heard(recording) == clear
    assert (recording.content_type, recording.size) == (content_type, LENGTH)
    assert recording.sha256 == hashlib.sha256(clear).hexdigest()
    assert recording.ended_at == ENDED
    [file] = (path for path in media.rglob("*") if path.is_file())
    assert clear[:64] not in file.read_bytes()
    assert clear[1000:1016] not in file.read_bytes()


def test_the_file_is_named_after_nothing(media):
    call = recorded_call(external_id="pbx-4711", caller=PersonFactory(family_name="Delattre"))
    name = Path(stored(call).file.name)
    assert name.parent == Path("recordings")
    assert len(name.name) == 32
    assert int(name.name, 16)


def test_two_recordings_of_the_same_sound_share_neither_key_nor_content(media):
    one, other = stored(), stored()
    assert one.sha256 == other.sha256
    assert one.file.read() != other.file.read()
    one.file.close(), other.file.close()


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"recording_answer": "", "recording_answered_at": None}, "accord"),
        ({"recording_answer": "refused"}, "accord"),
        ({"outcome": "emergency_services"}, "secours"),
        ({"ended_at": None, "outcome": ""}, "pas terminé"),
        ({"started_at": datetime(2025, 12, 1, tzinfo=UTC), "ended_at": datetime(2025, 12, 1, tzinfo=UTC)}, "délai"),
    ],
    ids=["not asked", "refused", "emergency", "not over", "expired"],
)
def test_what_may_not_be_kept_is_refused_and_leaves_nothing(fields, why, media):
    call = recorded_call(**fields)
    with pytest.raises(Refused, match=why):
        stored(call)
    assert held(media) == NOTHING
    stored(recorded_call())
    assert held(media) != NOTHING


@pytest.mark.parametrize(
    "clear",
    [
        b"",
        b"\xff",
        b"RIFF",
        b"RIFF\x00\x00\x00\x00AVI LIST",
        b"OggS" + bytes(24) + b"\x80theora",
        b"\xff\xd8\xff\xe0" + bytes(60),  # a JPEG
        b"\xff\xfe" + "texte".encode("utf-16-le"),
        b"%PDF-1.7" + bytes(60),
        b"<html><audio>",
    ],
)
def test_what_is_no_sound_is_refused_and_leaves_nothing(clear, media):
    with pytest.raises(Refused):
        stored(clear=clear)
    assert held(media) == NOTHING


def test_what_is_too_big_is_refused_before_it_is_written(media, settings):
    settings.RECORDING_MAX_BYTES = LENGTH
    stored()
    before = held(media)
    settings.RECORDING_MAX_BYTES = LENGTH - 1
    with pytest.raises(Refused, match="dépasse"):
        stored()
    assert held(media) == before


def test_a_file_that_shrinks_while_it_is_read_is_refused(media):
    class Shrinking(io.BytesIO):
        def read(self, size=-1, /):
            return super().read(size)[: 100 if self.tell() > 1000 else None]

    with pytest.raises(Refused, match="changé"):
        store(recorded_call(), stream=Shrinking(WAV), now=ENDED)
    assert held(media) == NOTHING


def test_a_call_has_one_recording(media):
    call = recorded_call()
    stored(call)
    before = held(media)
    with pytest.raises(Refused, match="déjà"):
        stored(call, clear=MP3)
    assert held(media) == before


def test_a_consent_taken_back_while_the_file_comes_in_leaves_nothing(media):
    call = recorded_call()

    class Interrupted(io.BytesIO):
        def read(self, size=-1, /):
            if self.tell() > 1000:
                Call.objects.filter(pk=call.pk).update(recording_answer="refused")
            return super().read(size)

    with pytest.raises(Refused, match="accord"):
        store(call, stream=Interrupted(WAV), now=ENDED)
    assert held(media) == NOTHING


@pytest.mark.parametrize("months", [1, 0])
def test_a_shorter_contract_counts_at_the_door_too(months, media):
    call = recorded_call(landlord=LandlordFactory(recording_months=months))
    with pytest.raises(Refused, match="délai"):
        store(call, stream=io.BytesIO(WAV), now=datetime(2026, 4, 30, 12, tzinfo=UTC))
    stored(recorded_call(landlord=LandlordFactory(recording_months=2)))


def test_a_full_disk_leaves_nothing_but_the_reason(media, settings, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "none", small], check=False).returncode:
        pytest.skip("needs the right to mount")
    try:
        settings.MEDIA_ROOT = small
        with pytest.raises(OSError, match="No space left"):
            stored()
        assert held(small) == NOTHING
        assert heard(stored(clear=WAV[:1000])) == WAV[:1000]
    finally:
        subprocess.run(["umount", small], check=True)


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_it_leaves_no_row_and_a_file_that_is_swept(media, settings):
    call = recorded_call()
    script = f"""
import io, sys, time, django
django.setup()
from datetime import datetime
from callcenter.models import Call
from callcenter.recordings import store
from tests.sounds import WAV

class Slow(io.BytesIO):
    def read(self, size=-1, /):
        if self.tell() > 100_000:
            print("half", flush=True)
            time.sleep(60)
        return super().read(size)

store(Call.objects.get(pk={call.pk}), stream=Slow(WAV), now=datetime.fromisoformat("{ENDED.isoformat()}"))
"""
    database = f"{settings.DATABASE_URL.rpartition('/')[0]}/{connection.settings_dict['NAME']}"
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": database, "MEDIA_ROOT": str(media)}
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=env, stdout=subprocess.PIPE) as child:
        assert child.stdout.readline() == b"half\n"
        child.send_signal(signal.SIGKILL)

    rows, keys, [left] = held(media)
    assert (rows, keys) == ([], [])
    written = datetime.fromtimestamp(Path(left).stat().st_mtime, UTC)

    assert files.sweep(registry=registry, now=written + timedelta(hours=23), commit=True).orphans == []
    assert files.sweep(registry=registry, now=written + timedelta(hours=25), commit=True).orphans != []
    assert held(media) == NOTHING
    assert heard(stored(call)) == WAV


def test_the_sweep_tells_a_row_without_its_file(media):
    one, other = stored(), stored()
    one.file.storage.delete(one.file.name)
    swept = files.sweep(registry=registry, now=datetime.now(UTC), commit=True)
    assert (swept.missing, swept.orphans) == ([f"callcenter.Recording {one.pk}"], [])
    assert heard(other) == WAV


# Pauses ---------------------------------------------------------------------------------------------------------------


def test_pauses_are_kept_as_seconds_of_the_conversation(media):
    agent = UserFactory()
    call = recorded_call(agent=agent, ended_at=None, outcome="")
    began = call.answered_at
    for act, seconds in (("pause", 10), ("pause", 12), ("resume", 25), ("resume", 26), ("pause", 200)):
        act_on = calls.pause_recording if act == "pause" else calls.resume_recording
        call = act_on(call, by=agent, now=began + timedelta(seconds=seconds))
    assert call.is_paused
    calls.finish(call, outcome=Call.Outcome.INFORMATION, promised_at=None, by=agent, now=ENDED)

    assert stored(Call.objects.get(pk=call.pk)).pauses == [[10.0, 25.0], [200.0, 300.0]]


@pytest.mark.parametrize("fields", [{"recording_answer": "refused"}, {"ended_at": ENDED}])
def test_there_is_nothing_to_pause_unless_the_call_is_recorded(fields):
    agent = UserFactory()
    call = recorded_call(**{"agent": agent, "ended_at": None, "outcome": ""} | fields)
    with pytest.raises(calls.CallError, match="plus, enregistré"):
        calls.pause_recording(call, by=agent, now=ENDED)


def test_only_who_has_the_call_pauses_it():
    call = recorded_call(ended_at=None, outcome="")
    with pytest.raises(calls.CallError, match="collègue"):
        calls.pause_recording(call, by=UserFactory(), now=ENDED)


# Listening ------------------------------------------------------------------------------------------------------------


def test_listening_is_journalled_with_its_reason_and_the_case(media):
    recording, listener = stored(), UserFactory(role="dpo")
    until = recordings.open_for_listening(
        recording, by=listener, reason=recordings.Reason.DISPUTE, case=4711, now=ENDED
    )
    entry = JournalEntry.objects.get(action="listen")
    assert (entry.actor, entry.model, entry.object_id) == (listener, "callcenter.Recording", recording.pk)
    assert entry.details == {"reason": "dispute", "case": 4711}
    assert until == ENDED + timedelta(minutes=30)


def test_a_new_master_key_in_front_still_opens_what_the_old_one_wrapped(media, settings):
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.MASTER_KEYS = [old]
    before = stored()
    settings.MASTER_KEYS = [new, old]
    after = stored()
    assert heard(before) == heard(after) == WAV

    settings.MASTER_KEYS = [new]
    assert heard(after) == WAV
    with pytest.raises(Unreadable):
        heard(before)


def without_key(recording):
    RecordingKey.objects.filter(pk=recording.pk).delete()


def with_another_key(recording):
    RecordingKey.objects.filter(pk=recording.pk).update(wrapped=RecordingKey.objects.get(pk=stored().pk).wrapped)


def without_file(recording):
    recording.file.storage.delete(recording.file.name)


def with_another_file(recording):
    Recording.objects.filter(pk=recording.pk).update(file=stored().file.name)


def cut_short(recording):
    os.truncate(recording.file.path, 100_000)


@pytest.mark.parametrize("harm", [without_key, with_another_key, without_file, with_another_file, cut_short])
def test_what_is_missing_or_was_exchanged_cannot_be_read(harm, media):
    recording = stored()
    assert heard(recording) == WAV
    harm(recording)
    with pytest.raises(Unreadable):
        heard(recording)


# Going ----------------------------------------------------------------------------------------------------------------


def test_it_is_gone_for_everyone_from_the_first_second_it_is_due_and_deleted_by_the_next_purge(media):
    recording, dpo = stored(), UserFactory(role="dpo")
    audible = Recording.objects.visible_to(dpo)
    assert list(audible.unexpired(now=LAST_MOMENT)) == [recording]
    assert list(audible.unexpired(now=DUE)) == []
    assert held(media) != NOTHING

    purge(now=LAST_MOMENT, commit=True, only="recordings")
    assert heard(recording) == WAV
    result = purge(now=DUE, commit=True, only="recordings")

    assert held(media) == NOTHING
    assert sum(outcome.files for outcome in result.outcomes) == 1
    assert not FileRemoval.objects.exists()
    assert Call.objects.filter(pk=recording.call_id).exists()


def test_a_call_that_goes_takes_its_recording_along(media):
    call = recorded_call(landlord=LandlordFactory(retention_months=1))
    stored(call)
    purge(now=datetime(2026, 4, 30, 12, tzinfo=UTC), commit=True, only="interventions")
    assert not Call.objects.filter(pk=call.pk).exists()
    assert held(media) == NOTHING


def test_deleting_now_deletes_row_key_and_file_and_keeps_the_door_shut(media, django_capture_on_commit_callbacks):
    recording, other, dpo = stored(), stored(), UserFactory(role="dpo")
    with django_capture_on_commit_callbacks(execute=True):
        recordings.delete_of(recording.call, by=dpo, now=ENDED)

    rows, keys, [file] = held(media)
    assert (rows, keys) == ([other.pk], [other.pk])
    assert file.endswith(other.file.name)
    assert JournalEntry.objects.filter(action="delete", object_id=recording.pk, actor=dpo).exists()
    with pytest.raises(Refused, match="accord"):
        stored(Call.objects.get(pk=recording.call_id))


def test_a_withdrawal_deletes_all_that_the_person_was_recorded_in(media, django_capture_on_commit_callbacks):
    person = PersonFactory()
    dropped_later = recorded_call(caller=person)
    for call in (recorded_call(caller=person), recorded_call(on_behalf_of=person)):
        stored(call)
    other = stored(recorded_call(caller=PersonFactory()))
    with django_capture_on_commit_callbacks(execute=True):
        consent.withdraw(person, purpose="recording", channel="phone", by=UserFactory(), now=ENDED)

    rows, keys, [file] = held(media)
    assert (rows, keys) == ([other.pk], [other.pk])
    assert file.endswith(other.file.name)
    with pytest.raises(Refused, match="accord"):
        stored(Call.objects.get(pk=dropped_later.pk))
    assert Person.objects.filter(pk=person.pk).exists()


def test_a_caller_who_changes_their_mind_is_recorded_no_more(media, django_capture_on_commit_callbacks):
    call = recorded_call(outcome="")
    stored(call)
    with django_capture_on_commit_callbacks(execute=True):
        calls.note_recording_answer(call, answer=Call.RecordingAnswer.REFUSED, by=call.agent, now=ENDED)
    assert held(media) == NOTHING


def test_a_call_that_turns_out_to_be_an_emergency_keeps_no_recording(media, django_capture_on_commit_callbacks):
    call = recorded_call(outcome="")
    stored(call)
    with django_capture_on_commit_callbacks(execute=True):
        calls.finish(call, outcome=Call.Outcome.EMERGENCY_SERVICES, promised_at=None, by=call.agent, now=ENDED)
    assert held(media) == NOTHING


def test_a_withdrawal_undone_with_its_transaction_deletes_no_file(media, django_capture_on_commit_callbacks):
    recording = stored()
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        recordings.delete_of(recording.call, by=None, now=ENDED)
        transaction.set_rollback(True)
    assert heard(recording) == WAV


def test_a_hold_keeps_it_from_being_deleted_but_not_from_falling_silent(media, django_capture_on_commit_callbacks):
    recording, dpo = stored(), UserFactory(role="dpo")
    hold = LegalHold.objects.create(
        ground="assignation", opened_by=dpo, opened_at=ENDED, approved_by=UserFactory(), approved_at=ENDED,
        review_on=LAST_MOMENT.date(),
    )  # fmt: skip
    HoldItem.objects.create(hold=hold, model="callcenter.Recording", object_id=recording.pk)
    with django_capture_on_commit_callbacks(execute=True):
        recordings.delete_of(recording.call, by=dpo, now=ENDED)
    purge(now=ENDED, commit=True, only="recordings")
    assert heard(recording) == WAV
    assert not Recording.objects.unexpired(now=ENDED).exists()

    hold.released_at = ENDED
    hold.save()
    purge(now=ENDED, commit=True, only="recordings")
    assert held(media) == NOTHING


# Demonstration --------------------------------------------------------------------------------------------------------


def test_the_demonstration_has_one_to_hear_a_week_and_none_where_nobody_agreed(media):
    now = ENDED + timedelta(days=100)
    for week in range(15):
        ended = now - timedelta(weeks=week, hours=1)
        times = {"started_at": ended, "answered_at": ended, "ended_at": ended, "recording_answered_at": ended}
        recorded_call(**times)
        recorded_call(**times, recording_answer="refused")

    record_sounds(now=now)

    recordings = Recording.objects.order_by("-ended_at")
    assert [(now - each.ended_at).days // 7 for each in recordings] == list(range(12))
    assert set(recordings.values_list("call__recording_answer", flat=True)) == {"accepted"}
    with wave.open(io.BytesIO(heard(recordings[0]))) as tune:
        assert tune.getnframes() / tune.getframerate() == 2
