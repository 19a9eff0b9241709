from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import User
from accounts.roles import Role
from interventions.financial_years_admin import FinancialYearAdmin
from interventions.hotel_admin import HotelAdmin
from interventions.invoicing.desk.drafts import DraftAdmin
from interventions.invoicing.desk.estimates import EstimateAdmin
from interventions.invoicing.desk.invoices import InvoiceAdmin
from interventions.invoicing.desk.pieces import country_field, siren_field, vat_number_field
from interventions.invoicing.desk.reminders import InvoiceReminderAdmin, ReminderRuleAdmin
from interventions.models import (
    AccessCode,
    Complaint,
    ComplaintMessage,
    DeletionAttestation,
    DialledNumber,
    DispatchRule,
    Dwelling,
    Equipment,
    Estimate,
    FinancialYear,
    Hotel,
    Instruction,
    Invoice,
    InvoiceDraft,
    InvoiceReminder,
    Landlord,
    LandlordContact,
    MonthlyFigure,
    Provider,
    ProviderLink,
    ReminderRule,
    Residence,
)
from interventions.problems import Trade
from interventions.provider_admin import ProviderAdmin
from interventions.read_only_admin import ReadOnly
from privacy.journalled_admin import JournalledAdmin
from privacy.policy import ROWS_BY_KEY
from privacy.restriction import unrestricted


class DialledNumberInline(admin.TabularInline):
    model = DialledNumber
    extra = 0


class LandlordContactInline(admin.TabularInline):
    model = LandlordContact
    extra = 0


class InstructionInline(admin.TabularInline):
    model = Instruction
    extra = 0


class DispatchRuleInline(admin.StackedInline):
    model = DispatchRule
    extra = 0
    fields = [("provider", "rank"), ("trade", "problem", "sector"), ("days", "from_time", "until_time")]


class BillingForm(forms.ModelForm):
    billing_country = country_field()
    siren = siren_field()
    vat_number = vat_number_field()


class LandlordForm(BillingForm):
    """A contract shortens what the policy allows, and never lengthens it."""

    on_call_trades = forms.MultipleChoiceField(
        label="Métiers sous astreinte",
        choices=Trade,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Ceux où quelqu’un doit pouvoir être envoyé à toute heure. Aucun : ceux où une urgence est possible.",
    )

    SHORTENS = {"retention_months": "interventions", "recording_months": "recordings"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, row in self.SHORTENS.items():
            period = ROWS_BY_KEY[row].period
            self.fields[name] = forms.IntegerField(
                label=self.fields[name].label,
                required=False,
                min_value=1,
                max_value=period.months,
                help_text=f"Vide\N{NO-BREAK SPACE}: {period}, selon la politique. Le contrat ne peut que raccourcir.",
            )


def is_accounting(request: HttpRequest) -> bool:
    return cast(User, request.user).role == Role.ACCOUNTING


@admin.register(Landlord)
class LandlordAdmin(JournalledAdmin):
    form = LandlordForm
    list_display = ["name", "code", "contract_from_on", "contract_until_on"]
    search_fields = ["name", "code"]
    inlines = [DialledNumberInline, LandlordContactInline, InstructionInline, DispatchRuleInline]
    contract_fields = [
        *("name", "code", ("contract_from_on", "contract_until_on"), ("retention_months", "recording_months")),
        *("on_call_trades", "spending_limit", "managers"),
    ]
    billing_fields = [
        *("billing_name", "billing_street", ("billing_postcode", "billing_city", "billing_country")),
        ("siren", "vat_number"),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Landlord | None = None) -> Any:
        """Accounting sees to whom it bills, and nothing else of a landlord."""
        billing = ("Facturation", {"fields": self.billing_fields})
        return [billing] if is_accounting(request) else [(None, {"fields": self.contract_fields}), billing]

    def get_form(self, request: HttpRequest, obj: Landlord | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = BillingForm if is_accounting(request) else self.form
        return super().get_form(request, obj, change, **{"form": form} | kwargs)

    def get_inlines(self, request: HttpRequest, obj: Landlord | None = None) -> Any:
        return [] if is_accounting(request) else self.inlines

    def get_list_display(self, request: HttpRequest) -> Any:
        return ["name", "siren", "billing_city"] if is_accounting(request) else self.list_display

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "managers":
            kwargs["queryset"] = User.objects.filter(role=Role.LANDLORD_MANAGER)
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class EquipmentInline(admin.TabularInline):
    model = Equipment
    extra = 0


@admin.register(AccessCode)
class AccessCodeAdmin(admin.ModelAdmin):
    """Codes are written here and read nowhere but inside an open intervention."""

    list_display = ["residence", "label"]
    raw_id_fields = ["residence"]

    def get_exclude(self, request: HttpRequest, obj: AccessCode | None = None) -> list[str]:
        return [] if obj is None else ["code"]


@admin.register(Residence)
class ResidenceAdmin(admin.ModelAdmin):
    list_display = ["name", "landlord", "street", "postcode", "city", "sector"]
    list_filter = ["landlord"]
    search_fields = ["address_key", "reference"]
    inlines = [EquipmentInline]


@admin.register(Dwelling)
class DwellingAdmin(admin.ModelAdmin):
    list_display = ["reference", "residence", "staircase", "floor", "door"]
    search_fields = ["=reference", "residence__name"]
    raw_id_fields = ["residence"]
    show_full_result_count = False


admin.site.register(Provider, ProviderAdmin)
admin.site.register(Hotel, HotelAdmin)


class ComplaintMessageInline(ReadOnly, admin.TabularInline):
    model = ComplaintMessage
    fields = ["at", "author", "text"]


@admin.register(Complaint)
class ComplaintAdmin(ReadOnly, JournalledAdmin):
    list_display = ["pk", "landlord", "opened_at", "last_exchange_at", "answered_at"]
    list_filter = ["landlord"]
    list_select_related = ["landlord"]
    date_hierarchy = "opened_at"
    ordering = ["-opened_at"]
    inlines = [ComplaintMessageInline]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Complaint]:
        found = super().get_queryset(request)
        return found if request.user.has_perm("privacy.view_restriction") else unrestricted(found, "person")


@admin.register(ProviderLink)
class ProviderLinkAdmin(ReadOnly, JournalledAdmin):
    list_display = ["pk", "intervention", "provider", "created_at", "first_opened_at", "last_opened_at", "opened"]
    list_select_related = ["intervention", "provider"]
    ordering = ["-created_at"]
    exclude = ["token_hash"]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProviderLink]:
        """A dead link is neither listed nor opened, purged or not."""
        return super().get_queryset(request).filter(ended_at=None)


class MissingFilter(admin.SimpleListFilter):
    """Those that nobody has attested, unless all are asked for."""

    title, parameter_name = "attestation", "missing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "Toutes")]

    def choices(self, changelist: Any) -> Any:
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=["missing"]),
            "display": "Manquantes",
        }
        yield {
            "selected": self.value() == "no",
            "query_string": changelist.get_query_string({"missing": "no"}),
            "display": "Toutes",
        }

    def queryset(self, request: HttpRequest, queryset: QuerySet[DeletionAttestation]) -> QuerySet[DeletionAttestation]:
        return queryset.filter(attested_at=None) if self.value() is None else queryset


@admin.register(DeletionAttestation)
class DeletionAttestationAdmin(ReadOnly, JournalledAdmin):
    """What the DPO still has to get from providers and hotels."""

    list_display = ["intervention", "provider", "hotel", "asked_at", "sent", "last_sent_at", "opened", "attested_at"]
    list_filter = [MissingFilter, "provider"]
    list_select_related = ["intervention", "provider", "hotel"]
    ordering = ["asked_at"]
    exclude = ["token_hash"]
    show_full_result_count = False


@admin.register(MonthlyFigure)
class MonthlyFigureAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["month", "landlord", "trade", "outcome", "count"]
    list_filter = ["landlord", "trade", "outcome"]
    list_select_related = ["landlord"]
    ordering = ["-month", "landlord", "trade", "outcome"]


admin.site.register(FinancialYear, FinancialYearAdmin)


admin.site.register(InvoiceDraft, DraftAdmin)
admin.site.register(Invoice, InvoiceAdmin)
admin.site.register(Estimate, EstimateAdmin)
admin.site.register(InvoiceReminder, InvoiceReminderAdmin)
admin.site.register(ReminderRule, ReminderRuleAdmin)
