"""Paying an invoice on the page of a payment provider. Off unless the provider's keys are set."""

from datetime import datetime

from django.conf import settings

from accounts.models import User
from interventions.models import Invoice


class OnlinePaymentError(Exception):
    """Nothing was paid. The message says why, in French."""


def is_offered() -> bool:
    return bool(getattr(settings, "STRIPE_SECRET_KEY", ""))


def begin(invoice: Invoice, *, by: User, now: datetime) -> str:
    """The address of the provider's page where what is owed is paid. Raises OnlinePaymentError."""
    raise OnlinePaymentError("Le paiement en ligne n’est pas ouvert.")
