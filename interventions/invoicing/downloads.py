"""Invoices as files that their clients keep."""

from datetime import datetime

from django.http import HttpResponse

from interventions.invoicing.invoice_documents import clear_bytes, document_of
from interventions.models import Invoice


def attached(content: bytes, *, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}.pdf"', "Cache-Control": "no-store, private"},
    )


def attached_invoice(invoice: Invoice, *, now: datetime) -> HttpResponse:
    """The same bytes always. Raises Unreadable."""
    return attached(clear_bytes(document_of(invoice, now=now)), name=invoice.number)
