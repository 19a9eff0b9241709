"""An estimate that awaits the tenant's yes or no."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from interventions.invoicing import estimating
from interventions.invoicing.amounts import totals
from interventions.invoicing.downloads import attached
from interventions.invoicing.estimating import EstimateError, EstimateState
from interventions.invoicing.invoice_documents import estimate_pdf as pdf_of
from interventions.models import Estimate
from interventions.portal.views.follow import asks
from interventions.portal.visitors import VisitorRequest, tenants_only
from privacy.retention.due import paris_day


class AttestationForm(forms.Form):
    """What a reduced rate asks for (CGI articles 279-0 bis and 278-0 bis A)."""

    attested = forms.BooleanField(
        label=gettext_lazy("Je certifie que le logement a plus de deux ans et sert à l’habitation."),
        help_text=gettext_lazy("C’est ce qui permet la TVA réduite. Sans cela, demandez-nous un devis au taux normal."),
        error_messages={"required": gettext_lazy("Cochez cette case pour accepter à ce taux de TVA.")},
    )


def theirs_or_404(request: VisitorRequest, pk: int) -> Estimate:
    theirs = Estimate.objects.visible_to(request.user).select_related("intervention__residence")
    return get_object_or_404(theirs.prefetch_related("lines"), pk=pk)


@tenants_only
@require_safe
def estimate(request: VisitorRequest, pk: int) -> HttpResponse:
    found = theirs_or_404(request, pk)
    return estimate_page(request, found, AttestationForm() if estimating.needs_attestation(found) else None)


def estimate_page(request: VisitorRequest, found: Estimate, form: AttestationForm | None) -> HttpResponse:
    context = {
        "visitor": request.visitor,
        "estimate": found,
        "lines": found.lines.all(),
        "totals": totals(found.lines.all()),
        "state": estimating.state_of(found, today=paris_day(timezone.now())),
        "form": form,
        "may_ask": found.intervention.is_dealt_with(request.visitor.person),
    }
    return render(request, "portal/estimate.html", context, status=422 if form and form.errors else 200)


@tenants_only
@require_POST
def accept_estimate(request: VisitorRequest, pk: int) -> HttpResponse:
    found, now = theirs_or_404(request, pk), timezone.now()
    form = AttestationForm(request.POST) if estimating.needs_attestation(found) else None
    waits = estimating.state_of(found, today=paris_day(now)) == EstimateState.WAITING
    if waits and form is not None and not form.is_valid():
        return estimate_page(request, found, form)
    try:
        estimating.accept(found, attested=form is not None and form.is_valid(), by=request.user, now=now)
    except EstimateError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("C’est noté : vous acceptez ce devis. Nous organisons les travaux."))
    return redirect("portal:estimate", pk)


@tenants_only
@asks
def refuse_estimate(request: VisitorRequest, pk: int) -> HttpResponse:
    """Asked once more: it cannot be taken back."""
    found, now = theirs_or_404(request, pk), timezone.now()
    if request.method != "POST":
        if estimating.state_of(found, today=paris_day(now)) != EstimateState.WAITING:
            return redirect("portal:estimate", pk)
        return render(request, "portal/estimate_refuse.html", {"visitor": request.visitor, "estimate": found})
    try:
        estimating.refuse(found, by=request.user, now=now)
    except EstimateError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("C’est noté : vous refusez ce devis. Ces travaux ne se feront pas."))
    return redirect("portal:estimate", pk)


@tenants_only
@require_safe
def estimate_pdf(request: VisitorRequest, pk: int) -> HttpResponse:
    found = theirs_or_404(request, pk)
    return attached(pdf_of(found), name=found.reference)
