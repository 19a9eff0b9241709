"""
A year's books for the accountant, as files: asked for, built by a task, encrypted, and gone after a day.

What a task missed, or a full disk stopped, is found again by the clock. Of an archived year they are asked for and
fetched while the archive is open.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.models import User
from interventions.invoicing import archive, fec, invoice_documents
from interventions.invoicing.payments import sums_of
from interventions.models import AccountingExport, FinancialYear, Invoice
from interventions.spreadsheets import csv_of
from privacy import journal
from privacy.encrypted_files import ClearFile, Unreadable, clear_pieces
from privacy.locks import alone, only_one
from privacy.long_files import failure_told, progress, written
from privacy.retention import files
from privacy.rights.archive import Archive

Kind = AccountingExport.Kind
Tick = Callable[[], None]

A_TIME = 500
CONTENT_TYPES = {
    Kind.FEC: f"text/plain; charset={fec.ENCODING}",
    Kind.CSV: "application/zip",
    Kind.ZIP: "application/zip",
}
MISSING = "factures-manquantes.txt"


def clear_export(export: AccountingExport) -> ClearFile:
    pieces = clear_pieces(export.file, wrapped=export.wrapped_key, size=export.size)
    return ClearFile(CONTENT_TYPES[Kind(export.kind)], pieces)


def file_name(export: AccountingExport) -> str:
    closed = f"{export.financial_year.closes_on:%Y%m%d}"
    names = {Kind.CSV: f"factures-paiements-{closed}.zip", Kind.ZIP: f"factures-{closed}.zip"}
    return names.get(Kind(export.kind)) or fec.file_name(export.financial_year)


# Asking for one -------------------------------------------------------------------------------------------------------


@transaction.atomic
def ask(year: FinancialYear, *, kind: str, by: User, now: datetime) -> AccountingExport:
    """A new one in place of the last; one that is being built goes on. Raises archive.ArchiveClosed."""
    archive.refuse_unless_open(year, to=by, now=now)
    only_one(f"accounting_exports:{year.pk}:{kind}")
    former = year.exports.filter(kind=kind)
    going_on = former.filter(built_at=None).first()
    if going_on is not None:
        return going_on
    for each in former:
        discard(each, now=now)
    export = year.exports.create(kind=Kind(kind), asked_at=now, asked_by=by)
    journal.record(export, action="ask_accounting_export", by=by, now=now, financial_year=year.pk, kind=export.kind)
    later(export)
    return export


@transaction.atomic
def cancel(export: AccountingExport, *, by: User, now: datetime) -> None:
    """Whether it is ready or still being built; a task at work on it stops."""
    current = AccountingExport.objects.select_for_update(of=("self",)).filter(pk=export.pk).first()
    if current is None:
        return
    journal.record(current, action="cancel_accounting_export", by=by, now=now, financial_year=current.financial_year_id)
    discard(current, now=now)


def discard(export: AccountingExport, *, now: datetime) -> None:
    if export.file:
        files.queue([files.Stored(files.storage_name(AccountingExport, "file"), str(export.file))], now=now)
        transaction.on_commit(files.remove_queued)
    export.delete()


def fetch(export: AccountingExport, *, by: User, now: datetime) -> Iterator[bytes]:
    """The clear bytes. Raises archive.ArchiveClosed, or Unreadable before the first of them."""
    archive.refuse_unless_open(export.financial_year, to=by, now=now)
    pieces = iter(clear_export(export).pieces)
    first = next(pieces)
    journal.record(export, action="download_accounting_export", by=by, now=now, financial_year=export.financial_year_id)
    return chain([first], pieces)


def later(export: AccountingExport) -> None:
    from interventions.tasks import make_accounting_export  # which calls `work_on`

    transaction.on_commit(partial(make_accounting_export.delay, export.pk), robust=True)


def unfinished() -> list[int]:
    return list(AccountingExport.objects.filter(built_at=None).order_by("pk").values_list("pk", flat=True))


# Building -------------------------------------------------------------------------------------------------------------


def work_on(pk: int, *, now: datetime) -> None:
    """Build it, once: a second task at the same time leaves it alone."""
    with alone(f"accounting_export:{pk}") as nobody_else:
        unbuilt = AccountingExport.objects.filter(pk=pk, built_at=None)
        export = unbuilt.select_related("financial_year").first()
        if not nobody_else or export is None:
            return
        with failure_told(export), written(CONTENTS[Kind(export.kind)](export, now=now), folder="accounting") as file:
            built = unbuilt.update(
                file=file.path,
                wrapped_key=file.wrapped_key,
                size=file.size,
                done=F("total"),
                built_at=now,
                failure=AccountingExport.Failure.NONE,
            )
            if built:  # and not cancelled meanwhile
                file.keep()


def fec_file(export: AccountingExport, *, now: datetime) -> Iterator[bytes]:
    year = export.financial_year
    tick = progress(export, total=fec.sales_of(year).count() + fec.receipts_of(year).count())
    for lines in fec.lines(year):
        yield b"".join(lines)
        tick()


def tables(export: AccountingExport, *, now: datetime) -> Iterator[bytes]:
    """Two tables, of invoices and of payments."""
    year = export.financial_year
    tick = progress(export, total=fec.sales_of(year).count() + fec.receipts_of(year).count())
    zipped = Archive(now=now)
    for name, rows in (("factures.csv", invoice_rows(year, tick)), ("paiements.csv", payment_rows(year, tick))):
        yield from zipped.add(name, (line.encode() for line in csv_of(rows)))
    yield from zipped.end()


INVOICE_COLUMNS = (
    *("Numéro", "Sorte", "Date", "Prestation", "Échéance", "Client", "Adresse", "Code postal", "Commune", "Pays"),
    *("SIREN", "N° de TVA", "Facture corrigée", "Total HT", "TVA", "Total TTC", "Payé", "Crédité", "Reste dû"),
)
PAYMENT_COLUMNS = ("Paiement", "Reçu le", "Facture", "Moyen", "Montant", "Référence", "Annule", "Noté le")


def invoice_rows(year: FinancialYear, tick: Tick) -> Iterator[tuple[Any, ...]]:
    yield INVOICE_COLUMNS
    for one in fec.sales_of(year).with_balance().order_by("-series", "sequence").iterator(A_TIME):
        yield (
            *(one.number, one.get_series_display(), one.issued_on, one.supplied_on, one.due_on, one.billed_name),
            *(one.billed_street, one.billed_postcode, one.billed_city, one.billed_country, one.billed_siren),
            *(one.billed_vat_number, one.corrected_number, one.net_total, one.vat_total, one.total),
            *sums_of(one),
        )
        tick()


def payment_rows(year: FinancialYear, tick: Tick) -> Iterator[tuple[Any, ...]]:
    yield PAYMENT_COLUMNS
    for one in fec.receipts_of(year).select_related("invoice").order_by("received_on", "pk").iterator(A_TIME):
        yield (
            *(f"P{one.pk}", one.received_on, one.invoice.number, one.get_method_display(), one.amount, one.reference),
            *(f"P{one.reverses_id}" if one.reverses_id else "", one.noted_at),
        )
        tick()


def documents(export: AccountingExport, *, now: datetime) -> Iterator[bytes]:
    """Every PDF under its number. One that cannot be read is named in a list, and keeps no other from being there."""
    pieces = fec.sales_of(export.financial_year)
    tick = progress(export, total=pieces.count(), at_least=1)
    zipped, missing = Archive(now=now), list[str]()
    for invoice in pieces.order_by("-series", "sequence").iterator(A_TIME):
        try:
            content = pdf_of(invoice, now=now)
        except Unreadable:
            missing.append(invoice.number)
        else:
            yield from zipped.add(f"{invoice.number}.pdf", [content])
        tick()
    if missing:
        yield from zipped.add(MISSING, ["\r\n".join(missing).encode()])
    yield from zipped.end()


def pdf_of(invoice: Invoice, *, now: datetime) -> bytes:
    """Whole, so that one that is damaged does not leave half of itself in the archive. Raises Unreadable."""
    if not invoice.seller:
        raise Unreadable(f"{invoice.number}: older than its documents")
    return invoice_documents.clear_bytes(invoice_documents.document_of(invoice, now=now))


CONTENTS: dict[Kind, Callable[..., Iterator[bytes]]] = {Kind.FEC: fec_file, Kind.CSV: tables, Kind.ZIP: documents}
