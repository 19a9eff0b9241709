from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from interventions.invoicing import archive, books_desk
from interventions.models import FinancialYear
from privacy.journalled_admin import JournalledAdmin
from privacy.retention.due import paris_day

LONGEST = timedelta(days=731)  # two years, one of them a leap year
NBSP = "\N{NO-BREAK SPACE}"


class FinancialYearForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        """What PostgreSQL would refuse without a word, and what would give two invoices one number."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        starts_on, closes_on = said.get("starts_on"), said.get("closes_on")
        if starts_on and closes_on:
            for obstacle in self.obstacles(starts_on, closes_on):
                self.add_error("closes_on", obstacle)
        return said

    def obstacles(self, starts_on: date, closes_on: date) -> list[str]:
        if abs(starts_on.year - paris_day(timezone.now()).year) > 20:
            return [f"Cette année est trop lointaine{NBSP}: vérifiez les dates."]
        if closes_on <= starts_on:
            return ["La clôture vient après le début."]
        if closes_on - starts_on >= LONGEST:
            return ["Un exercice dure deux ans au plus."]
        same = FinancialYear.objects.filter(closes_on__year=closes_on.year).exclude(pk=self.instance.pk)
        if same.exists():
            return [
                f"Un autre exercice se clôt déjà en {closes_on.year}{NBSP}: leurs factures auraient les mêmes numéros."
            ]
        return []


class FinancialYearAdmin(JournalledAdmin):
    """Once it has invoices, moving its end would move the day on which they go."""

    form = FinancialYearForm
    list_display = ["books", "starts_on", "closes_on", "kept_until", "state"]
    list_display_links = None
    fields = ["starts_on", "closes_on"]

    def get_urls(self) -> list[URLPattern]:
        return [*books_desk.urls(self.admin_site), *super().get_urls()]

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        listed = super().get_changelist_instance(request)
        listed.title = "Exercices"
        return listed

    @admin.display(description="exercice")
    def books(self, year: FinancialYear) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("admin:books", args=[year.pk]), year.closes_on.year)

    @admin.display(description="gardées jusqu’au")
    def kept_until(self, year: FinancialYear) -> date:
        return archive.kept_until(year)

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
