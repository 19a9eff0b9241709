"""
The file of accounting entries of a year (FEC): LPF article A47 A-1, as the order of 29 July 2013 wrote it.

It holds what this software knows, sales and receipts, for the accountant to take into the whole books: no purchases and
no opening balances. Entries come in the order in which they were validated, so a payment noted late takes the last
number and changes no other. The text allows ASCII, ISO 8859-15 and EBCDIC: UTF-8 is not one of them.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from heapq import merge
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest

from interventions.invoicing.amounts import NOTHING, totals, with_tax
from interventions.models import FinancialYear, Invoice, Payment
from interventions.models.invoices import InvoiceQuerySet, Series, summed
from privacy.retention.due import paris_day

ENCODING = "iso-8859-15"
COLUMNS = (
    *("JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum", "CompAuxLib"),
    *("PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet", "ValidDate"),
    *("Montantdevise", "Idevise"),
)
A_TIME = 500


@dataclass(frozen=True)
class Account:
    """Of the national chart of accounts (plan comptable général)."""

    number: str
    label: str


CLIENTS = Account("411000", "Clients")
SALES = Account("706000", "Prestations de services")


def vat_account(percent: Decimal) -> Account:
    """20 % in 44571200, 5.5 % in 44571055."""
    said = f"{percent.normalize():f}".replace(".", ",")
    return Account(f"44571{int(percent * 10):03d}", f"TVA collectée {said} %")


@dataclass(frozen=True)
class Journal:
    code: str
    label: str


SALES_JOURNAL = Journal("VE", "Ventes")
BANK = Journal("BQ", "Banque")
CASH = Journal("CA", "Caisse")

RECEIPTS = {
    Payment.Method.CASH: (CASH, Account("530000", "Caisse")),
    Payment.Method.TRANSFER: (BANK, Account("512000", "Banque")),
    Payment.Method.CHEQUE: (BANK, Account("511200", "Chèques à encaisser")),
    Payment.Method.CARD: (BANK, Account("511500", "Cartes à encaisser")),
    Payment.Method.ONLINE: (BANK, Account("517000", "Prestataire de paiement en ligne")),
}


@dataclass(frozen=True)
class Client:
    """
    An auxiliary account: one for a landlord, one for each invoice of a person. So the file does not tell which
    invoices are of the same person, and is the same before and after that person is erased.
    """

    number: str
    name: str

    @classmethod
    def of(cls, invoice: Invoice) -> "Client":
        if invoice.landlord is not None:
            return cls(f"B{invoice.landlord.pk:06d}", invoice.landlord.billing_name or invoice.landlord.name)
        return cls(f"C{invoice.corrected_number or invoice.number}", (invoice.corrects or invoice).billed_name)


@dataclass(frozen=True)
class Posting:
    """In euros: a debit, or under zero a credit."""

    account: Account
    amount: Decimal
    client: Client | None = None


@dataclass(frozen=True)
class Entry:
    """Its postings come to nothing. `settled_on` is when what the client owed of that invoice was, by the closing."""

    journal: Journal
    validated_at: datetime
    dated_on: date
    piece: str
    label: str
    invoice: str
    settled_on: date | None
    postings: list[Posting]


def file_name(year: FinancialYear) -> str:
    return f"{settings.COMPANY['siren']}FEC{year.closes_on:%Y%m%d}.txt"


def sales_of(year: FinancialYear) -> InvoiceQuerySet:
    return Invoice.objects.filter(financial_year=year)


def receipts_of(year: FinancialYear) -> QuerySet[Payment]:
    """Those received in it, whenever their invoice was issued."""
    return Payment.objects.filter(received_on__range=(year.starts_on, year.closes_on))


def entries(year: FinancialYear) -> Iterator[Entry]:
    """Of the year, as they were validated."""
    settled = settled_in(year)
    return merge(sales(year, settled), receipts(year, settled), key=attrgetter("validated_at"))


def settled_in(year: FinancialYear) -> dict[str, date]:
    """The invoices that the year's entries are about and that are paid or credited to the cent by its closing."""
    payments = Payment.objects.filter(received_on__lte=year.closes_on)
    credits = Invoice.objects.filter(issued_on__lte=year.closes_on).exclude(corrects=None)
    touched = (
        Q(financial_year=year)
        | Q(pk__in=receipts_of(year).values("invoice"))
        | Q(pk__in=sales_of(year).exclude(corrects=None).values("corrects"))
    )
    found = (
        Invoice.objects.filter(touched, series=Series.INVOICE)
        .annotate(
            settled=summed(payments, by="invoice", field="amount") + summed(credits, by="corrects", field="total"),
            paid_on=latest(payments, by="invoice", field="received_on"),
            credited_on=latest(credits, by="corrects", field="issued_on"),
        )
        .filter(Q(paid_on__isnull=False) | Q(credited_on__isnull=False), settled=F("total"))
        .annotate(settled_on=Greatest("issued_on", "paid_on", "credited_on"))
    )
    return dict(found.values_list("number", "settled_on"))


def latest(rows: QuerySet[Any], *, by: str, field: str) -> Subquery:
    """Of a day of the rows that hang from the outer one."""
    return Subquery(rows.filter(**{by: OuterRef("pk")}).order_by(f"-{field}").values(field)[:1])


def sales(year: FinancialYear, settled: dict[str, date]) -> Iterator[Entry]:
    found = sales_of(year).select_related("landlord", "corrects").prefetch_related("lines")
    for invoice in found.order_by("issued_at", "pk").iterator(A_TIME):
        sign = -1 if invoice.is_credit_note else 1
        taxes = [
            Posting(vat_account(rate.percent), -sign * rate.tax)
            for rate in with_tax(totals(invoice.lines.all()), invoice.vat_total).by_rate
            if rate.tax
        ]
        about = invoice.corrected_number or invoice.number
        yield Entry(
            journal=SALES_JOURNAL,
            validated_at=invoice.issued_at,
            dated_on=invoice.issued_on,
            piece=invoice.number,
            label=f"Avoir {invoice.number} sur {about}" if invoice.is_credit_note else f"Facture {invoice.number}",
            invoice=about,
            settled_on=settled.get(about),
            postings=[
                Posting(CLIENTS, sign * invoice.total, Client.of(invoice)),
                Posting(SALES, -sign * invoice.net_total),
                *taxes,
            ],
        )


def receipts(year: FinancialYear, settled: dict[str, date]) -> Iterator[Entry]:
    found = receipts_of(year).select_related("invoice__landlord", "invoice__corrects")
    for payment in found.order_by("noted_at", "pk").iterator(A_TIME):
        invoice = payment.invoice
        journal, account = RECEIPTS[Payment.Method(payment.method)]
        yield Entry(
            journal=journal,
            validated_at=payment.noted_at,
            dated_on=payment.received_on,
            piece=f"P{payment.pk}",
            label=f"{kind_of(payment)} {invoice.number}",
            invoice=invoice.number,
            settled_on=settled.get(invoice.number),
            postings=[Posting(account, payment.amount), Posting(CLIENTS, -payment.amount, Client.of(invoice))],
        )


def kind_of(payment: Payment) -> str:
    if payment.reverses_id is not None:
        return f"Annulation de P{payment.reverses_id}"
    return "Encaissement" if payment.amount > 0 else "Remboursement"


# As text --------------------------------------------------------------------------------------------------------------


def lines(year: FinancialYear) -> Iterator[list[bytes]]:
    """The encoded lines, the heading first and then entry by entry."""
    yield [line(COLUMNS)]
    for number, entry in enumerate(entries(year), start=1):
        yield [line(fields(entry, posting, number=number)) for posting in entry.postings]


def fields(entry: Entry, posting: Posting, *, number: int) -> tuple[str, ...]:
    client, settled_on = posting.client, entry.settled_on if posting.client else None
    return (
        *(entry.journal.code, entry.journal.label, str(number), as_day(entry.dated_on)),
        *(posting.account.number, posting.account.label),
        *((client.number, client.name) if client else ("", "")),
        *(entry.piece, as_day(entry.dated_on), entry.label),
        *(as_amount(max(posting.amount, NOTHING)), as_amount(max(-posting.amount, NOTHING))),
        *((entry.invoice, as_day(settled_on)) if settled_on else ("", "")),
        *(as_day(paris_day(entry.validated_at)), "", ""),
    )


def line(values: tuple[str, ...]) -> bytes:
    return b"\t".join(as_text(value) for value in values) + b"\r\n"


def as_day(on: date) -> str:
    return f"{on:%Y%m%d}"


def as_amount(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")


def as_text(value: str) -> bytes:
    """On one line, without a separator; what the character set lacks loses its accent, or becomes a question mark."""
    one_line = " ".join("".join(each if each.isprintable() else " " for each in value).split())
    straight = one_line.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return b"".join(map(encoded, unicodedata.normalize("NFC", straight)))


def encoded(character: str) -> bytes:
    try:
        return character.encode(ENCODING)
    except UnicodeEncodeError:
        return unicodedata.normalize("NFKD", character).encode("ascii", "ignore") or b"?"
