"""Hotels in the admin site: the administrator keeps them, the DPO reads them."""

from django.contrib import admin
from django.utils import timezone

from interventions.models import Hotel


class HotelAdmin(admin.ModelAdmin):
    list_display = ["name", "address", "number", "country_told", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name"]
    fieldsets = [
        (None, {"fields": ["name", "is_active", "address", "number", "email"]}),
        ("Pays", {"fields": ["country", "guarantee", "guarantee_document", "guarantee_until_on"]}),
    ]

    @admin.display(description="pays", ordering="country")
    def country_told(self, hotel: Hotel) -> str:
        return f"{hotel.country}, bloqué" if hotel.transfer_obstacle(on=timezone.localdate()) else hotel.country
