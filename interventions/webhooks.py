"""
What a landlord's software is told as it happens: which intervention, which state, and nothing else.

Each message is signed: `Sofratel-Signature: t=<seconds>,v1=<HMAC-SHA256 of "t.body" in hexadecimal>`, with the former
secret too for a day after a new one was made. It goes to the public internet over https only: where the name leads is
looked up at the moment of sending, refused when it is not public, and the connection goes to that very address.
"""

import hashlib
import hmac
import json
import socket
import ssl
from collections.abc import Iterable
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address, ip_network
from secrets import token_urlsafe
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from interventions import extracts
from interventions.models import Intervention, Landlord, Transition, Webhook, WebhookDelivery
from interventions.models.interventions import ENDED, Status
from privacy import disclosure
from privacy.outbox import absolute, send

# After the first attempt, the second … then every half a day, until three days are over.
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6))
LAST_PAUSE = timedelta(hours=12)
GIVEN_UP_AFTER = timedelta(days=3)
FORMER_SECRET_FOR = timedelta(days=1)
PATIENCE = 5  # seconds
AT_ONCE = 100
NAT64 = ip_network("64:ff9b::/96")

Event = WebhookDelivery.Event


class WebhookRefused(Exception):
    """Nothing may be sent there. The message says why, in French."""


# Keeping it -----------------------------------------------------------------------------------------------------------


def check_url(url: str) -> None:
    """Raises WebhookRefused. What its name leads to is looked at each time something is sent (`open_connection`)."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        raise WebhookRefused("Le port de cette adresse n’existe pas.") from None
    if f"{parts.hostname}:{port}" in settings.WEBHOOK_TEST_HOSTS:
        return
    if parts.scheme != "https" or not parts.hostname:
        raise WebhookRefused("Donnez une adresse qui commence par https://.")
    if parts.username or parts.password:
        raise WebhookRefused("Une adresse ne contient ni nom d’utilisateur ni mot de passe.")


@transaction.atomic
def keep(landlord: Landlord, *, url: str, by: User, now: datetime) -> tuple[Webhook, str]:
    """
    Where to send, from now on. Returns the secret too where it is new: it is shown once. Raises WebhookRefused.

    A changed address gets a new secret: whoever had the former one learns nothing of the new one.
    """
    check_url(url)
    known = Webhook.objects.select_for_update().filter(landlord=landlord).first()
    if known is not None and known.url == url:
        Webhook.objects.filter(pk=known.pk).update(disabled_at=None, failing_since=None)
        return known, ""
    Webhook.objects.filter(landlord=landlord).delete()
    secret = token_urlsafe(32)
    return Webhook.objects.create(landlord=landlord, url=url, secret=secret, created_at=now, created_by=by), secret


@transaction.atomic
def rotate(webhook: Webhook, *, now: datetime) -> str:
    """A new secret, shown once. The former signs too for a day, so that no message is lost meanwhile."""
    current = Webhook.objects.select_for_update().get(pk=webhook.pk)
    current.former_secret, current.former_until = current.secret, now + FORMER_SECRET_FOR
    current.secret = token_urlsafe(32)
    current.save(update_fields=["secret", "former_secret", "former_until"])
    return str(current.secret)


# What happened --------------------------------------------------------------------------------------------------------


def note_step(step: Transition, *, landlord_id: int) -> None:
    """To be told, where the landlord's software listens."""
    webhook = Webhook.objects.active().filter(landlord=landlord_id).first()
    if webhook is None:
        return
    queue(webhook, event_of(step), now=step.at, intervention=step.intervention, status=step.to_status)


def event_of(step: Transition) -> Event:
    if not step.from_status:
        return Event.OPENED
    return Event.CLOSED if Status(step.to_status) in ENDED else Event.CHANGED


def queue(
    webhook: Webhook, event: Event, *, now: datetime, intervention: Intervention | None = None, status: str = ""
) -> WebhookDelivery:
    delivery = WebhookDelivery.objects.create(
        webhook=webhook,
        event=event,
        intervention=intervention,
        status=status,
        happened_at=now,
        next_try_at=now,
        expires_at=now + GIVEN_UP_AFTER,
    )
    from interventions.tasks import deliver_webhook  # which calls `deliver`

    transaction.on_commit(lambda: deliver_webhook.delay(delivery.pk), robust=True)
    return delivery


# Sending it -----------------------------------------------------------------------------------------------------------


def deliver_waiting(*, now: datetime) -> None:
    """What could not be sent before, and what a worker that died left."""
    for pk in WebhookDelivery.objects.waiting(now=now).order_by("next_try_at").values_list("pk", flat=True)[:AT_ONCE]:
        deliver(pk, now=now)


def deliver(pk: int, *, now: datetime) -> None:
    """One attempt, if it is its turn. Twice at once, or once too often, changes nothing."""
    delivery = claim(pk, now=now)
    if delivery is None:
        return
    try:
        body = content_of(delivery, now=now)
        answer, received = post(delivery.webhook, body, now=now)
    except disclosure.DisclosureRefused:
        WebhookDelivery.objects.filter(pk=pk).update(given_up_at=now, answer="rien n’est transmis")
        return
    except WebhookRefused as refusal:
        answer, received = str(refusal)[:60], False
    except (OSError, HTTPException):
        answer, received = "pas de réponse", False
    if received:
        WebhookDelivery.objects.filter(pk=pk).update(delivered_at=now, answer=answer)
        Webhook.objects.filter(pk=delivery.webhook_id).update(failing_since=None)
        return
    fail(delivery, answer=answer, now=now)


@transaction.atomic
def claim(pk: int, *, now: datetime) -> WebhookDelivery | None:
    """Put off before it is tried: a process that dies leaves it to the next one, after the pause."""
    waiting = WebhookDelivery.objects.waiting(now=now).select_for_update(of=("self",), skip_locked=True)
    delivery = waiting.select_related("webhook__landlord").filter(pk=pk).first()
    if delivery is None:
        return None
    tries = delivery.attempts
    delivery.next_try_at = now + (PAUSES[tries] if tries < len(PAUSES) else LAST_PAUSE)
    delivery.attempts += 1
    delivery.save(update_fields=["next_try_at", "attempts"])
    return delivery


@transaction.atomic
def fail(delivery: WebhookDelivery, *, answer: str, now: datetime) -> None:
    """Three days without an answer, and nothing is sent there any more until somebody looks: its managers are told."""
    over = delivery.next_try_at >= delivery.expires_at or delivery.event == Event.TEST
    WebhookDelivery.objects.filter(pk=delivery.pk).update(answer=answer, given_up_at=now if over else None)
    webhook = Webhook.objects.select_for_update(of=("self",)).select_related("landlord").get(pk=delivery.webhook_id)
    if delivery.event == Event.TEST:
        return
    if webhook.failing_since is None:
        Webhook.objects.filter(pk=webhook.pk).update(failing_since=now)
    elif over and webhook.disabled_at is None and now - webhook.failing_since >= GIVEN_UP_AFTER - LAST_PAUSE:
        Webhook.objects.filter(pk=webhook.pk).update(disabled_at=now)
        link = absolute(reverse("landlord_interfaces:interfaces"))
        for manager in webhook.landlord.managers.filter(role=Role.LANDLORD_MANAGER, is_active=True):
            send("webhook_stopped", to=manager.email, link=link, now=now)


def content_of(delivery: WebhookDelivery, *, now: datetime) -> bytes:
    """The same bytes at each attempt, so that its receiver can tell a repetition. Raises DisclosureRefused."""
    said: dict[str, object] = {
        "id": str(delivery.pk),
        "event": delivery.event,
        "happened_at": delivery.happened_at.isoformat(),
    }
    if delivery.intervention is not None:
        given = disclosure.give(
            extracts.LANDLORD_STATUS,
            delivery.intervention,
            to=delivery.webhook.landlord,
            only=("reference", "status"),
            by=None,
            now=now,
        )
        said["intervention"] = {
            "id": delivery.intervention.pk,
            "reference": given["reference"],
            "status": delivery.status,
        }
    return json.dumps(said).encode()


def post(webhook: Webhook, body: bytes, *, now: datetime) -> tuple[str, bool]:
    """Returns what was answered, in short, and whether it was received. A redirection is not followed."""
    parts = urlsplit(webhook.url)
    connection = open_connection(webhook.url)
    try:
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "SOFRATEL-webhooks/1",
            "Sofratel-Signature": signature(body, secrets=secrets_of(webhook, now=now), now=now),
        }
        connection.request("POST", path, body, headers)
        status = connection.getresponse().status
    finally:
        connection.close()
    return f"HTTP {status}", 200 <= status < 300


def secrets_of(webhook: Webhook, *, now: datetime) -> list[str]:
    former = webhook.former_until is not None and now < webhook.former_until
    return [str(webhook.secret), *([str(webhook.former_secret)] if former else [])]


def signature(body: bytes, *, secrets: Iterable[str], now: datetime) -> str:
    seconds = int(now.timestamp())
    signed = f"{seconds}.".encode() + body
    made = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={seconds}", *(f"v1={one}" for one in made)])


class PinnedHTTPSConnection(HTTPSConnection):
    """To one address that was looked at, under the name that its certificate has to bear."""

    def __init__(self, host: str, port: int, *, address: str) -> None:
        super().__init__(host, port, timeout=PATIENCE, context=ssl.create_default_context())
        self.address = address

    def connect(self) -> None:
        plain = socket.create_connection((self.address, self.port), self.timeout)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)  # type: ignore[attr-defined]


def open_connection(url: str) -> HTTPConnection:
    """Raises WebhookRefused where the name leads anywhere but to the public internet, OSError where nowhere."""
    check_url(url)
    parts = urlsplit(url)
    host = parts.hostname or ""
    if f"{host}:{parts.port}" in settings.WEBHOOK_TEST_HOSTS:
        return HTTPConnection(host, parts.port, timeout=PATIENCE)
    port = parts.port or 443
    addresses = [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not addresses or not all(is_public(address) for address in addresses):
        raise WebhookRefused("Cette adresse n’est pas sur l’internet public.")
    return PinnedHTTPSConnection(host, port, address=addresses[0])


def is_public(address: str) -> bool:
    """Neither ours nor a neighbour's, nor an IPv6 address that hides such an IPv4 one."""
    found = ip_address(address.partition("%")[0])
    hides = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None) or found in NAT64
    return found.is_global and not found.is_multicast and not hides
