"""Estimates: prepared for the occupant of an intervention under way, offered, answered, billed."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from interventions.invoicing import estimating
from interventions.invoicing.amounts import totals
from interventions.invoicing.desk.pieces import LineInline, PieceAdmin, PieceForm, staff
from interventions.invoicing.estimating import EstimateError, EstimateState
from interventions.invoicing.papers import euros
from interventions.invoicing.preparing import prepare_estimate
from interventions.models import Estimate, EstimateLine, Intervention
from privacy import journal
from privacy.restriction import Restricted
from privacy.retention.due import paris_day
from privacy.site import refuse_unless

S = EstimateState

# What each state is called here, its icon and its colour.
STATES = {
    S.DRAFT: ("À proposer", "pencil", ""),
    S.WAITING: ("Attend la réponse", "hourglass-split", ""),
    S.ACCEPTED: ("Accepté", "check-circle", "done"),
    S.REFUSED: ("Refusé", "x-circle", ""),
    S.EXPIRED: ("Périmé sans réponse", "clock-history", "warn"),
    S.OVER: ("Sans réponse, intervention terminée", "slash-circle", ""),
}


def in_state(state: str, *, on: date) -> Q:
    """Those of which `estimating.state_of` says so."""
    unanswered = Q(answered_at=None, offered_at__isnull=False)
    open_still = unanswered & Q(intervention__closed_at=None)
    return {
        S.DRAFT: Q(offered_at=None),
        S.WAITING: open_still & Q(valid_until__gte=on),
        S.ACCEPTED: Q(accepted=True),
        S.REFUSED: Q(accepted=False),
        S.EXPIRED: open_still & Q(valid_until__lt=on),
        S.OVER: unanswered & Q(intervention__closed_at__isnull=False),
    }[EstimateState(state)]


def state_shown(estimate: Estimate, *, on: date) -> SafeString:
    label, icon_name, look = STATES[estimating.state_of(estimate, today=on)]
    return render_to_string("console/state.html", {"icon_name": icon_name, "look": look, "label": label})


class StateFilter(admin.SimpleListFilter):
    title, parameter_name = "état", "etat"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state.value, label) for state, (label, *_) in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Estimate]) -> QuerySet[Estimate]:
        today = paris_day(timezone.now())
        return queryset.filter(in_state(str(self.value()), on=today)) if self.value() in list(S) else queryset


class EstimateLineInline(LineInline):
    model = EstimateLine

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_write(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_write(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_write(obj) and super().has_delete_permission(request, obj)


def may_write(estimate: Estimate | None) -> bool:
    """Once it is offered it stays as it is read."""
    return estimate is None or estimate.offered_at is None


class NewForm(forms.Form):
    number = forms.CharField(label="Numéro de l’intervention", max_length=30, help_text="En cours, comme I000042.")

    def clean_number(self) -> Intervention:
        found = Intervention.objects.unrestricted().open().filter(occupant__isnull=False)
        intervention = found.with_reference(self.cleaned_data["number"]).first()
        if intervention is None:
            raise forms.ValidationError("Aucune intervention en cours chez un locataire ne porte ce numéro.")
        return intervention


class EstimateForm(PieceForm):
    def clean_valid_until(self) -> date:
        until: date = self.cleaned_data["valid_until"]
        if until < paris_day(timezone.now()):
            raise forms.ValidationError("Cette date est passée.")
        return until


class EstimateAdmin(PieceAdmin):
    form = EstimateForm
    change_form_template = "admin/invoicing/estimate.html"
    inlines = [EstimateLineInline]
    list_display = ["reference", "client", "intervention", "total", "valid_until", "state_told"]
    list_filter = [StateFilter]
    search_fields = ["billed_name", "=intervention__pk"]
    search_help_text = "Nom du client, ou numéro d’intervention sans sa lettre."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Estimate]:
        rows = Estimate.objects.visible_to(staff(request))
        return rows.select_related("intervention").prefetch_related("lines").order_by("-prepared_at")

    def get_fieldsets(self, request: HttpRequest, obj: Estimate | None = None) -> Any:
        return [("Client", {"fields": self.debtor_fields}), ("Offre", {"fields": ["valid_until"]})]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("interventions.add_estimate")

    def has_change_permission(self, request: HttpRequest, obj: Estimate | None = None) -> bool:
        return may_write(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Estimate | None = None) -> bool:
        return may_write(obj) and super().has_delete_permission(request, obj)

    @admin.display(description="total TTC")
    def total(self, estimate: Estimate) -> str:
        return euros(totals(estimate.lines.all()).total)

    @admin.display(description="état")
    def state_told(self, estimate: Estimate) -> SafeString:
        return state_shown(estimate, on=paris_day(timezone.now()))

    def get_urls(self) -> list[URLPattern]:
        offer = self.admin_site.admin_view(require_POST(self.offer))
        return [path("<int:pk>/proposer/", offer, name="interventions_estimate_offer"), *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        refuse_unless(request, "interventions.add_estimate")
        form = NewForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            estimate = prepare_estimate(form.cleaned_data["number"], by=staff(request), now=timezone.now())
            return redirect("admin:interventions_estimate_change", estimate.pk)
        context = {**self.admin_site.each_context(request), "title": "Préparer un devis", "form": form}
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/invoicing/estimate_new.html", context, status=status)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        estimate = self.get_queryset(request).filter(pk=object_id).first() if object_id.isdecimal() else None
        if estimate is not None:
            extra_context = {
                "title": f"Devis {estimate.reference}",
                "subtitle": None,
                "sums": totals(estimate.lines.all()),
                "state": state_shown(estimate, on=paris_day(timezone.now())),
            }
            if not may_write(estimate) and request.method != "POST":
                return self.shown(request, estimate, extra_context)
        return super().change_view(request, object_id, form_url, extra_context)

    def shown(self, request: HttpRequest, estimate: Estimate, facts: dict[str, Any]) -> HttpResponse:
        refuse_unless(request, "interventions.view_estimate")
        journal.record_reads([estimate], by=staff(request), now=timezone.now())
        may_bill = estimate.accepted and request.user.has_perm("interventions.add_invoicedraft")
        more = {"estimate": estimate, "lines": estimate.lines.all(), "may_bill": may_bill}
        context = {**self.admin_site.each_context(request), **facts, **more}
        return TemplateResponse(request, "admin/invoicing/estimate_shown.html", context)

    def response_change(self, request: HttpRequest, obj: Estimate) -> HttpResponse:
        if "_offer" in request.POST:
            return self.offer(request, obj.pk)
        messages.success(request, "C’est enregistré. Les totaux sont à jour.")
        return redirect("admin:interventions_estimate_change", obj.pk)

    def offer(self, request: HttpRequest, pk: int) -> HttpResponse:
        refuse_unless(request, "interventions.change_estimate")
        estimate = get_object_or_404(self.get_queryset(request), pk=pk)
        try:
            estimating.offer(estimate, by=staff(request), now=timezone.now())
        except EstimateError as error:
            messages.error(request, str(error))
        except Restricted as error:
            messages.error(request, error.why)
        else:
            messages.success(request, "Devis proposé. Le locataire est prévenu, il répond dans son espace.")
        return redirect("admin:interventions_estimate_change", pk)
