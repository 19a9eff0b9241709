"""Issued invoices and credit notes: the list, one page each, and what may still be done: payments and credit notes."""

from datetime import date, datetime, timedelta
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from interventions.invoicing import online, payments
from interventions.invoicing.amounts import totals, with_tax
from interventions.invoicing.desk.pieces import NBSP, AmountInput, day_input, staff
from interventions.invoicing.downloads import attached_invoice
from interventions.invoicing.issuing import CannotIssue
from interventions.invoicing.papers import euros
from interventions.invoicing.payments import BUCKETS, InvoiceState, PaymentError
from interventions.invoicing.preparing import prepare_credit
from interventions.models import Intervention, Invoice, InvoiceDocument, OnlinePayment, Payment
from interventions.models.invoices import CreditReason, InvoiceQuerySet
from interventions.read_only_admin import ReadOnly
from privacy import journal
from privacy.encrypted_files import Unreadable
from privacy.journalled_admin import JournalledAdmin
from privacy.retention.due import paris_day
from privacy.site import refuse_unless

NOTING, PREPARING = "interventions.add_payment", "interventions.add_invoicedraft"

# How each state is drawn: its icon and its colour, beside its word.
LOOKS = {
    InvoiceState.UNPAID: ("hourglass-split", ""),
    InvoiceState.LATE: ("exclamation-circle", "late"),
    InvoiceState.PARTLY: ("circle-half", "warn"),
    InvoiceState.PAID: ("check-circle", "done"),
    InvoiceState.OVERPAID: ("arrow-counterclockwise", "warn"),
    InvoiceState.CREDITED: ("slash-circle", ""),
    InvoiceState.CREDIT_NOTE: ("arrow-return-right", ""),
}


def state_shown(invoice: Invoice, *, on: date) -> SafeString:
    state = payments.state_of(invoice, on=on)
    icon_name, look = LOOKS[state]
    return render_to_string("console/state.html", {"icon_name": icon_name, "look": look, "label": state.label})


# The list -------------------------------------------------------------------------------------------------------------


class StateFilter(admin.SimpleListFilter):
    title, parameter_name = "état", "etat"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        refused = ("online", "Paiement en ligne à vérifier")
        return [("owing", "Reste à payer"), *InvoiceState.choices, refused]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        rows, today = cast(InvoiceQuerySet, queryset), paris_day(timezone.now())
        if self.value() == "owing":
            return rows.filter(payments.OWED)
        if self.value() == "online":
            return online.to_check(rows)
        return payments.in_state(rows, str(self.value()), on=today) if self.value() in InvoiceState.values else rows


class AgeFilter(admin.SimpleListFilter):
    """The same as the bars of the home page."""

    title, parameter_name = "retard", "retard"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(rank), label) for rank, (label, _days) in enumerate(BUCKETS)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        if self.value() not in dict(self.lookup_choices):
            return queryset
        return queryset.filter(payments.OWED, due_in(int(str(self.value())), on=paris_day(timezone.now())))


def due_in(rank: int, *, on: date) -> Q:
    """What falls into one bucket of `payments.ageing`."""
    starts, ends = BUCKETS[rank][1], BUCKETS[rank + 1][1] if rank + 1 < len(BUCKETS) else None
    found = Q()
    if starts is not None:
        found &= Q(due_on__lte=on - timedelta(days=starts))
    if ends is not None:
        found &= Q(due_on__gt=on - timedelta(days=ends))
    return found


class ClientFilter(admin.SimpleListFilter):
    title, parameter_name = "client", "client"
    kinds = {
        "locataire": ("Locataire", Q(person__isnull=False)),
        "bailleur": ("Bailleur", Q(landlord__isnull=False)),
        "autre": ("Sans fiche", Q(person=None, landlord=None)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, label) for key, (label, _) in self.kinds.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        return queryset.filter(self.kinds[str(self.value())][1]) if self.value() in self.kinds else queryset


class InvoiceAdmin(ReadOnly, JournalledAdmin):
    """An issued invoice never changes: a mistake is mended by a credit note. Archived years are not here."""

    list_display = ["number", "client", "balance_told", "state_told", "total_told", "day"]
    list_filter = [StateFilter, AgeFilter, "series", "financial_year", ClientFilter]
    search_fields = ["number", "billed_name"]
    search_help_text = "Numéro de facture ou d’intervention, nom du client."
    actions = None
    show_full_result_count = False
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invoice]:
        rows = Invoice.objects.visible_to(staff(request), now=timezone.now())
        return rows.with_balance()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Invoice], search_term: str
    ) -> tuple[QuerySet[Invoice], bool]:
        numbered = Intervention.objects.with_reference(search_term)
        if search_term and numbered.exists():
            return queryset.filter(Q(intervention__in=numbered) | Q(number__endswith=search_term)), False
        return super().get_search_results(request, queryset, search_term)

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        listed = super().get_changelist_instance(request)
        listed.title = "Factures et avoirs"
        return listed

    @admin.display(description="client", ordering="billed_name")
    def client(self, invoice: Invoice) -> str:
        return invoice.billed_name

    @admin.display(description="date", ordering="issued_on")
    def day(self, invoice: Invoice) -> str:
        return f"{invoice.issued_on:%d/%m/%Y}"

    @admin.display(description="total TTC", ordering="total")
    def total_told(self, invoice: Invoice) -> str:
        return euros(-invoice.total if invoice.is_credit_note else invoice.total)

    @admin.display(description="reste à payer", ordering="balance")
    def balance_told(self, invoice: Invoice) -> str:
        return "" if invoice.is_credit_note else euros(invoice.balance)  # type: ignore[attr-defined]

    @admin.display(description="état")
    def state_told(self, invoice: Invoice) -> SafeString:
        return state_shown(invoice, on=paris_day(timezone.now()))

    # One of them ------------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        def page(view: Any) -> Any:
            return self.admin_site.admin_view(view)

        return [
            path("<int:pk>/facture.pdf", page(require_safe(self.document)), name="interventions_invoice_document"),
            path("<int:pk>/paiements/", page(require_POST(self.pay)), name="interventions_invoice_pay"),
            path(
                "<int:pk>/paiements/<int:payment_pk>/annuler/",
                page(require_POST(self.reverse)),
                name="interventions_invoice_reverse",
            ),
            path("<int:pk>/avoir/", page(require_POST(self.credit)), name="interventions_invoice_credit"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        refuse_unless(request, "interventions.view_invoice")
        if request.method == "POST":
            raise PermissionDenied
        found = self.get_object(request, object_id)
        if found is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        return self.shown(request, cast(Invoice, found))

    def shown(self, request: HttpRequest, invoice: Invoice, *, refused: forms.Form | None = None) -> HttpResponse:
        now = timezone.now()
        received = list(invoice.payments.select_related("noted_by", "reversed_by"))
        context = {
            **self.admin_site.each_context(request),
            "title": f"{'Avoir' if invoice.is_credit_note else 'Facture'} {invoice.number}",
            "invoice": invoice,
            "is_late": invoice.due_on < paris_day(now),
            "state": state_shown(invoice, on=paris_day(now)),
            "lines": invoice.lines.all(),
            "sums": with_tax(totals(invoice.lines.all()), invoice.vat_total),
            "payments": received,
            "refused_online": invoice.online_payments.filter(state=OnlinePayment.State.REFUSED),
            "credits": invoice.credits.all(),
            "drafts": invoice.draft_credits.all(),
            "reminders": invoice.reminders.all(),
            "document": InvoiceDocument.objects.filter(invoice=invoice).first(),
            "may_note": request.user.has_perm(NOTING) and not invoice.is_credit_note,
            "may_credit": request.user.has_perm(PREPARING) and not invoice.is_credit_note,
            "form": refused or PaymentForm(initial=first_said(invoice, seen=len(received), now=now)),
            "credit_form": CreditForm(),
        }
        status = 422 if refused is not None else 200
        return TemplateResponse(request, "admin/invoicing/invoice.html", context, status=status)

    def visible(self, request: HttpRequest, pk: int) -> Invoice:
        return get_object_or_404(self.get_queryset(request), pk=pk)

    def document(self, request: HttpRequest, pk: int) -> HttpResponse:
        refuse_unless(request, "interventions.view_invoice")
        invoice, now = self.visible(request, pk), timezone.now()
        try:
            answer = attached_invoice(invoice, now=now)
        except Unreadable:
            messages.error(request, "Ce PDF ne peut pas être lu. La facture est entière ci-dessous.")
            return redirect("admin:interventions_invoice_change", pk)
        journal.record_reads([invoice], by=staff(request), now=now, page="pdf")
        return answer

    def pay(self, request: HttpRequest, pk: int) -> HttpResponse:
        refuse_unless(request, NOTING)
        invoice = self.visible(request, pk)
        form = PaymentForm(request.POST.dict())
        if form.is_valid():
            try:
                payments.note(invoice, **form.cleaned_data, by=staff(request), now=timezone.now())
            except PaymentError as error:
                form.add_error(None, str(error))
                form.data = {**form.data, "seen": invoice.payments.count()}  # which this answer shows
            else:
                messages.success(request, told_of(self.visible(request, pk)))
                return redirect("admin:interventions_invoice_change", pk)
        return self.shown(request, invoice, refused=form)

    def reverse(self, request: HttpRequest, pk: int, payment_pk: int) -> HttpResponse:
        refuse_unless(request, NOTING)
        payment = get_object_or_404(Payment, pk=payment_pk, invoice=self.visible(request, pk))
        try:
            payments.reverse(payment, by=staff(request), now=timezone.now())
        except PaymentError as error:
            messages.warning(request, str(error))
        else:
            messages.success(request, "Paiement annulé par son contraire. Les deux restent écrits.")
        return redirect("admin:interventions_invoice_change", pk)

    def credit(self, request: HttpRequest, pk: int) -> HttpResponse:
        refuse_unless(request, PREPARING)
        invoice = self.visible(request, pk)
        form = CreditForm(request.POST)
        if not form.is_valid():
            messages.error(request, "Dites la raison de l’avoir.")
            return redirect("admin:interventions_invoice_change", pk)
        try:
            reason = CreditReason(form.cleaned_data["reason"])
            draft = prepare_credit(invoice, reason=reason, by=staff(request), now=timezone.now())
        except CannotIssue as error:
            messages.error(request, str(error))
            return redirect("admin:interventions_invoice_change", pk)
        messages.success(request, "L’avoir reprend toute la facture. Baissez ou supprimez ce qui reste dû.")
        return redirect("admin:interventions_invoicedraft_change", draft.pk)


class PaymentForm(forms.Form):
    method = forms.ChoiceField(
        label="Moyen", choices=[each for each in Payment.Method.choices if each[0] != Payment.Method.ONLINE]
    )
    amount = forms.DecimalField(
        label="Montant en euros",
        max_digits=12,
        decimal_places=2,
        localize=True,
        widget=AmountInput(),
        help_text="Avec un moins devant, ce que vous rendez d’un trop-perçu.",
    )
    received_on = forms.DateField(label="Reçu le", widget=day_input())
    reference = forms.CharField(
        label="Référence", max_length=40, required=False, help_text="Numéro de chèque ou de virement, sans aucun nom."
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class CreditForm(forms.Form):
    reason = forms.ChoiceField(label="Raison", choices=[("", "Choisissez…"), *CreditReason.choices])


def first_said(invoice: Invoice, *, seen: int, now: datetime) -> dict[str, object]:
    """The balance came in today; or is given back, where it is owed to the client."""
    balance = invoice.balance  # type: ignore[attr-defined]
    return {"amount": balance or None, "received_on": paris_day(now), "seen": seen}


def told_of(invoice: Invoice) -> str:
    balance = invoice.balance  # type: ignore[attr-defined]
    if balance < 0:
        return f"Paiement noté. Le client a payé {euros(-balance)} de trop{NBSP}: notez ce que vous lui rendez."
    return f"Paiement noté. Il reste {euros(balance)} à payer." if balance else "Paiement noté. La facture est payée."
