"""Reminders: when they go, and those that have to be posted."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from interventions.invoicing.desk.pieces import staff
from interventions.invoicing.papers import euros
from interventions.models import Invoice, InvoiceReminder
from interventions.read_only_admin import ReadOnly
from privacy.journalled_admin import JournalledAdmin


class ReminderRuleAdmin(JournalledAdmin):
    list_display = ["after_working_days", "tone"]
    list_display_links = ["after_working_days"]


class ByPostFilter(admin.SimpleListFilter):
    """What has to be printed and is still owed, unless all are asked for."""

    title, parameter_name = "envoi", "envoi"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("toutes", "Toutes")]

    def choices(self, changelist: Any) -> Any:
        poster = changelist.get_query_string(remove=["envoi"])
        every = changelist.get_query_string({"envoi": "toutes"})
        yield {"selected": self.value() is None, "query_string": poster, "display": "À poster"}
        yield {"selected": self.value() == "toutes", "query_string": every, "display": "Toutes"}

    def queryset(self, request: HttpRequest, queryset: QuerySet[InvoiceReminder]) -> QuerySet[InvoiceReminder]:
        return to_post(queryset) if self.value() is None else queryset


def to_post(reminders: QuerySet[InvoiceReminder]) -> QuerySet[InvoiceReminder]:
    return reminders.filter(by_post=True, invoice__in=Invoice.objects.owing().values("pk"))


class InvoiceReminderAdmin(ReadOnly, JournalledAdmin):
    list_display = ["invoice_told", "client", "total", "tone", "reminded_at", "by_post"]
    list_display_links = None
    list_filter = [ByPostFilter, "tone"]
    list_select_related = ["invoice"]
    ordering = ["-reminded_at"]
    show_full_result_count = False
    list_per_page = 50

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        listed = super().get_changelist_instance(request)
        listed.title = "Relances"
        return listed

    def get_queryset(self, request: HttpRequest) -> QuerySet[InvoiceReminder]:
        visible = Invoice.objects.visible_to(staff(request), now=timezone.now())
        return super().get_queryset(request).filter(invoice__in=visible)

    @admin.display(description="facture", ordering="invoice__number")
    def invoice_told(self, reminder: InvoiceReminder) -> SafeString:
        page = reverse("admin:interventions_invoice_change", args=[reminder.invoice_id])
        return format_html('<a href="{}">{}</a>', page, reminder.invoice.number)

    @admin.display(description="client", ordering="invoice__billed_name")
    def client(self, reminder: InvoiceReminder) -> str:
        return reminder.invoice.billed_name

    @admin.display(description="total TTC")
    def total(self, reminder: InvoiceReminder) -> str:
        return euros(reminder.invoice.total)
