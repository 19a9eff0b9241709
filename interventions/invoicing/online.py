"""
Paying an invoice on the page of a payment provider. Off unless the provider's keys are set.

Only what the provider tells, signed or asked of it, makes a payment: coming back from its page proves nothing. What it
tells may come twice, late, in any order, or never.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from interventions.invoicing import payments, stripe_checkout
from interventions.invoicing.stripe_checkout import ProviderFailed, Session, UnknownSession
from interventions.models import Invoice, OnlinePayment, Payment
from interventions.models.invoices import InvoiceQuerySet
from privacy import journal
from privacy.outbox import absolute
from privacy.retention.due import paris_day

logger = logging.getLogger(__name__)

LEAST_CENTS = 50  # Stripe's
SILENT_AFTER = timedelta(hours=1)

State = OnlinePayment.State


class OnlinePaymentError(Exception):
    """Nothing was paid. The message says why, in the reader's language."""


def is_offered() -> bool:
    return bool(settings.STRIPE_SECRET_KEY)


def begin(invoice: Invoice, *, by: User, now: datetime) -> str:
    """
    The address of the provider's page, where all that is owed is paid. Raises OnlinePaymentError.

    Asked for twice, at once or later, it is the same page. Not to be called in a transaction: what is asked of the
    provider has to be kept, whatever it answers.
    """
    try:
        page = where_it_was_left(invoice, now=now)
        if page:
            return page
        online = opened(invoice, by=by, now=now)
        session = stripe_checkout.open_session(
            reference=reference_of(online),
            amount=online.amount,
            label=f"Facture {invoice.number}",
            success=absolute(reverse("portal:invoice_paid", args=[invoice.pk])),
            cancel=absolute(reverse("portal:invoice", args=[invoice.pk])),
        )
    except ProviderFailed as failure:
        logger.warning("online payment not begun", extra={"invoice": invoice.pk, "cause": name_of(failure)})
        raise OnlinePaymentError(
            _("Le paiement en ligne ne répond pas. Rien n’est payé : réessayez dans quelques minutes.")
        ) from failure
    OnlinePayment.objects.filter(pk=online.pk, session=None).update(session=session.key)
    return session.url


def where_it_was_left(invoice: Invoice, *, now: datetime) -> str:
    """The page that is open already for what is owed. One for another amount is closed. Raises ProviderFailed."""
    for online in invoice.online_payments.filter(state=State.OPEN).exclude(session=None):
        session = stripe_checkout.fetch(str(online.session))
        settle(session, now=now)
        if not session.is_open:
            continue
        if online.amount == payments.balance_of(invoice):
            return session.url
        stripe_checkout.close(session.key)
        end(online, State.EXPIRED, now=now)
    return ""


@transaction.atomic
def opened(invoice: Invoice, *, by: User, now: datetime) -> OnlinePayment:
    """The visit, before the provider knows of it: one, however many clicks. Raises OnlinePaymentError."""
    current = payments.locked(invoice)
    owed = payments.balance_of(current)
    if owed <= 0:
        raise OnlinePaymentError(_("Cette facture est déjà payée."))
    if stripe_checkout.in_cents(owed) < LEAST_CENTS:
        raise OnlinePaymentError(_("Ce montant est trop petit pour être payé en ligne."))
    waiting = current.online_payments.filter(state=State.OPEN, amount=owed).order_by("-pk").first()
    if waiting is not None:
        return waiting
    online = OnlinePayment.objects.create(invoice=current, amount=owed, opened_at=now)
    journal.record(online, action="begin_online_payment", by=by, now=now, invoice=current.pk)
    return online


def reference_of(online: OnlinePayment) -> str:
    """What the provider knows it by: nobody else's number, even on another database."""
    return f"{online.pk}-{online.opened_at.timestamp():.6f}"


@transaction.atomic
def settle(session: Session, *, now: datetime) -> Payment | None:
    """Take over what the provider says of a visit; the payment, the one time that there is a new one."""
    found = visit_of(session)
    if found is None:
        logger.info("online payment unknown here")
        return None
    payments.locked(found.invoice)
    online = OnlinePayment.objects.select_for_update(of=("self",)).get(pk=found.pk)
    if online.state in (State.PAID, State.REFUSED):
        return None
    if online.session is None:
        OnlinePayment.objects.filter(pk=online.pk).update(session=session.key)
    if session.is_paid:
        return take(online, session, now=now)
    if session.is_over:
        end(online, State.EXPIRED, now=now)
    return None


def visit_of(session: Session) -> OnlinePayment | None:
    """By its number at the provider's, or by ours while that is not known here."""
    number = session.reference.partition("-")[0]
    ours = Q(session=None, pk=number) if number.isdecimal() and len(number) < 19 else Q(pk__in=[])
    for online in OnlinePayment.objects.select_related("invoice").filter(Q(session=session.key) | ours):
        if online.session is not None or reference_of(online) == session.reference:
            return online
    return None


def take(online: OnlinePayment, session: Session, *, now: datetime) -> Payment | None:
    """The money came in: a payment, or accounting looks at why it is not what was asked for."""
    if (session.cents, session.currency) != (stripe_checkout.in_cents(online.amount), "eur"):
        logger.error("online payment of another amount", extra={"online_payment": online.pk})
        end(online, State.REFUSED, now=now)
        return None
    end(online, State.PAID, now=now)
    return payments.note(
        online.invoice,
        method=Payment.Method.ONLINE,
        amount=online.amount,
        received_on=paris_day(now),
        reference=session.transaction[:40],
        online=online,
        by=None,
        now=now,
    )


def end(online: OnlinePayment, state: State, *, now: datetime) -> None:
    OnlinePayment.objects.filter(pk=online.pk).update(state=state, ended_at=now)


def to_check(rows: InvoiceQuerySet) -> InvoiceQuerySet:
    """Those of `with_balance()` for which another amount came in than was asked for, until they are settled."""
    refused = OnlinePayment.objects.filter(state=State.REFUSED)
    return rows.filter(payments.OWED, pk__in=refused.values("invoice"))


def ask_after_silence(*, now: datetime) -> int:
    """What no event told us within the hour is asked. Returns how many payments that found."""
    if not is_offered():
        return 0
    silent = OnlinePayment.objects.filter(state=State.OPEN, opened_at__lte=now - SILENT_AFTER).order_by("pk")
    silent.filter(session=None).update(state=State.EXPIRED, ended_at=now)  # nobody ever saw its page
    found = 0
    for online in silent.exclude(session=None):
        try:
            found += settle(stripe_checkout.fetch(str(online.session)), now=now) is not None
        except UnknownSession:
            logger.error("online payment unknown to the provider", extra={"online_payment": online.pk})
            end(online, State.EXPIRED, now=now)
        except ProviderFailed as failure:
            logger.warning("payment provider silent", extra={"cause": name_of(failure)})
            break
    return found


def name_of(failure: ProviderFailed) -> str:
    """The kind of error, without what it quotes."""
    return type(failure.__cause__ or failure).__name__
