from django.contrib import admin
from django.http import HttpRequest

from interventions.models import (
    AccessCode,
    DialledNumber,
    Dwelling,
    Equipment,
    Instruction,
    Landlord,
    LandlordContact,
    Provider,
    Residence,
)


class DialledNumberInline(admin.TabularInline):
    model = DialledNumber
    extra = 0


class LandlordContactInline(admin.TabularInline):
    model = LandlordContact
    extra = 0


class InstructionInline(admin.TabularInline):
    model = Instruction
    extra = 0


@admin.register(Landlord)
class LandlordAdmin(admin.ModelAdmin):
    list_display = ["name", "code", "contract_from_on", "contract_until_on"]
    search_fields = ["name", "code"]
    filter_horizontal = ["managers"]
    inlines = [DialledNumberInline, LandlordContactInline, InstructionInline]


class EquipmentInline(admin.TabularInline):
    model = Equipment
    extra = 0


@admin.register(AccessCode)
class AccessCodeAdmin(admin.ModelAdmin):
    """Codes are written here and read nowhere but inside an open intervention."""

    list_display = ["residence", "label"]
    autocomplete_fields = ["residence"]

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
    autocomplete_fields = ["residence"]
    show_full_result_count = False


@admin.register(Provider)
class ProviderAdmin(admin.ModelAdmin):
    list_display = ["name", "trades", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name"]
