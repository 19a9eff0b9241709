"""What a provider says on its page: a form a step. `reason` is what goes to the intervention's timeline."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from accounts.forms import AmountField, LineField
from interventions.dispatch import DECLINED
from interventions.models import Signature, Status
from interventions.sensitive_words import sensitive_words

NBSP = "\N{NO-BREAK SPACE}"
ARRIVES_WITHIN = timedelta(days=30)
IN_MINUTES = (15, 30, 45, 60, 90, 120, 180, 240)
READ_BY_THEM = "Des faits utiles au travail. La personne concernée peut lire ces lignes."
LONGEST = 500


class StepForm(forms.Form):
    """`version` is the one the provider has read."""

    to: Status
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, version: int, now: datetime, **kwargs: Any) -> None:
        # Several on one page: each has names of its own in the document, and the plain ones when it is sent.
        super().__init__(data, initial={"version": version}, auto_id=f"{type(self).__name__.lower()}_%s", **kwargs)
        self.now = now

    @property
    def reason(self) -> str:
        return ""

    @property
    def arrives_at(self) -> datetime | None:
        return None


class WordsForm(StepForm):
    """With words of the provider's own, and a warning about those that do not belong there."""

    text: forms.CharField
    meant = forms.BooleanField(
        label="Ces mots sont nécessaires au travail",
        required=False,
        help_text="Sinon, corrigez le texte.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words: list[str] = []

    def clean(self) -> dict[str, Any]:
        self.words = sensitive_words(self.cleaned_data.get("text", ""))
        if self.words and not self.cleaned_data.get("meant"):
            self.add_error(
                "text",
                f"Santé, religion, opinions, insultes… n’ont pas leur place ici{NBSP}: {', '.join(self.words)}.",
            )
        return self.cleaned_data

    @property
    def reason(self) -> str:
        return str(self.cleaned_data["text"])


def words_field(label: str, *, rows: int = 3) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": rows}),
        help_text=READ_BY_THEM,
        error_messages={"required": "Écrivez quelques mots."},
    )


class AcceptForm(StepForm):
    to = Status.ACCEPTED

    minutes = forms.TypedChoiceField(label="J’arrive", required=False, coerce=int, empty_value=None)
    at = forms.DateTimeField(
        label="Ou plus tard, le",
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%d/%m/%Y %H:%M"],
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        error_messages={"invalid": f"Cette date n’existe pas. Exemple{NBSP}: 23/11/2026 03:14."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(minutes, self.in_words(minutes)) for minutes in IN_MINUTES]
        self.fields["minutes"].choices = [("", "Choisir…"), *choices]  # type: ignore[attr-defined]

    def in_words(self, minutes: int) -> str:
        hours, rest = divmod(minutes, 60)
        length = f"{minutes} min" if not hours else f"{hours} h {rest:02}" if rest else f"{hours} h"
        at = timezone.localtime(self.now + timedelta(minutes=minutes))
        return f"dans {length}, vers {at:%H:%M}".replace(" min", f"{NBSP}min").replace(" h", f"{NBSP}h")

    def clean(self) -> dict[str, Any]:
        at = self.cleaned_data.get("at")
        if not self.errors and not at and not self.cleaned_data.get("minutes"):
            self.add_error("minutes", "Dites quand vous arrivez.")
        if at and not self.now - timedelta(minutes=5) <= at <= self.now + ARRIVES_WITHIN:
            self.add_error("at", "Donnez une heure à venir, dans les trente jours.")
        return self.cleaned_data

    @property
    def arrives_at(self) -> datetime:
        said = self.cleaned_data
        return said["at"] or self.now.replace(second=0, microsecond=0) + timedelta(minutes=said["minutes"])


class DeclineForm(StepForm):
    to = Status.QUALIFIED

    why = forms.ChoiceField(
        label="Pourquoi",
        choices=[("", "Choisir…"), *DECLINED.items()],
        error_messages={"required": "Choisissez une raison."},
    )

    @property
    def reason(self) -> str:
        return DECLINED[self.cleaned_data["why"]]


class ArriveForm(StepForm):
    to = Status.ON_SITE


NO_ACCESS = {
    "absent": "Personne n’a ouvert",
    "code": "Le code d’accès ne marche pas",
    "blocked": "L’accès est bloqué",
    "refused": "La personne n’a pas voulu ouvrir",
}


class NoAccessForm(StepForm):
    to = Status.NO_ACCESS

    why = forms.ChoiceField(
        label="Ce qui vous arrête",
        choices=[("", "Choisir…"), *NO_ACCESS.items()],
        error_messages={"required": "Choisissez ce qui vous arrête."},
    )

    @property
    def reason(self) -> str:
        return NO_ACCESS[self.cleaned_data["why"]]


class FollowOnForm(WordsForm):
    to = Status.FOLLOW_ON

    text = words_field("Ce qu’il reste à faire", rows=2)
    field_order = ["version", "text", "meant"]


class DoneForm(WordsForm):
    to = Status.DONE

    text = words_field("Ce qui a été fait")
    signer = forms.ChoiceField(
        label="Qui signe",
        choices=[("", "Personne"), *Signature.Signer.choices],
        required=False,
    )
    name = LineField(label="Son nom", max_length=120, required=False)
    field_order = ["version", "text", "meant", "signer", "name"]

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if said.get("signer") and not said.get("name"):
            self.add_error("name", "Donnez le nom de qui signe.")
        if said.get("name") and not said.get("signer"):
            self.add_error("signer", "Dites qui signe.")
        return said


class SpendingForm(WordsForm):
    amount = AmountField(label="Montant (€ HT)")
    text = forms.CharField(
        label="Pour quoi", max_length=200, widget=forms.Textarea(attrs={"rows": 2}), help_text=READ_BY_THEM
    )
    field_order = ["version", "amount", "text", "meant"]
