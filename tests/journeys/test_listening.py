"""A supervisor listens to a recording, in the browser's own player: it must seek without reading what is before."""

import io
import wave
from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from callcenter.recordings import store
from tests.callcenter.console.conftest import signed_in
from tests.factories import AnsweredCallFactory, UserFactory

SECONDS = 200
RATE = 8000
UNTIL = """player => new Promise((done, fail) => {{
  const looking = () => player.error ? fail(player.error.message) : {} ? done() : setTimeout(looking, 50);
  looking();
}})"""


def minutes_of_silence():
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(bytes(2 * RATE * SECONDS))
    sound.seek(0)
    return sound


@pytest.mark.django_db(transaction=True)
def test_the_player_plays_from_wherever_one_seeks_to(visitor, live_server):
    page = visitor()
    now = timezone.now()
    began = now - timedelta(seconds=SECONDS)
    answer = {"recording_answer": "accepted", "recording_answered_at": began}
    call = AnsweredCallFactory(started_at=began, answered_at=began, ended_at=now, outcome="information", **answer)
    recording = store(call, stream=minutes_of_silence(), now=now)
    session = signed_in(UserFactory(role=Role.SUPERVISOR)).cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": session.key, "value": session.value, "url": live_server.url}])
    asked, errors = [], []
    page.on("response", lambda response: asked.append((response.status, response.headers.get("content-range"))))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)

    page.goto(live_server.url + reverse("console:recording", args=[recording.pk]))
    page.get_by_label("Pourquoi l’écouter").select_option("dispute")
    page.get_by_label("Numéro du dossier").fill("4711")
    page.get_by_role("button", name="Écouter").click()
    player = page.locator("audio")
    assert player.evaluate(UNTIL.format("player.duration > 0")) is None
    assert player.evaluate("player => Math.round(player.duration)") == SECONDS

    player.evaluate("player => { player.muted = true; player.currentTime = 190; return player.play() }")
    assert player.evaluate(UNTIL.format("player.currentTime > 190.5")) is None

    assert player.evaluate("player => player.error") is None
    assert errors == []
    assert {status for status, part in asked if part} == {206}
