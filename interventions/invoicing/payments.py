"""Money that comes in for invoices, and where each of them stands."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import models, transaction
from django.db.models import Case, Count, F, Q, Sum, Value, When

from accounts.models import User
from interventions.invoicing.papers import euros
from interventions.models import FinancialYear, Invoice, OnlinePayment, Payment
from interventions.models.billing import to_the_cent
from interventions.models.invoices import InvoiceQuerySet, Series
from privacy import journal
from privacy.retention.due import paris_day

MOST = Decimal("9999999999.99")
SENT_TWICE_WITHIN = timedelta(minutes=10)


class PaymentError(Exception):
    """Nothing was noted. The message says why, in French."""


@transaction.atomic
def note(
    invoice: Invoice,
    *,
    method: str,
    amount: Decimal,
    received_on: date,
    reference: str = "",
    online: OnlinePayment | None = None,
    seen: int | None = None,
    by: User | None,
    now: datetime,
) -> Payment:
    """
    Money received, in euros; under zero, given back out of what was paid in excess. More than is owed may be noted.

    `seen` is how many payments of the invoice the form showed: the same form sent twice is one payment, and whoever
    comes second with another is told. Raises PaymentError.
    """
    current = locked(invoice)
    last = current.payments.order_by("-pk").first()
    if seen is not None and last is not None and current.payments.count() != seen:
        said = (last.method, last.amount, last.received_on, last.reference, last.noted_by)
        if said == (method, amount, received_on, reference, by) and now - last.noted_at < SENT_TWICE_WITHIN:
            return last
        raise PaymentError(
            "Un autre paiement vient d’être noté sur cette facture\N{NO-BREAK SPACE}: regardez-le d’abord."
        )
    refuse(current, amount=amount, received_on=received_on, online=online, today=paris_day(now))
    payment = Payment.objects.create(
        invoice=current,
        method=method,
        amount=amount,
        received_on=received_on,
        reference=reference,
        online=online,
        noted_at=now,
        noted_by=by,
    )
    journal.record(payment, action="note_payment", by=by, now=now, invoice=current.pk)
    return payment


def refuse(invoice: Invoice, *, amount: Decimal, received_on: date, online: OnlinePayment | None, today: date) -> None:
    """Raises PaymentError for what cannot have happened."""
    if invoice.is_credit_note:
        raise PaymentError(
            "Un avoir ne se paie pas\N{NO-BREAK SPACE}: notez le remboursement sur la facture qu’il corrige."
        )
    if not 0 < abs(amount) <= MOST or amount != to_the_cent(amount):
        raise PaymentError("Donnez un montant en euros, avec deux décimales au plus.")
    if received_on > today:
        raise PaymentError("Ce jour n’est pas encore venu.")
    year = FinancialYear.objects.of(received_on)
    if online is None and (year is None or year.is_archived(on=today)):  # it would be in no export, or in a closed one
        raise PaymentError(
            f"Aucun exercice ouvert ne comprend le {received_on:%d/%m/%Y}\N{NO-BREAK SPACE}: vérifiez ce jour, ou "
            "ouvrez l’exercice."
        )
    if amount < 0 and -amount > -balance_of(invoice):
        left = max(-balance_of(invoice), Decimal(0))
        raise PaymentError(f"Il n’y a que {euros(left)} de trop-perçu à rendre.")


@transaction.atomic
def reverse(payment: Payment, *, by: User | None, now: datetime) -> Payment:
    """The contrary of a payment noted by mistake, once. Raises PaymentError."""
    locked(payment.invoice)
    if payment.reverses_id is not None:
        raise PaymentError(
            "C’est déjà l’annulation d’un paiement\N{NO-BREAK SPACE}: notez plutôt le paiement à nouveau."
        )
    if Payment.objects.filter(reverses=payment).exists():
        raise PaymentError("Ce paiement a déjà été annulé.")
    contrary = Payment.objects.create(
        invoice_id=payment.invoice_id,
        method=payment.method,
        amount=-payment.amount,
        received_on=paris_day(now),
        reference=payment.reference,
        reverses=payment,
        noted_at=now,
        noted_by=by,
    )
    journal.record(contrary, action="reverse_payment", by=by, now=now, invoice=payment.invoice_id)
    return contrary


def locked(invoice: Invoice) -> Invoice:
    """Whoever else writes a payment of it waits."""
    return Invoice.objects.select_for_update(of=("self",), no_key=True).get(pk=invoice.pk)


def balance_of(invoice: Invoice) -> Decimal:
    """What is still to be paid, in euros; under zero, what was paid in excess."""
    return sums_of(Invoice.objects.with_balance().get(pk=invoice.pk))[2]


def sums_of(invoice: Invoice) -> tuple[Decimal, Decimal, Decimal]:
    """What `with_balance` tells of it: paid, credited, and what is left."""
    paid, credited, balance = (getattr(invoice, name) for name in ("paid", "credited", "balance"))
    return paid, credited, balance


# Where they stand -----------------------------------------------------------------------------------------------------


class InvoiceState(models.TextChoices):
    UNPAID = "unpaid", "À payer"
    LATE = "late", "En retard"
    PARTLY = "partly", "Payée en partie"
    PAID = "paid", "Payée"
    OVERPAID = "overpaid", "Trop-perçu"
    CREDITED = "credited", "Annulée par avoir"
    CREDIT_NOTE = "credit_note", "Avoir"


S = InvoiceState


def state_of(invoice: Invoice, *, on: date) -> InvoiceState:
    """Of an invoice out of `with_balance()`, on a day. `in_state` finds the same."""
    paid, credited, balance = sums_of(invoice)
    if invoice.is_credit_note:
        return S.CREDIT_NOTE
    if balance < 0:
        return S.OVERPAID
    if balance == 0:
        return S.CREDITED if credited and not paid else S.PAID
    if invoice.due_on < on:
        return S.LATE
    return S.PARTLY if paid else S.UNPAID


OWED = Q(series=Series.INVOICE, balance__gt=0)
SETTLED = Q(series=Series.INVOICE, balance=0)
TAKEN_BACK = ~Q(credited=0) & Q(paid=0)

CONDITIONS: dict[InvoiceState, Callable[[date], Q]] = {
    S.UNPAID: lambda on: OWED & Q(due_on__gte=on, paid=0),
    S.LATE: lambda on: OWED & Q(due_on__lt=on),
    S.PARTLY: lambda on: OWED & Q(due_on__gte=on) & ~Q(paid=0),
    S.PAID: lambda on: SETTLED & ~TAKEN_BACK,
    S.OVERPAID: lambda on: Q(series=Series.INVOICE, balance__lt=0),
    S.CREDITED: lambda on: SETTLED & TAKEN_BACK,
    S.CREDIT_NOTE: lambda on: Q(series=Series.CREDIT_NOTE),
}


def in_state(rows: InvoiceQuerySet, state: str, *, on: date) -> InvoiceQuerySet:
    """Those of `with_balance()` that are in it. Raises ValueError for what is no state."""
    return rows.filter(CONDITIONS[InvoiceState(state)](on))


@dataclass(frozen=True)
class Bucket:
    """What is owed, by how long it has been late. `amount` in euros."""

    label: str
    count: int
    amount: Decimal


BUCKETS = (  # with the fewest days that each begins with
    ("Pas encore échu", None),
    ("1 à 30 jours", 1),
    ("31 à 60 jours", 31),
    ("61 à 90 jours", 61),
    ("Plus de 90 jours", 91),
)


def ageing(*, on: date, among: InvoiceQuerySet | None = None) -> list[Bucket]:
    """What is owed on a day, the least late first; `among` invoices, or all of them. Five buckets, empty or not."""
    late = [
        When(due_on__lte=on - timedelta(days=days), then=Value(rank))
        for rank, (_label, days) in reversed(list(enumerate(BUCKETS)))
        if days is not None
    ]
    rows = (Invoice.objects.all() if among is None else among).owing().order_by()
    ranked = rows.annotate(rank=Case(*late, default=Value(0))).values("rank")
    found = {
        row["rank"]: (row["count"], row["amount"])
        for row in ranked.annotate(count=Count("pk"), amount=Sum(F("balance")))
    }
    return [Bucket(label, *found.get(rank, (0, Decimal(0)))) for rank, (label, _days) in enumerate(BUCKETS)]
