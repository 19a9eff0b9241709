from typing import Any

from django import forms

from accounts.forms import LineField, PhoneField
from callcenter.console.forms import MomentField
from interventions.models import Landlord, OnCallShift, Provider, Residence
from interventions.on_call import end_of
from interventions.problems import PROBLEMS_BY_CODE, Problem, Trade, problem_choices
from interventions.rota import Job

RANKS = [(1, "1, appelé d’abord"), (2, "2, si le premier ne répond pas"), (3, "3"), (4, "4")]


def known_sectors() -> list[tuple[str, str]]:
    sectors = Residence.objects.exclude(sector="").order_by("sector").values_list("sector", flat=True).distinct()
    return [(sector, sector) for sector in sectors]


class ProviderChoiceField(forms.ModelChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Provider.objects.filter(is_active=True), empty_label="Choisir…", **kwargs)


class ShiftForm(forms.ModelForm):
    provider = ProviderChoiceField(label="Prestataire")
    starts_at = MomentField(label="Début")
    ends_at = MomentField(label="Fin")
    trades = forms.MultipleChoiceField(label="Métiers", choices=Trade, widget=forms.CheckboxSelectMultiple)
    sectors = forms.MultipleChoiceField(
        label="Secteurs",
        choices=known_sectors,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Aucun coché\N{NO-BREAK SPACE}: tous.",
    )
    rank = forms.TypedChoiceField(label="Rang", choices=RANKS, coerce=int)
    number = PhoneField(label="Numéro d’astreinte", required=False, help_text="Vide : celui du prestataire.")
    note = LineField(label="Note", max_length=200, required=False, help_text="Jamais le nom de quelqu’un.")

    class Meta:
        model = OnCallShift
        fields = ["provider", "rank", "number", "starts_at", "ends_at", "note", "trades", "sectors"]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        provider, starts_at, ends_at = said.get("provider"), said.get("starts_at"), said.get("ends_at")
        if starts_at and ends_at and ends_at <= starts_at:
            self.add_error("ends_at", "La fin vient avant le début. Une nuit finit le lendemain.")
        if not provider:
            return said
        not_theirs = [
            str(Trade(trade).label).lower() for trade in said.get("trades", []) if trade not in provider.trades
        ]
        if not_theirs:
            self.add_error("trades", f"{provider} ne fait pas ce métier\N{NO-BREAK SPACE}: {', '.join(not_theirs)}.")
        if ends_at and ends_at > end_of(provider.contract_until_on):
            self.add_error("ends_at", f"Le contrat de {provider} se termine le {provider.contract_until_on:%d/%m/%Y}.")
        return said


class HandOverForm(forms.Form):
    """For the whole shift unless its hours are changed."""

    to = ProviderChoiceField(label="À qui")
    starts_at = MomentField(label="À partir de")
    ends_at = MomentField(label="Jusqu’à")
    number = PhoneField(label="Numéro d’astreinte", required=False, help_text="Vide : celui du prestataire.")

    def __init__(self, shift: OnCallShift, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update(starts_at=shift.starts_at, ends_at=shift.ends_at)
        able = Provider.objects.filter(is_active=True, trades__contains=shift.trades).exclude(pk=shift.provider_id)
        self.fields["to"].queryset = able  # type: ignore[attr-defined]


class FeedForm(forms.Form):
    """One of the two."""

    provider = ProviderChoiceField(label="Prestataire", required=False)
    sector = forms.ChoiceField(label="Secteur", choices=lambda: [("", "Choisir…"), *known_sectors()], required=False)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not self.errors and bool(said["provider"]) == bool(said["sector"]):
            self.add_error(None, "Choisissez un prestataire ou un secteur, l’un des deux.")
        return said


class SimulationForm(forms.Form):
    landlord = forms.ModelChoiceField(label="Bailleur", queryset=Landlord.objects.all(), empty_label="Choisir…")
    sector = forms.ChoiceField(
        label="Secteur", choices=lambda: [("", "Sans secteur"), *known_sectors()], required=False
    )
    residence = forms.CharField(
        label="Résidence", max_length=40, required=False, help_text="Sa référence, au lieu du secteur."
    )
    problem = forms.ChoiceField(label="Problème", choices=lambda: [("", "Choisir…"), *problem_choices()])
    at = MomentField(label="Moment")

    def clean_problem(self) -> Problem:
        return PROBLEMS_BY_CODE[self.cleaned_data["problem"]]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("landlord") and said.get("residence"):
            found = Residence.objects.filter(landlord=said["landlord"], reference__iexact=said["residence"]).first()
            if found is None:
                self.add_error("residence", "Ce bailleur n’a pas de résidence de cette référence.")
            else:
                said["sector"] = found.sector
        return said

    def job(self) -> Job:
        return Job(self.cleaned_data["landlord"], self.cleaned_data["sector"], self.cleaned_data["problem"])
