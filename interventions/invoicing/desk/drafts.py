"""Drafts of invoices and credit notes: what is to be billed, their page, and the confirmation that issues them."""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from interventions.invoicing import to_bill
from interventions.invoicing.amounts import totals
from interventions.invoicing.desk.pieces import NBSP, LineInline, PieceAdmin, fingerprint, staff
from interventions.invoicing.issuing import CannotIssue, issue, obstacles, to_issue
from interventions.invoicing.papers import euros
from interventions.invoicing.to_bill import AlreadyBilled, Payer
from interventions.models import DraftLine, Estimate, Intervention, InvoiceDraft
from privacy import journal
from privacy.retention.due import paris_day
from privacy.site import refuse_unless

PREPARING, ISSUING = "interventions.add_invoicedraft", "interventions.add_invoice"
CHANGED_SINCE = f"Ce brouillon a changé depuis que vous l’avez relu. Rien n’a été émis{NBSP}: relisez-le."
GONE = "Ce brouillon a déjà été émis, ou supprimé."


class DraftLineInline(LineInline):
    model = DraftLine


class DraftAdmin(PieceAdmin):
    change_form_template = "admin/invoicing/draft.html"
    change_list_template = "admin/invoicing/drafts.html"
    inlines = [DraftLineInline]
    list_display = ["client", "kind", "intervention", "total", "prepared_at", "author"]
    list_select_related = ["intervention", "prepared_by"]
    search_fields = ["billed_name"]

    work_fields = [("supplied_on", "attested_on"), ("purchase_order", "buyer_reference")]

    def get_queryset(self, request: HttpRequest) -> QuerySet[InvoiceDraft]:
        return super().get_queryset(request).select_related("intervention", "corrects").prefetch_related("lines")

    def get_fieldsets(self, request: HttpRequest, obj: InvoiceDraft | None = None) -> Any:
        reason = ["reason"] if obj and obj.corrects_id else []
        return [
            ("Client", {"fields": self.debtor_fields}),
            (
                "Prestation",
                {"fields": [*reason, ("supplied_on", "attested_on"), ("purchase_order", "buyer_reference")]},
            ),
        ]

    @admin.display(description="pièce")
    def kind(self, draft: InvoiceDraft) -> str:
        return draft.series.label

    @admin.display(description="préparée par", empty_value="le système")
    def author(self, draft: InvoiceDraft) -> str | None:
        return draft.prepared_by.display_name if draft.prepared_by else None

    @admin.display(description="total TTC")
    def total(self, draft: InvoiceDraft) -> str:
        return euros(totals(draft.lines.all()).total)

    def get_urls(self) -> list[URLPattern]:
        def page(view: Any) -> Any:
            return self.admin_site.admin_view(require_http_methods(["GET", "POST"])(view))

        return [
            path("a-facturer/", page(self.to_bill), name="interventions_invoicedraft_to_bill"),
            path("<int:pk>/emettre/", page(self.issue), name="interventions_invoicedraft_issue"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        draft = self.get_queryset(request).filter(pk=object_id).first() if object_id.isdecimal() else None
        if draft is not None:
            extra_context = {
                "title": f"Brouillon {'d’avoir' if draft.corrects_id else 'de facture'}",
                "subtitle": None,
                "sums": to_issue(draft)[1],
                "obstacles": what_stops(draft),
                "may_issue": request.user.has_perm(ISSUING),
            }
        return super().change_view(request, object_id, form_url, extra_context)

    def response_change(self, request: HttpRequest, obj: InvoiceDraft) -> HttpResponse:
        if "_issue" in request.POST:
            return redirect("admin:interventions_invoicedraft_issue", obj.pk)
        messages.success(request, "C’est enregistré. Les totaux sont à jour.")
        return redirect("admin:interventions_invoicedraft_change", obj.pk)

    def issue(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What will be issued, to read once more; then it is, for good."""
        refuse_unless(request, ISSUING)
        draft = self.get_queryset(request).filter(pk=pk).first()
        if draft is None:
            messages.warning(request, GONE)
            return redirect("admin:interventions_invoice_changelist")
        if request.method == "POST":
            return self.issued(request, draft)
        now = timezone.now()
        journal.record_reads([draft], by=staff(request), now=now, page="issue")
        context = {
            **self.admin_site.each_context(request),
            "title": f"Émettre {'l’avoir' if draft.corrects_id else 'la facture'}",
            "draft": draft,
            "lines": draft.lines.all(),
            "sums": to_issue(draft)[1],
            "obstacles": what_stops(draft),
            "today": paris_day(now),
            "seen": fingerprint(draft),
        }
        return TemplateResponse(request, "admin/invoicing/issue.html", context)

    def issued(self, request: HttpRequest, draft: InvoiceDraft) -> HttpResponse:
        try:
            with transaction.atomic():
                current = InvoiceDraft.objects.select_for_update(of=("self",)).filter(pk=draft.pk).first()
                if current is not None and fingerprint(current) != request.POST.get("seen"):
                    raise CannotIssue(CHANGED_SINCE)
                invoice = issue(draft, by=staff(request), now=timezone.now())
        except CannotIssue as error:
            messages.error(request, str(error))
            return redirect("admin:interventions_invoicedraft_issue", draft.pk)
        what = "L’avoir" if invoice.is_credit_note else "La facture"
        messages.success(request, f"{what} {invoice.number} est émis{'' if invoice.is_credit_note else 'e'}.")
        return redirect("admin:interventions_invoice_change", invoice.pk)

    def to_bill(self, request: HttpRequest) -> HttpResponse:
        """Closed interventions that nobody was billed for: their number, their place, their day, and no story."""
        refuse_unless(request, PREPARING)
        if request.method == "POST":
            return self.prepared(request)
        now = timezone.now()
        chosen = request.GET.get("vue", "")
        asked_for = request.GET.get("q", "").strip()[:100]
        found = to_bill.found(asked_for, view=chosen, now=now)
        page = to_bill.paged(found, request.GET.get("page"))
        journal.record_of_none(Intervention, action="list", by=staff(request), now=now, found=len(page))
        context = {
            **self.admin_site.each_context(request),
            "title": "À facturer",
            "sections": to_bill.sections(now=now),
            "chosen": chosen,
            "asked_for": asked_for,
            "page": page,
            "payers": Payer,
        }
        return TemplateResponse(request, "admin/invoicing/to_bill.html", context)

    def prepared(self, request: HttpRequest) -> HttpResponse:
        by, now = staff(request), timezone.now()
        try:
            if number := as_number(request.POST.get("estimate")):
                estimate = get_object_or_404(Estimate.objects.visible_to(by), pk=number)
                draft = to_bill.prepare_once_from(estimate, by=by, now=now)
            else:
                billable = to_bill.billable(now=now)
                intervention = get_object_or_404(billable, pk=as_number(request.POST.get("intervention")))
                draft = to_bill.prepare_once(intervention, payer=request.POST.get("payer", ""), by=by, now=now)
        except (AlreadyBilled, CannotIssue) as error:
            messages.warning(request, str(error))
            return redirect("admin:interventions_invoicedraft_to_bill")
        return redirect("admin:interventions_invoicedraft_change", draft.pk)


def as_number(text: str | None) -> int:
    """Zero for what is none that a row could have."""
    return int(text) if text and text.isdecimal() and len(text) < 19 else 0


def what_stops(draft: InvoiceDraft) -> list[str]:
    lines, sums = to_issue(draft)
    return obstacles(draft, lines, sums, original=draft.corrects, today=paris_day(timezone.now()))
