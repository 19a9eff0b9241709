"""Providers in the admin site: the administrator keeps them, the DPO reads them and checks article 28."""

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import ManyToManyField, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from accounts.models import User
from accounts.roles import Role
from interventions.models import Provider, Residence
from interventions.models.providers import Article28
from interventions.problems import Trade

NBSP = "\N{NO-BREAK SPACE}"
ENDS_SOON = timedelta(days=60)


def known_sectors() -> list[tuple[str, str]]:
    sectors = Residence.objects.exclude(sector="").order_by("sector").values_list("sector", flat=True).distinct()
    return [(sector, sector) for sector in sectors]


class ProviderForm(forms.ModelForm):
    trades = forms.MultipleChoiceField(label="Métiers", choices=Trade, widget=forms.CheckboxSelectMultiple)
    sectors = forms.MultipleChoiceField(
        label="Secteurs",
        choices=known_sectors,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=f"Aucun coché{NBSP}: tous.",
    )
    article_28 = forms.MultipleChoiceField(
        label="Ce que dit le contrat",
        choices=Article28,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Cochez ce que vous avez lu. La date et votre nom sont gardés.",
    )
    reviewed = forms.BooleanField(label="Je viens de relire le contrat", required=False)

    class Meta:
        model = Provider
        fields = [
            *("name", "kind", "is_active", "number", "email", "trades", "sectors", "landlords", "spending_limit"),
            *("contract_from_on", "contract_until_on"),
            *("country", "guarantee", "guarantee_document", "guarantee_until_on", "article_28"),
        ]


class ToReview(admin.SimpleListFilter):
    title, parameter_name = "à revoir", "a_revoir"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("fin", "Contrat qui se termine dans les 60 jours"), ("clauses", "Article 28 incomplet")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Provider]) -> QuerySet[Provider]:
        today = timezone.localdate()
        if self.value() == "fin":
            return queryset.filter(contract_until_on__range=(today, today + ENDS_SOON))
        if self.value() == "clauses":
            return queryset.exclude(article_28__contains=Article28.values)
        return queryset


class ProviderAdmin(admin.ModelAdmin):
    form = ProviderForm
    list_display = ["name", "trades_told", "country_told", "contract_told", "clauses_told", "is_active"]
    list_filter = ["is_active", ToReview, "kind"]
    search_fields = ["name"]
    formfield_overrides = {ManyToManyField: {"widget": forms.CheckboxSelectMultiple}}
    fieldsets = [
        (None, {"fields": ["name", "kind", "is_active", "number", "email"]}),
        ("Où et pour quoi", {"fields": ["trades", "sectors", "landlords", "spending_limit"]}),
        ("Contrat", {"fields": ["contract_from_on", "contract_until_on"]}),
        ("Pays", {"fields": ["country", "guarantee", "guarantee_document", "guarantee_until_on"]}),
        ("Article 28 du RGPD", {"fields": ["missing_told", "article_28", "reviewed", "checked_on", "checked_by"]}),
    ]
    readonly_fields = ["trades_told", "missing_told", "checked_on", "checked_by"]

    def get_readonly_fields(self, request: HttpRequest, obj: Provider | None = None) -> list[str]:
        """The DPO checks the contract, and leaves the rest to the administrator."""
        if cast(User, request.user).role == Role.DPO:
            return [*(name for name in ProviderForm.Meta.fields if name != "article_28"), *self.readonly_fields]
        return self.readonly_fields

    def get_fieldsets(self, request: HttpRequest, obj: Provider | None = None) -> Any:
        """What is only read is told in words."""
        if cast(User, request.user).role != Role.DPO:
            return self.fieldsets
        return [
            (title, {"fields": ["trades_told" if name == "trades" else name for name in options["fields"]]})
            for title, options in self.fieldsets
        ]

    def save_model(self, request: HttpRequest, obj: Provider, form: ProviderForm, change: bool) -> None:
        """Whoever ticks what the contract says has read it, and answers for it."""
        if form.cleaned_data.get("reviewed") or "article_28" in form.changed_data:
            obj.checked_on, obj.checked_by = timezone.localdate(), cast(User, request.user)
        super().save_model(request, obj, form, change)

    @admin.display(description="métiers")
    def trades_told(self, provider: Provider) -> str:
        return ", ".join(str(Trade(trade).label) for trade in provider.trades)

    @admin.display(description="pays", ordering="country")
    def country_told(self, provider: Provider) -> str:
        obstacle = provider.transfer_obstacle(on=timezone.localdate())
        return marked("slash-circle", "late", f"{provider.country}, bloqué") if obstacle else provider.country

    @admin.display(description="contrat jusqu’au", ordering="contract_until_on")
    def contract_told(self, provider: Provider) -> str:
        ends_on, today = provider.contract_until_on, timezone.localdate()
        if ends_on is None:
            return "Sans fin"
        if ends_on < today:
            return marked("x-circle", "late", f"{ends_on:%d/%m/%Y}, terminé")
        left = (ends_on - today).days
        if left <= ENDS_SOON.days:
            return marked("hourglass-split", "warn", f"{ends_on:%d/%m/%Y}, dans {left} jour{'s' if left > 1 else ''}")
        return f"{ends_on:%d/%m/%Y}"

    @admin.display(description="article 28")
    def clauses_told(self, provider: Provider) -> SafeString:
        missing = len(provider.missing_clauses)
        if missing:
            return marked("exclamation-triangle", "warn", f"{missing} sur {len(Article28)} à obtenir")
        return marked("check2", "done", "Complet")

    @admin.display(description="à obtenir")
    def missing_told(self, provider: Provider) -> str:
        return " · ".join(str(clause.label) for clause in provider.missing_clauses) or "Rien, le contrat dit tout."


def marked(icon_name: str, look: str, words: str) -> SafeString:
    return render_to_string("console/state.html", {"icon_name": icon_name, "look": look, "label": words})
