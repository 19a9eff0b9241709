from datetime import date, timedelta
from typing import Any

from django import forms

from interventions.models import Hotel, Relocation

NBSP = "\N{NO-BREAK SPACE}"
MOST_NIGHTS = 30
MOST_GUESTS = 20
AHEAD = timedelta(days=30)


class DayField(forms.DateField):
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})

    def __init__(self, **kwargs: Any) -> None:
        wrong = f"Cette date n’existe pas. Exemple{NBSP}: 23/11/2026."
        super().__init__(input_formats=["%Y-%m-%d", "%d/%m/%Y"], error_messages={"invalid": wrong}, **kwargs)


class RelocationForm(forms.Form):
    hotel = forms.ModelChoiceField(label="Hôtel", queryset=Hotel.objects.filter(is_active=True), empty_label="Choisir…")
    guests = forms.IntegerField(label="Personnes", min_value=1, max_value=MOST_GUESTS, initial=1)
    from_on = DayField(label="Première nuit")
    until_on = DayField(label="Départ", help_text="Le lien de l’hôtel s’éteint ce jour-là à midi.")
    needs = forms.MultipleChoiceField(
        label="Ce que la chambre doit avoir",
        choices=Relocation.Need,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Jamais pourquoi.",
    )

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, initial={"from_on": today, "until_on": today + timedelta(days=1)})
        self.today = today

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        first, last = said.get("from_on"), said.get("until_on")
        if first and not self.today - timedelta(days=1) <= first <= self.today + AHEAD:
            self.add_error("from_on", "Donnez une nuit à venir, dans les trente jours.")
        elif first and last and not timedelta(0) < last - first <= timedelta(days=MOST_NIGHTS):
            self.add_error("until_on", f"Le départ est après la première nuit, {MOST_NIGHTS} nuits au plus.")
        return said
