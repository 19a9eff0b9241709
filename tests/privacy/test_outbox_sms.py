"""SMS by OVHcloud's API, over real sockets: nobody gets a message twice, whatever the network does."""

import hashlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection

from privacy.models import OutgoingMessage
from privacy.outbox import absolute, ovh, send
from privacy.outbox.sending import deliver
from sofratel.embedded import sockets
from sofratel.embedded.services import VAR_DIR
from tests.factories import NOW

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parent.parent.parent
NUMBER, SECRET, CONSUMER = "+33612345678", "s3cret", "consumer"
MINUTE = timedelta(minutes=1)
PATIENCE = 30  # seconds
ACCOUNT = "/1.0/sms/sms-ab12345-1"


class Ovh(ThreadingHTTPServer):
    """As documented: jobs are taken in, wait, and are then found among those that went out, by their tag."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.behaviours = []  # of the next POSTs; afterwards all is well
        self.pending, self.outgoing, self.requests = [], [], []
        self.queue_moves = True
        self.released = threading.Event()

    @property
    def url(self):
        host, port = self.server_address
        return f"http://application:{SECRET}@{host}:{port}{ACCOUNT}?consumer_key={CONSUMER}&sender=SOFRATEL"

    def take(self, job):
        job["id"] = 1000 + len(self.outgoing) + len(self.pending)
        (self.outgoing if self.queue_moves else self.pending).append(job)
        return job["id"]

    @property
    def accepted(self):
        return [*self.pending, *self.outgoing]


class Handler(BaseHTTPRequestHandler):
    server: Ovh

    def log_message(self, *args):
        pass

    def answer(self, status, said, **headers):
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def is_signed(self, body):
        address = f"http://{self.headers['Host']}{self.path}"
        parts = [SECRET, CONSUMER, self.command, address, body, self.headers["X-Ovh-Timestamp"]]
        expected = "$1$" + hashlib.sha1("+".join(parts).encode()).hexdigest()
        fresh = abs(int(self.headers["X-Ovh-Timestamp"]) - time.time()) < PATIENCE
        known = (self.headers["X-Ovh-Application"], self.headers["X-Ovh-Consumer"]) == ("application", CONSUMER)
        return fresh and known and self.headers["X-Ovh-Signature"] == expected

    def do_GET(self):
        self.server.requests.append(f"GET {self.path}")
        path, asked = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        if not self.is_signed(""):
            self.answer(401, {"message": "Invalid signature"})
        elif path == f"{ACCOUNT}/jobs":
            self.answer(200, [job["id"] for job in self.server.pending])
        elif path == f"{ACCOUNT}/outgoing":
            self.answer(200, [job["id"] for job in self.server.outgoing if job["tag"] == asked["tag"][0]])
        else:
            self.answer(404, {"message": "Got an invalid (or empty) URL"})

    def do_POST(self):
        self.server.requests.append(f"POST {self.path}")
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if not self.is_signed(body) or self.path != f"{ACCOUNT}/jobs":
            self.answer(401, {"message": "Invalid signature"})
            return
        job = json.loads(body)
        report = {"totalCreditsRemoved": 1, "invalidReceivers": [], "validReceivers": job["receivers"]}
        match self.server.behaviours.pop(0) if self.server.behaviours else "take":
            case "take":
                self.answer(200, {"ids": [self.server.take(job)], **report})
            case "take, then say nothing":
                self.server.take(job)
                self.server.released.wait(PATIENCE)
            case "take, then hang up":
                self.server.take(job)
            case "take, then talk nonsense":
                self.server.take(job)
                self.answer(200, b"<html>Bonjour</html>")
            case "take, then answer something else":
                self.server.take(job)
                self.answer(200, {"fine": True})
            case "find the number invalid":
                self.answer(200, {"ids": [], "invalidReceivers": job["receivers"], "validReceivers": []})
            case {"status": status, **headers}:
                self.answer(status, {"message": f"{job['receivers']} {job['message']}"}, **headers)


@pytest.fixture
def provider(settings, monkeypatch):
    with running(Ovh()) as server:
        settings.SMS_BACKEND = "privacy.outbox.ovh.Ovh"
        settings.SMS_URL = server.url
        monkeypatch.setattr(ovh, "TIMEOUT", 0.5)
        yield server


@contextmanager
def running(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def logged(caplog):
    caplog.set_level(logging.DEBUG)

    def logged():
        return "\n".join(str(record.__dict__) for record in caplog.records)

    return logged


def text_out(now=NOW):
    return send("follow_link", to=NUMBER, link=absolute("/portail/lien/canari-du-lien/"), now=now)


def attempt(message, at=NOW):
    deliver(message.pk, now=at)
    message.refresh_from_db()
    return "sent" if message.sent_at else "given up" if message.given_up_at else "waiting"


def test_it_is_taken_in_with_our_tag_and_keeps_the_provider_s_number(provider):
    message = text_out()
    assert attempt(message) == "sent"

    (job,) = provider.accepted
    assert (job["receivers"], job["sender"], job["tag"]) == ([NUMBER], "SOFRATEL", message.reference)
    assert "/portail/lien/canari-du-lien/" in job["message"]
    assert job["noStopClause"] is True
    assert job["validityPeriod"] == 2 * 24 * 60
    assert message.provider_reference == str(job["id"])
    assert provider.requests == [f"POST {ACCOUNT}/jobs"], "a first attempt looks nothing up"


def test_a_code_is_dropped_by_the_provider_too_once_it_is_over(provider):
    deliver(send("sign_up_code", to=NUMBER, code="123456", now=NOW).pk, now=NOW + 2 * MINUTE)
    assert provider.accepted[0]["validityPeriod"] == 8


def test_a_server_that_fails_is_tried_again(provider):
    provider.behaviours = [{"status": 500}, {"status": 503}]
    message = text_out()
    assert attempt(message) == "waiting"
    assert attempt(message, NOW + MINUTE) == "waiting"
    assert provider.accepted == []
    assert attempt(message, NOW + 6 * MINUTE) == "sent"
    assert len(provider.accepted) == 1


@pytest.mark.parametrize(
    "accident",
    [
        "take, then say nothing",
        "take, then hang up",
        "take, then talk nonsense",
        "take, then answer something else",
    ],
)
def test_what_was_taken_in_without_our_knowing_is_not_sent_twice(provider, accident):
    provider.behaviours = [accident]
    message = text_out()
    assert attempt(message) == "waiting"
    assert len(provider.accepted) == 1

    assert attempt(message, NOW + MINUTE) == "sent"
    assert len(provider.accepted) == 1
    assert message.provider_reference == str(provider.accepted[0]["id"])


def test_while_the_provider_has_jobs_in_hand_ours_may_be_among_them(provider):
    provider.behaviours, provider.queue_moves = ["take, then hang up"], False
    message = text_out()
    assert attempt(message) == "waiting"
    assert attempt(message, NOW + MINUTE) == "waiting"
    assert len(provider.accepted) == 1, "not yet known, so not sent again"

    provider.outgoing, provider.pending = provider.pending, []
    assert attempt(message, NOW + 6 * MINUTE) == "sent"
    assert len(provider.accepted) == 1


def test_somebody_else_s_message_is_not_taken_for_ours(provider):
    provider.outgoing.append({"id": 1, "tag": "another"})
    provider.behaviours = [{"status": 502}]
    message = text_out()
    attempt(message)
    assert attempt(message, NOW + MINUTE) == "sent"
    assert [job["tag"] for job in provider.accepted] == ["another", message.reference]


def test_asked_to_wait_it_waits(provider):
    provider.behaviours = [{"status": 429, "Retry_After": "900"}]
    message = text_out()
    assert attempt(message) == "waiting"
    assert message.next_try_at == NOW + timedelta(minutes=15)
    assert attempt(message, NOW + MINUTE) == "waiting"
    assert len(provider.requests) == 1
    assert attempt(message, NOW + timedelta(minutes=15)) == "sent"


@pytest.mark.parametrize("said", ["1", "", "soon", "Wed, 21 Oct 2026 07:28:00 GMT", "-5", "9" * 30])
def test_asked_nothing_sensible_it_keeps_its_own_pause(provider, said):
    provider.behaviours = [{"status": 429, "Retry_After": said}]
    message = text_out()
    assert attempt(message) == "waiting"
    assert message.next_try_at == NOW + MINUTE


@pytest.mark.parametrize("behaviour", [{"status": status} for status in (400, 401, 402, 403, 404, 301)])
def test_refused_it_is_given_up_and_told_without_the_number(provider, logged, behaviour):
    provider.behaviours = [behaviour]
    message = text_out()
    assert attempt(message) == "given up"
    assert message.content is None
    assert f"HTTP {behaviour['status']}" in logged()
    for canary in (NUMBER, NUMBER[3:], "canari-du-lien", SECRET, CONSUMER):
        assert canary not in logged()
    assert attempt(message, NOW + MINUTE) == "given up"
    assert len(provider.requests) == 1


def test_wrong_keys_are_refused_by_the_signature(provider, settings):
    settings.SMS_URL = provider.url.replace(SECRET, "stolen")
    assert attempt(text_out()) == "given up"
    assert provider.accepted == []


def test_a_number_that_cannot_be_called_is_given_up(provider, logged):
    provider.behaviours = ["find the number invalid"]
    assert attempt(text_out()) == "given up"
    assert "invalid number" in logged()
    assert NUMBER not in logged()


def test_nobody_at_the_other_end(settings, logged):
    with running(Ovh()) as server:
        url = server.url
    settings.SMS_BACKEND, settings.SMS_URL = "privacy.outbox.ovh.Ovh", url
    assert attempt(text_out()) == "waiting"
    assert "put off" in logged()
    assert NUMBER not in logged()


WORKER = """
import django
from datetime import datetime
django.setup()
from django.conf import settings
from privacy.outbox.sending import deliver
settings.SMS_BACKEND, settings.SMS_URL = "privacy.outbox.ovh.Ovh", "{url}"
deliver({pk}, now=datetime.fromisoformat("{now}"))
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_it_sends_leaves_it_to_the_next_one(provider):
    provider.behaviours = ["take, then say nothing"]
    message = text_out()
    database = sockets.database_url(VAR_DIR).removesuffix(sockets.DATABASE) + connection.settings_dict["NAME"]
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER.format(url=provider.url, pk=message.pk, now=NOW.isoformat())],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "tests.settings"},
    )
    give_up_at = time.monotonic() + PATIENCE
    while not provider.accepted:
        assert worker.poll() is None
        assert time.monotonic() < give_up_at
        time.sleep(0.01)
    worker.send_signal(signal.SIGKILL)
    assert worker.wait() == -signal.SIGKILL
    provider.released.set()

    assert list(OutgoingMessage.objects.waiting(now=NOW)) == []
    assert list(OutgoingMessage.objects.waiting(now=NOW + MINUTE)) == [message], "for the clock to find"
    assert attempt(message, NOW + MINUTE) == "sent"
    assert len(provider.accepted) == 1
    assert message.attempts == 2
