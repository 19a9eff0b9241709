"""Invoices as their client reads them: what each is for, and what is still owed."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import OuterRef, Subquery

from interventions.invoicing.payments import InvoiceState, state_of
from interventions.models import Invoice, InvoiceLine
from interventions.models.invoices import InvoiceQuerySet

S = InvoiceState
LOOKS = {
    S.UNPAID: ("active", "hourglass-split"),
    S.PARTLY: ("active", "hourglass-split"),
    S.LATE: ("late", "exclamation-circle"),
    S.PAID: ("done", "check-circle"),
    S.OVERPAID: ("warn", "arrow-counterclockwise"),
    S.CREDITED: ("", "slash-circle"),
    S.CREDIT_NOTE: ("", "arrow-return-right"),
}


@dataclass(frozen=True)
class Standing:
    """`what` is its first line. `balance` in euros; under zero it is owed to the client."""

    invoice: Invoice
    what: str
    balance: Decimal
    state: InvoiceState

    @property
    def is_owing(self) -> bool:
        return self.balance > 0

    @property
    def refund(self) -> Decimal:
        return -self.balance

    @property
    def look(self) -> str:
        return LOOKS[self.state][0]

    @property
    def icon(self) -> str:
        return LOOKS[self.state][1]


def with_standing(invoices: InvoiceQuerySet) -> InvoiceQuerySet:
    """What `standing_of` reads."""
    first = InvoiceLine.objects.filter(invoice=OuterRef("pk")).order_by("position")
    return invoices.with_balance().annotate(what=Subquery(first.values("designation")[:1]))


def standing_of(invoice: Invoice, *, on: date) -> Standing:
    """Of an invoice out of `with_standing`."""
    told = invoice.what, invoice.balance  # type: ignore[attr-defined]
    return Standing(invoice, *told, state_of(invoice, on=on))
