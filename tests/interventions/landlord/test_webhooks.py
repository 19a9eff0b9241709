"""What a landlord's software is told: by a real server that listens on this machine."""

import hashlib
import hmac
import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core import mail
from django.urls import reverse

from interventions import webhooks
from interventions.lifecycle import advance
from interventions.models import Status, Webhook, WebhookDelivery
from privacy.models import Disclosure, Restriction
from tests.callcenter.console.reading import words
from tests.factories import NOW, InterventionFactory, PersonFactory, ResidenceFactory, UserFactory
from tests.outbox import deliver_all
from tests.signing_in import signed_in_now

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
PAGE = "landlord_interfaces:interfaces"


class Listener(BaseHTTPRequestHandler):
    """Keeps what it gets, and answers what it is told to."""

    def do_POST(self):  # the name that http.server calls
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", self.server.elsewhere)
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def listener(settings):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    server.got, server.status, server.elsewhere = [], 204, "/"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.WEBHOOK_TEST_HOSTS = [f"127.0.0.1:{server.server_port}"]
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def url(listener):
    return f"http://127.0.0.1:{listener.server_port}/sofratel?de=nous"


@pytest.fixture
def webhook(landlord, manager, url):
    made, _ = webhooks.keep(landlord, url=url, by=manager, now=NOW)
    return made


@pytest.fixture
def job(landlord):
    return InterventionFactory(
        residence=ResidenceFactory(landlord=landlord), occupant=PersonFactory(), opened_at=NOW, status=Status.RECEIVED
    )


def step(job, to=Status.QUALIFIED, *, now=NOW, reason=""):
    return advance(job, to=to, by=UserFactory(), now=now, version=job.version, reason=reason)


def is_signed(headers, body, secret):
    seconds, *signatures = [part.partition("=")[2] for part in headers["Sofratel-Signature"].split(",")]
    made = hmac.new(str(secret).encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return made in signatures


# What is said ---------------------------------------------------------------------------------------------------------


def test_a_step_is_told_signed_with_ids_and_the_state_only(listener, webhook, job):
    step(job)
    webhooks.deliver_waiting(now=NOW)
    [(path, headers, body)] = listener.got
    assert path == "/sofratel?de=nous"
    assert is_signed(headers, body, webhook.secret)
    assert not is_signed(headers, body + b" ", webhook.secret)
    assert headers["Sofratel-Signature"].startswith(f"t={int(NOW.timestamp())},")
    delivery = WebhookDelivery.objects.get()
    assert json.loads(body) == {
        "id": str(delivery.pk),
        "event": "intervention.status_changed",
        "happened_at": NOW.isoformat(),
        "intervention": {"id": job.pk, "reference": job.reference, "status": "qualified"},
    }
    assert (delivery.delivered_at, delivery.answer) == (NOW, "HTTP 204")
    assert set(Disclosure.objects.get().fields) == {"référence", "avancement"}


def test_its_end_is_told_as_one(listener, webhook, job):
    job = step(job)
    step(job, to=Status.CLOSED, reason="Sans suite.")
    webhooks.deliver_waiting(now=NOW)
    assert {json.loads(body)["event"] for _, _, body in listener.got} == {
        "intervention.status_changed",
        "intervention.closed",
    }


def test_nobody_elses_interventions_are_told(listener, webhook, job):
    step(InterventionFactory(status=Status.RECEIVED))
    assert not WebhookDelivery.objects.exists()
    step(job)
    assert WebhookDelivery.objects.count() == 1


def test_nothing_is_told_of_whose_data_are_restricted(listener, webhook, job):
    step(job)
    Restriction.objects.create(person=job.occupant, reason=Restriction.Reason.ACCURACY, started_at=NOW)
    webhooks.deliver_waiting(now=NOW)
    assert listener.got == []
    assert WebhookDelivery.objects.get().given_up_at == NOW


def test_the_former_secret_signs_too_for_a_day(listener, webhook):
    former = str(webhook.secret)
    new = webhooks.rotate(webhook, now=NOW)
    assert new != former
    for now, both in ((NOW, True), (NOW + DAY, False)):
        listener.got.clear()
        webhooks.queue(Webhook.objects.get(), WebhookDelivery.Event.TEST, now=now)
        webhooks.deliver_waiting(now=now)
        [(_, headers, body)] = listener.got
        assert is_signed(headers, body, new)
        assert is_signed(headers, body, former) is both


# When it is not received ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [500, 404, 302])
def test_what_is_not_received_is_sent_again_later(listener, webhook, job, status):
    listener.status = status
    step(job)
    webhooks.deliver_waiting(now=NOW)
    webhooks.deliver_waiting(now=NOW)
    assert len(listener.got) == 1
    assert WebhookDelivery.objects.get().answer == f"HTTP {status}"
    listener.status = 204
    webhooks.deliver_waiting(now=NOW + timedelta(minutes=1))
    assert len(listener.got) == 2
    assert listener.got[0][2] == listener.got[1][2]
    assert WebhookDelivery.objects.get().delivered_at
    assert Webhook.objects.get().failing_since is None


def test_after_three_days_it_is_stopped_and_its_managers_are_told(listener, webhook, job, manager):
    listener.status = 500
    step(job)
    for hours in range(84):
        webhooks.deliver_waiting(now=NOW + timedelta(hours=hours))
    stopped = Webhook.objects.get()
    assert stopped.disabled_at
    assert NOW + 2 * DAY < stopped.disabled_at <= NOW + 3 * DAY
    assert 5 < len(listener.got) < 15
    deliver_all(stopped.disabled_at)
    [message] = mail.outbox
    assert message.to == [manager.email]
    assert reverse(PAGE) in message.body
    step(InterventionFactory(residence=job.residence, status=Status.RECEIVED))
    assert WebhookDelivery.objects.count() == 1


def test_a_server_that_is_gone_is_no_answer(listener, webhook, job, landlord, manager, settings):
    settings.WEBHOOK_TEST_HOSTS = ["127.0.0.1:1"]
    webhooks.keep(landlord, url="http://127.0.0.1:1/", by=manager, now=NOW)
    step(job)
    webhooks.deliver_waiting(now=NOW)
    assert WebhookDelivery.objects.get().answer == "pas de réponse"


# Where it may go ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://bailleur.example/",
        "ftp://bailleur.example/",
        "https:///chemin",
        "https://moi:secret@bailleur.example/",
        "https://bailleur.example:99999/",
    ],
)
def test_only_https_may_be_kept(landlord, manager, url):
    with pytest.raises(webhooks.WebhookRefused):
        webhooks.keep(landlord, url=url, by=manager, now=NOW)
    webhooks.keep(landlord, url="https://bailleur.example/sofratel", by=manager, now=NOW)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "10.0.0.8", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "224.0.0.1"),
        *(
            "2130706433",
            "[::1]",
            "[fe80::1]",
            "[fd00::1]",
            "[::ffff:127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
        ),
    ],
)
def test_no_message_goes_inside_our_walls(listener, webhook, job, settings, host):
    settings.WEBHOOK_TEST_HOSTS = []
    Webhook.objects.update(url=f"https://{host}:{listener.server_port}/")
    step(job)
    webhooks.deliver_waiting(now=NOW)
    assert listener.got == []
    assert WebhookDelivery.objects.get().answer == "Cette adresse n’est pas sur l’internet public."


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_a_public_address_is_one(address):
    assert webhooks.is_public(address)


# Its page -------------------------------------------------------------------------------------------------------------


def test_the_page_keeps_tries_and_takes_away(listener, url, manager, landlord):
    client, page = signed_in_now(manager), reverse(PAGE)
    kept = client.post(page, {"act": "webhook", "url": url})
    secret = str(Webhook.objects.get().secret)
    assert secret in kept.content.decode()
    assert secret not in client.get(page).content.decode()
    client.post(page, {"act": "test"})
    pending = WebhookDelivery.objects.get()
    webhooks.deliver_waiting(now=pending.next_try_at)
    [(_, headers, body)] = listener.got
    assert json.loads(body)["event"] == "test"
    assert is_signed(headers, body, secret)
    assert "Reçu" in words(client.get(page))
    assert str(Webhook.objects.get().secret) not in client.post(page, {"act": "webhook", "url": url}).content.decode()
    rotated = client.post(page, {"act": "rotate"}).content.decode()
    assert str(Webhook.objects.get().secret) in rotated
    client.post(page, {"act": "remove"})
    assert not Webhook.objects.exists()


def test_an_address_that_will_not_do_is_told(manager, landlord):
    client, page = signed_in_now(manager), reverse(PAGE)
    answer = client.post(page, {"act": "webhook", "url": "http://bailleur.example/"})
    assert answer.status_code == 422
    assert "https://" in words(answer)
    assert not Webhook.objects.exists()
