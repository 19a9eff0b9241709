"""What the tenant is billed: see it, keep it, pay it, ask about it."""

from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from interventions.invoicing import online
from interventions.invoicing.amounts import totals, with_tax
from interventions.invoicing.downloads import attached_invoice
from interventions.invoicing.estimating import state_of
from interventions.invoicing.standing import Standing, standing_of, with_standing
from interventions.models import Estimate, Invoice, Payment
from interventions.models.invoices import InvoiceQuerySet
from interventions.portal.visitors import VisitorRequest, tenants_only
from privacy.encrypted_files import Unreadable
from privacy.retention.due import paris_day

A_PAGE = 20
LATEST = 10  # estimates
METHODS: dict[str, Promise] = {
    Payment.Method.CASH: gettext_lazy("En espèces"),
    Payment.Method.TRANSFER: gettext_lazy("Par virement"),
    Payment.Method.CARD: gettext_lazy("Par carte"),
    Payment.Method.CHEQUE: gettext_lazy("Par chèque"),
    Payment.Method.ONLINE: gettext_lazy("Par carte, en ligne"),
}


def theirs(request: VisitorRequest, *, now: datetime) -> InvoiceQuerySet:
    return with_standing(Invoice.objects.visible_to(request.user, now=now))


def theirs_or_404(request: VisitorRequest, pk: int, *, now: datetime) -> Standing:
    found = get_object_or_404(theirs(request, now=now), pk=pk)
    return standing_of(found, on=paris_day(now))


@tenants_only
@require_safe
def all_invoices(request: VisitorRequest) -> HttpResponse:
    """The newest first, then the estimates that came before work."""
    now = timezone.now()
    today = paris_day(now)
    estimates = Estimate.objects.visible_to(request.user).select_related("intervention")
    page = Paginator(theirs(request, now=now), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "visitor": request.visitor,
        "page": page,
        "invoices": [standing_of(each, on=today) for each in page],
        "estimates": [(each, state_of(each, today=today)) for each in estimates[:LATEST]],
    }
    return render(request, "portal/invoices.html", context)


@tenants_only
@require_safe
def invoice(request: VisitorRequest, pk: int) -> HttpResponse:
    now = timezone.now()
    told = theirs_or_404(request, pk, now=now)
    found = told.invoice
    visible = Invoice.objects.visible_to(request.user, now=now)
    lines = list(found.lines.all())
    payments = [(each, METHODS[each.method]) for each in found.payments.all()]
    context = {
        "visitor": request.visitor,
        "told": told,
        "invoice": found,
        "lines": lines,
        "totals": with_tax(totals(lines), found.vat_total),
        "payments": payments,
        "credits": visible.filter(corrects=found),
        "original": visible.filter(credits=found).first(),
        "request_of": request.visitor.interventions().filter(invoices=found).first(),
        "pays_online": told.is_owing and online.is_offered(),
        "iban": settings.COMPANY["iban"] if told.is_owing else "",
    }
    return render(request, "portal/invoice.html", context)


@tenants_only
@require_safe
def invoice_pdf(request: VisitorRequest, pk: int) -> HttpResponse:
    now = timezone.now()
    found = get_object_or_404(Invoice.objects.visible_to(request.user, now=now), pk=pk)
    try:
        return attached_invoice(found, now=now)
    except Unreadable:
        messages.error(request, _("Ce PDF ne peut pas être lu. Posez-nous la question : nous vous l’enverrons."))
        return redirect("portal:invoice", pk)


@tenants_only
@require_POST
def pay_invoice(request: VisitorRequest, pk: int) -> HttpResponse:
    """On to the page of the payment provider."""
    now = timezone.now()
    if not online.is_offered():
        raise Http404
    told = theirs_or_404(request, pk, now=now)
    try:
        return redirect(online.begin(told.invoice, by=request.user, now=now))
    except online.OnlinePaymentError as error:
        messages.warning(request, str(error))
    return redirect("portal:invoice", pk)


@tenants_only
@require_safe
def invoice_paid(request: VisitorRequest, pk: int) -> HttpResponse:
    """Back from the provider’s page, which tells us what came of it a moment later."""
    told = theirs_or_404(request, pk, now=timezone.now())
    return render(request, "portal/invoice_paid.html", {"visitor": request.visitor, "told": told})
