"""What the landlord itself is billed. What its tenants are billed is no business of its managers."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest
from interventions.invoicing.downloads import attached_invoice
from interventions.invoicing.standing import standing_of, with_standing
from interventions.landlord.page import landlords_only
from interventions.models import Invoice
from interventions.models.invoices import InvoiceQuerySet
from interventions.spreadsheets import csv_of
from privacy import journal
from privacy.encrypted_files import Unreadable
from privacy.retention.due import paris_day

A_PAGE = 50
COLUMNS = (
    *("Numéro", "Nature", "Date", "Au nom de", "Objet", "Facture corrigée", "Prestation du", "À payer avant le"),
    *("Total HT", "TVA", "Total TTC", "Reste dû", "État"),
)


def theirs(request: SignedInRequest) -> InvoiceQuerySet:
    return Invoice.objects.visible_to(request.user, now=timezone.now())


def asked_year(request: SignedInRequest, years: list[int]) -> int | None:
    """None for all of them. Raises Http404 for a year without an invoice of theirs."""
    asked = request.GET.get("annee", "")
    if asked and asked not in map(str, years):
        raise Http404
    return int(asked) if asked else None


def years_of(invoices: InvoiceQuerySet) -> list[int]:
    return [each.year for each in invoices.dates("issued_on", "year", order="DESC")]


@landlords_only
@require_safe
def all_invoices(request: SignedInRequest) -> HttpResponse:
    today, found = paris_day(timezone.now()), theirs(request)
    years = years_of(found)
    year = asked_year(request, years)
    listed = with_standing(found.filter(issued_on__year=year) if year else found)
    page = Paginator(listed, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "invoices": [standing_of(each, on=today) for each in page],
        "owed": found.owing().order_by().aggregate(owed=Sum("balance"))["owed"],
        "years": years,
        "year": year,
        "asked": f"annee={year}" if year else "",
    }
    return render(request, "landlord/invoices.html", context)


@landlords_only
@require_safe
def invoice_pdf(request: SignedInRequest, pk: int) -> HttpResponse:
    invoice = get_object_or_404(theirs(request), pk=pk)
    try:
        return attached_invoice(invoice, now=timezone.now())
    except Unreadable:
        messages.error(request, f"Le PDF de {invoice.number} ne peut pas être lu. Demandez-le à la comptabilité.")
        return redirect("landlord:invoices")


@landlords_only
@require_safe
def invoices_csv(request: SignedInRequest) -> StreamingHttpResponse:
    now, found = timezone.now(), theirs(request)
    year = asked_year(request, years_of(found))
    listed = with_standing(found.filter(issued_on__year=year) if year else found)
    journal.record_of_none(Invoice, action="export", by=request.user, now=now)
    return StreamingHttpResponse(
        csv_of(rows_of(listed, today=paris_day(now))),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="factures{f"-{year}" if year else ""}.csv"'},
    )


def rows_of(invoices: InvoiceQuerySet, *, today: date) -> Iterator[tuple[Any, ...]]:
    """Credit notes under zero, so that the columns add up."""
    yield COLUMNS
    for each in invoices.iterator():
        told, sign = standing_of(each, on=today), -1 if each.is_credit_note else 1
        yield (
            *(each.number, each.get_series_display(), each.issued_on, each.billed_name, told.what),
            *(each.corrected_number, each.supplied_on, "" if each.is_credit_note else each.due_on),
            *(sign * each.net_total, sign * each.vat_total, sign * each.total, told.balance, told.state.label),
        )
