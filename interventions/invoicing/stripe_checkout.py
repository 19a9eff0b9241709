"""
Stripe Checkout: a page of Stripe's where one amount is paid by card, and the signed events that tell what came of it.

Stripe is told the number of the invoice, the amount, and a reference that means nothing to it: no name, no address.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import stripe
from django.conf import settings

PATIENCE = 5  # seconds, for one attempt
ATTEMPTS_MORE = 2
TOLERANCE = 300  # seconds between an event's signature and now
EVENTS = frozenset(
    {
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "checkout.session.expired",
    }
)
MALFORMED = (ValueError, TypeError, AttributeError, KeyError, RecursionError, stripe.SignatureVerificationError)
FAILED = "checkout.session.async_payment_failed"

stripe.enable_telemetry = False


class ProviderFailed(Exception):
    """No answer, or a refusal: the cause tells. Nothing is known of what was asked for."""


class UnknownSession(ProviderFailed):
    pass


class NoEvent(Exception):
    """Forged, too old, or not one of Stripe's."""


@dataclass(frozen=True)
class Session:
    """A visit to Stripe's page. `cents` and `currency` are what was asked for there."""

    key: str
    reference: str
    url: str
    is_open: bool
    is_paid: bool
    is_over: bool  # without a payment
    cents: int | None
    currency: str
    transaction: str


def open_session(*, reference: str, amount: Decimal, label: str, success: str, cancel: str) -> Session:
    """In euros. The same again for the same reference, however often it is asked for within a day."""
    asked: Any = {
        "mode": "payment",
        "payment_method_types": ["card"],
        "locale": "fr",
        "client_reference_id": reference,
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": "eur",
                    "unit_amount": in_cents(amount),
                    "product_data": {"name": label},
                },
            }
        ],
        "success_url": success,
        "cancel_url": cancel,
    }
    try:
        return read(client().v1.checkout.sessions.create(asked, {"idempotency_key": reference}))
    except stripe.StripeError as error:
        raise ProviderFailed from error


def fetch(key: str) -> Session:
    try:
        return read(client().v1.checkout.sessions.retrieve(key))
    except stripe.InvalidRequestError as error:
        raise UnknownSession from error
    except stripe.StripeError as error:
        raise ProviderFailed from error


def close(key: str) -> None:
    """Nobody can pay there any more."""
    try:
        client().v1.checkout.sessions.expire(key)
    except stripe.StripeError as error:
        raise ProviderFailed from error


def session_of_event(body: bytes, *, signature: str) -> Session | None:
    """What an event tells; None for a kind that does not concern us. Raises NoEvent."""
    try:
        event = stripe.Webhook.construct_event(body, signature, settings.STRIPE_WEBHOOK_SECRET, TOLERANCE)
        return read(event.data.object, event=event.type) if event.type in EVENTS else None
    except MALFORMED as error:
        raise NoEvent from error


def read(told: Any, *, event: str = "") -> Session:
    return Session(
        key=told.id,
        reference=told.client_reference_id or "",
        url=getattr(told, "url", None) or "",
        is_open=told.status == "open",
        is_paid=told.payment_status == "paid",
        is_over=told.status == "expired" or event == FAILED,
        cents=told.amount_total,
        currency=told.currency or "",
        transaction=str(getattr(told, "payment_intent", None) or ""),
    )


def in_cents(amount: Decimal) -> int:
    return int(amount * 100)


def client() -> stripe.StripeClient:
    return stripe.StripeClient(
        settings.STRIPE_SECRET_KEY,
        base_addresses={"api": settings.STRIPE_API_BASE},
        http_client=stripe.RequestsClient(timeout=PATIENCE),
        max_network_retries=ATTEMPTS_MORE,
    )
