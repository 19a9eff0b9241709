from typing import Any

from django import forms

from accounts.forms import LineField
from interventions.models import EmergencyAlert
from interventions.sensitive_words import sensitive_words

NBSP = "\N{NO-BREAK SPACE}"


class DangerForm(forms.Form):
    """The service is the button that is pressed."""

    danger = forms.ChoiceField(
        label="Quel danger ?".replace(" ?", f"{NBSP}?"),
        choices=EmergencyAlert.Danger,
        widget=forms.RadioSelect,
        error_messages={"required": "Dites d’abord quel danger, puis qui prévenir."},
    )
    service = forms.ChoiceField(
        choices=EmergencyAlert.Service,
        error_messages={"required": "Choisissez qui prévenir."},
        widget=forms.HiddenInput,
    )


class ReviewForm(forms.Form):
    outcome = forms.ChoiceField(
        label="Conclusion",
        choices=[("", "Choisir…"), *EmergencyAlert.Outcome.choices],
        error_messages={"required": "Choisissez une conclusion."},
    )
    note = LineField(label="Note", max_length=200, required=False, help_text="Des faits, rien de médical.")

    def clean_note(self) -> Any:
        note = self.cleaned_data["note"]
        if found := sensitive_words(note):
            raise forms.ValidationError(f"Ces mots n’ont pas leur place ici{NBSP}: {', '.join(found)}.")
        return note
