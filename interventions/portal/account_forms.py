from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import PhoneField
from accounts.models import Assistance, Language, Person
from accounts.phones import can_receive_texts

LANGUAGES: dict[str, Promise] = {
    Language.FRENCH: gettext_lazy("Français"),
    Language.ENGLISH: gettext_lazy("Anglais"),
    Language.ARABIC: gettext_lazy("Arabe"),
    Language.TURKISH: gettext_lazy("Turc"),
    Language.POLISH: gettext_lazy("Polonais"),
    Language.PORTUGUESE: gettext_lazy("Portugais"),
    Language.ITALIAN: gettext_lazy("Italien"),
    Language.OTHER: gettext_lazy("Une autre langue"),
}
NEEDS: dict[str, Promise] = {
    Assistance.INTERPRETER: gettext_lazy("Me parler avec un interprète"),
    Assistance.LONG_RING: gettext_lazy("Laisser sonner longtemps"),
    Assistance.WRITTEN_CONTACT: gettext_lazy("M’écrire plutôt que m’appeler"),
    Assistance.RELATIVE_FIRST: gettext_lazy("Appeler d’abord le proche que j’ai désigné"),
    Assistance.ON_SITE_HELP: gettext_lazy("M’aider sur place pour ouvrir"),
    Assistance.PRIORITY: gettext_lazy("Me servir en priorité en cas de panne"),
}


class PhoneForm(forms.Form):
    number = PhoneField(
        label=gettext_lazy("Votre numéro de portable"),
        help_text=gettext_lazy("Nous y enverrons un code par SMS, pour être sûrs que c’est le vôtre."),
    )

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"]
        if not can_receive_texts(number):
            raise ValidationError(
                _("Ce numéro ne reçoit pas de SMS. Pour ajouter un fixe, dites-le-nous au téléphone.")
            )
        return number


class EmailForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("Votre adresse e-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=gettext_lazy("Nous y enverrons un code, pour être sûrs que c’est la vôtre."),
    )

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        return email


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Code à six chiffres"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )

    def clean_code(self) -> str:
        return "".join(self.cleaned_data["code"].split())


class ReachForm(forms.ModelForm):
    """How to speak with somebody: codes for what the desk does, never why."""

    language = forms.ChoiceField(
        label=gettext_lazy("Quelle langue parlez-vous le mieux ?"),
        choices=LANGUAGES.items(),
        help_text=gettext_lazy(
            "Ces pages sont en français et en anglais. Pour une autre langue, nous appelons un interprète."
        ),
    )
    assistance = forms.MultipleChoiceField(
        label=gettext_lazy("Ce que nous devons faire autrement"),
        choices=NEEDS.items(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Nous notons quoi faire, jamais pourquoi."),
    )

    class Meta:
        model = Person
        fields = ["language", "assistance"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["assistance"] = list(self.instance.assistance)
