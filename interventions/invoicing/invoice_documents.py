"""The Factur-X file of an invoice: made once after it was issued, encrypted, and the same bytes from then on."""

import hashlib
import logging
from contextlib import ExitStack
from datetime import datetime
from uuid import uuid4

from django.core.files.storage import default_storage
from django.db import transaction

from interventions.invoicing import facturx, papers
from interventions.models import Estimate, Invoice, InvoiceDocument
from privacy.encrypted_files import ClearFile, Stream, Unreadable, clear_pieces, new_key
from privacy.encryption import cipher
from privacy.locks import alone, only_one
from privacy.pdf import pdf

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 200  # a run takes half a minute; the next one goes on


def clear_document(document: InvoiceDocument) -> ClearFile:
    pieces = clear_pieces(document.file, wrapped=document.wrapped_key, size=document.size)
    return ClearFile("application/pdf", pieces)


def clear_bytes(document: InvoiceDocument) -> bytes:
    """The file as it was made. Raises Unreadable where it is gone or another one."""
    clear = b"".join(clear_document(document).pieces)
    if hashlib.sha256(clear).hexdigest() != document.sha256:
        raise Unreadable(f"{document}: not the file that was made")
    return clear


def document_of(invoice: Invoice, *, now: datetime) -> InvoiceDocument:
    """Made now where no task has made it yet. Raises Unreadable for what was written before there were documents."""
    made = InvoiceDocument.objects.filter(invoice=invoice).first()
    return made or made_once(invoice, now=now)


def make(pk: int, *, now: datetime) -> None:
    """Once: a second task at the same time leaves it alone."""
    invoice = Invoice.objects.filter(pk=pk).first()
    if invoice is not None:
        made_once(invoice, now=now)


def make_missing(*, now: datetime) -> None:
    """What a task missed, because its worker was killed or the disk was full. One that fails stops no other."""
    with alone("make_missing_invoice_documents") as nobody_else:
        missing = Invoice.objects.filter(document=None).exclude(seller={}).order_by("issued_at", "pk")
        for pk in missing.values_list("pk", flat=True)[:MOST_AT_ONCE] if nobody_else else ():
            try:
                make(pk, now=now)
            except Exception as error:  # noqa: BLE001  (whatever is wrong with one, the others are due)
                logger.error("invoice document not made", extra={"invoice": pk, "error": type(error).__name__})


@transaction.atomic
def made_once(invoice: Invoice, *, now: datetime) -> InvoiceDocument:
    """The file is written first, under a key that is nowhere else yet; it is taken away again if the row fails."""
    if not invoice.seller:
        raise Unreadable(f"invoice {invoice.pk} says nothing of its seller")
    only_one(f"invoice document {invoice.pk}")
    made = InvoiceDocument.objects.filter(invoice=invoice).first()
    if made is not None:
        return made
    clear, key, path = factur_x(invoice), new_key(), f"invoices/{uuid4().hex}"
    stream = Stream([clear], key=key)
    with ExitStack() as undo:
        undo.callback(default_storage.delete, path)
        default_storage.save(path, stream.as_file())
        made = InvoiceDocument.objects.create(
            invoice=invoice,
            file=path,
            wrapped_key=cipher().encrypt(key),
            sha256=hashlib.sha256(clear).hexdigest(),
            size=stream.size,
            made_at=now,
        )
        undo.pop_all()
    return made


def factur_x(invoice: Invoice) -> bytes:
    """PDF/A-3 that screen readers read too, with the XML inside. The same invoice gives the same bytes."""
    attached = {"factur-x.xml": facturx.xml(invoice).decode()}
    return facturx.declared(pdf("invoice", papers.invoice_content(invoice), attached=attached))


def estimate_pdf(estimate: Estimate) -> bytes:
    return pdf("estimate", papers.estimate_content(estimate))
