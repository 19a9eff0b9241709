"""Listening to a recording: who may, for which reason, how the player seeks, and pausing on the call's sheet."""

import io
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.roles import Role
from callcenter.models import Call, Recording
from callcenter.recordings import store
from privacy.models import JournalEntry
from tests.callcenter.console.conftest import signed_in
from tests.callcenter.console.reading import told, words
from tests.factories import NOW, AnsweredCallFactory, UserFactory
from tests.sounds import LENGTH, OGG

pytestmark = pytest.mark.django_db

WHY = {"reason": "quality", "case": "4711"}
LISTENERS = (Role.SUPERVISOR, Role.DPO)


@pytest.fixture
def recording(media):
    began = NOW - timedelta(minutes=5)
    call = AnsweredCallFactory(
        started_at=began,
        answered_at=began,
        ended_at=NOW,
        outcome="information",
        recording_answer="accepted",
        recording_answered_at=began,
        recording_pauses=[[(began + timedelta(seconds=65)).isoformat(), None]],
    )
    return store(call, stream=io.BytesIO(OGG), now=NOW)


@pytest.fixture
def page(recording):
    return reverse("console:recording", args=[recording.pk])


@pytest.fixture
def sound(recording):
    return reverse("console:recording_sound", args=[recording.pk])


@pytest.fixture
def supervisor(db):
    return signed_in(UserFactory(role=Role.SUPERVISOR))


@pytest.fixture
def listener(supervisor, page):
    assert supervisor.post(page, WHY).status_code == 302
    return supervisor


def played(response):
    return b"".join(response.streaming_content)


@pytest.mark.parametrize("role", Role)
def test_supervisor_and_dpo_may_say_why_and_listen_and_nobody_else_learns_that_it_exists(role, page, sound):
    client = signed_in(UserFactory(role=role))
    if role in LISTENERS:
        assert [client.get(page).status_code, client.get(sound).status_code] == [200, 404]
        assert client.post(page, WHY).status_code == 302
        assert played(client.get(sound)) == OGG
    else:
        statuses = [client.get(page), client.post(page, WHY), client.get(sound)]
        assert [response.status_code for response in statuses] == [404, 404, 404]
        assert not JournalEntry.objects.filter(action="listen").exists()


def test_who_is_not_signed_in_is_sent_to_sign_in(client, page, sound):
    for address in (page, sound):
        assert client.get(address).headers["Location"].startswith(reverse("login"))


@pytest.mark.parametrize(
    "said", [{}, {"reason": "quality"}, {"case": "4711"}, {"reason": "curiosity", "case": "1"}, WHY | {"case": "M. X"}]
)
def test_without_a_reason_and_a_case_nothing_is_heard(said, supervisor, page, sound):
    response = supervisor.post(page, said)
    assert response.status_code == 422
    assert "<audio" not in response.content.decode()
    assert supervisor.get(sound).status_code == 404
    assert not JournalEntry.objects.filter(action="listen").exists()


def test_the_page_tells_the_pauses_and_the_end(supervisor, page):
    text = words(supervisor.get(page))
    assert "de 1 min 5 s à 5 min" in text
    assert "10 juin 2026" in text


def test_the_right_is_for_that_recording_half_an_hour_and_that_session(listener, page, sound, recording):
    assert "<audio" in listener.get(page).content.decode()
    [entry] = JournalEntry.objects.filter(action="listen")
    assert (entry.object_id, entry.details) == (recording.pk, {"reason": "quality", "case": 4711})

    assert signed_in(UserFactory(role=Role.SUPERVISOR)).get(sound).status_code == 404
    with time_machine.travel(NOW + timedelta(minutes=29)):
        assert listener.get(sound).status_code == 200
    with time_machine.travel(NOW + timedelta(minutes=31)):
        assert listener.get(sound).status_code == 404
        assert "<audio" not in listener.get(page).content.decode()


def test_it_is_streamed_and_never_offered_to_keep(listener, page, sound):
    assert 'controlslist="nodownload"' in listener.get(page).content.decode()
    response = listener.get(sound)
    assert played(response) == OGG
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "audio/ogg"
    assert response.headers["Content-Length"] == str(LENGTH)
    assert response.headers["Accept-Ranges"] == "bytes"
    assert response.headers["Content-Disposition"] == "inline"
    assert "no-store" in response.headers["Cache-Control"]
    assert listener.get(sound, headers={"Sec-Fetch-Dest": "audio"}).status_code == 200
    assert listener.get(sound, headers={"Sec-Fetch-Dest": "document"}).status_code == 404


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-", 0, LENGTH),
        ("bytes=65530-65545", 65530, 65546),
        ("bytes=100000-", 100000, LENGTH),
        ("bytes=-500", LENGTH - 500, LENGTH),
        ("bytes=-999999999", 0, LENGTH),
        (f"bytes={LENGTH - 1}-999999999", LENGTH - 1, LENGTH),
    ],
)
def test_a_part_is_answered_with_that_part(listener, sound, asked, start, stop):
    response = listener.get(sound, headers={"Range": asked})
    assert response.status_code == 206
    assert response.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{LENGTH}"
    assert response.headers["Content-Length"] == str(stop - start)
    assert played(response) == OGG[start:stop]


@pytest.mark.parametrize("asked", ["bytes=-", "bytes=5-2", "bytes=0-1,5-6", "lines=1-2", "bytes=a-b", "bytes=٣-٤"])
def test_what_is_no_single_range_gets_the_whole(listener, sound, asked):
    response = listener.get(sound, headers={"Range": asked.encode().decode("latin-1")})
    assert response.status_code == 200
    assert played(response) == OGG


@pytest.mark.parametrize("asked", [f"bytes={LENGTH}-", f"bytes={LENGTH}-{LENGTH + 5}", "bytes=-0"])
def test_a_part_past_the_end_is_refused(listener, sound, asked):
    response = listener.get(sound, headers={"Range": asked})
    assert response.status_code == 416
    assert response.headers["Content-Range"] == f"bytes */{LENGTH}"


def test_to_the_end_of_a_long_one_is_answered_piece_by_piece(listener, sound, monkeypatch):
    monkeypatch.setattr("callcenter.console.views.recordings.AT_ONCE", 50_000)
    found = b""
    while len(found) < LENGTH:
        response = listener.get(sound, headers={"Range": f"bytes={len(found)}-"})
        piece = played(response)
        assert 0 < len(piece) <= 50_000
        found += piece
    assert found == OGG


def test_from_the_second_it_is_due_it_is_gone_although_no_purge_ran(listener, page, sound, recording):
    due = NOW.replace(month=6, day=9, hour=22, minute=0)  # midnight in Paris
    with time_machine.travel(due - timedelta(seconds=1)):
        client = signed_in(UserFactory(role=Role.DPO))
        assert client.post(page, WHY).status_code == 302
        assert client.get(sound).status_code == 200
    with time_machine.travel(due):
        assert [client.get(page).status_code, client.get(sound).status_code] == [404, 404]
        sheet = client_of_supervisor().get(reverse("console:call", args=[recording.call_id]))
        assert page not in sheet.content.decode()
    assert Recording.objects.filter(pk=recording.pk).exists()


def client_of_supervisor():
    return signed_in(UserFactory(role=Role.SUPERVISOR))


def test_a_damaged_one_is_not_played(listener, sound, recording):
    recording.file.storage.delete(recording.file.name)
    assert listener.get(sound).status_code == 404


def test_the_call_s_sheet_leads_the_supervisor_to_it_and_not_the_agent(supervisor, console, recording, page):
    sheet = reverse("console:call", args=[recording.call_id])
    assert page in supervisor.get(sheet).content.decode()
    assert page not in console.get(sheet).content.decode()


def test_pausing_and_resuming_on_the_sheet(console, agent):
    call = AnsweredCallFactory(
        agent=agent, notice_version="2025-01", notice_at=NOW, recording_answer="accepted", recording_answered_at=NOW
    )
    sheet = reverse("console:call", args=[call.pk])
    assert "Mettre en pause" in words(console.get(sheet))

    console.post(reverse("console:pause_recording", args=[call.pk]))
    assert "En pause" in words(console.get(sheet))
    assert Call.objects.get(pk=call.pk).is_paused

    console.post(reverse("console:resume_recording", args=[call.pk]))
    assert "Mettre en pause" in words(console.get(sheet))
    [[since, until]] = Call.objects.get(pk=call.pk).recording_pauses
    assert NOW.isoformat() <= since < until

    console.post(reverse("console:answer_recording", args=[call.pk]), {"answer": "refused"})
    assert "Mettre en pause" not in words(console.get(sheet))
    assert told(console.post(reverse("console:pause_recording", args=[call.pk]))) != []


@pytest.mark.parametrize("role", Role)
def test_supervisor_and_dpo_find_what_there_is_to_hear(role, recording, page):
    address = reverse("console:recordings")
    client = signed_in(UserFactory(role=role))
    if role not in LISTENERS:
        assert client.get(address).status_code == 404
        return
    call = recording.call_id
    asked = ["", call, call + 1, "x", "²", "9" * 5000]
    listed = [page in client.get(address, {"appel": each}).content.decode() for each in asked]
    assert listed == [True, True, False, False, False, False]
    with time_machine.travel(NOW.replace(month=6, day=9, hour=22, minute=0)):
        assert page not in signed_in(UserFactory(role=role)).get(address).content.decode()
