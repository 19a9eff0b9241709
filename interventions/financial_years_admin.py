from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from interventions.models import FinancialYear


class FinancialYearAdmin(admin.ModelAdmin):
    """Once it has invoices, moving its end would move the day on which they go."""

    list_display = ["starts_on", "closes_on"]

    def has_change_permission(self, request: HttpRequest, obj: FinancialYear | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.invoices.exists())

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
