from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from interventions.invoicing import books_desk
from interventions.models import FinancialYear
from privacy.journalled_admin import JournalledAdmin
from privacy.retention.due import paris_day


class FinancialYearAdmin(JournalledAdmin):
    """Once it has invoices, moving its end would move the day on which they go."""

    list_display = ["books", "starts_on", "closes_on", "state"]
    list_display_links = None
    fields = ["starts_on", "closes_on"]

    def get_urls(self) -> list[URLPattern]:
        return [*books_desk.urls(self.admin_site), *super().get_urls()]

    @admin.display(description="exercice")
    def books(self, year: FinancialYear) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("admin:books", args=[year.pk]), year.closes_on.year)

    @admin.display(description="état")
    def state(self, year: FinancialYear) -> str:
        today = paris_day(timezone.now())
        if today <= year.closes_on:
            return "En cours" if today >= year.starts_on else "À venir"
        return "Archivé" if year.is_archived(on=today) else "Clos"

    def has_change_permission(self, request: HttpRequest, obj: FinancialYear | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.invoices.exists())

    def has_delete_permission(self, request: HttpRequest, obj: FinancialYear | None = None) -> bool:
        return False
