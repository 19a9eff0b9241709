"""The forms of those who follow a request. What they tick and write becomes one message to the desk."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LONGEST = 1500  # of what is typed; the ticked words come before it


def words_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=LONGEST,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class MessageForm(forms.Form):
    text = words_field(gettext_lazy("Votre message"))


class AppointmentForm(forms.Form):
    """About the appointment that they have read, and no other."""

    appointment = forms.IntegerField(widget=forms.HiddenInput)


class MoveForm(AppointmentForm):
    """When somebody can be there: boxes to tick, words, or both."""

    when = forms.MultipleChoiceField(
        label=gettext_lazy("Quand quelqu’un peut-il ouvrir ?"),
        choices=[
            ("morning", gettext_lazy("Le matin")),
            ("afternoon", gettext_lazy("L’après-midi")),
            ("evening", gettext_lazy("En fin de journée")),
            ("saturday", gettext_lazy("Le samedi")),
        ],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    words = words_field(
        gettext_lazy("Quels jours ?"),
        required=False,
        help_text=gettext_lazy("Avec vos mots : « lundi ou mardi », par exemple."),
    )

    def clean(self) -> None:
        super().clean()
        if not self.errors and not self.message_parts():
            raise ValidationError(_("Cochez une case, ou écrivez quels jours vous conviennent."))

    def message_parts(self) -> list[str]:
        labels = dict(self.fields["when"].choices)  # type: ignore[attr-defined]
        ticked = ", ".join(str(labels[code]).lower() for code in self.cleaned_data.get("when", ()))
        return [*filter(None, [ticked, self.cleaned_data.get("words", "")])]

    def message(self) -> str:
        return _("Je voudrais un autre rendez-vous : %(when)s.") % {"when": ". ".join(self.message_parts()).rstrip(".")}


class GiveUpForm(AppointmentForm):
    words = words_field(gettext_lazy("Voulez-vous nous dire pourquoi ?"), required=False)

    def message(self) -> str:
        return "\n".join(filter(None, [_("J’annule ce rendez-vous."), self.cleaned_data["words"]]))


class CancelForm(forms.Form):
    WHY = (
        ("solved", gettext_lazy("Le problème est réglé")),
        ("mistake", gettext_lazy("C’était une erreur")),
        ("other", gettext_lazy("Une autre raison")),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
    why = forms.ChoiceField(label=gettext_lazy("Pourquoi ?"), choices=WHY, widget=forms.RadioSelect)
    words = words_field(gettext_lazy("Voulez-vous préciser ?"), required=False)

    def message(self) -> str:
        why = dict(self.WHY)[self.cleaned_data["why"]]
        told = _("J’annule ma demande : %(why)s.") % {"why": str(why).lower()}
        return "\n".join(filter(None, [told, self.cleaned_data["words"]]))


class ReopenForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    words = words_field(gettext_lazy("Qu’est-ce qui ne va toujours pas ?"))


class SurveyForm(forms.Form):
    score = forms.TypedChoiceField(
        label=gettext_lazy("Êtes-vous satisfait de l’intervention ?"),
        choices=[
            (5, gettext_lazy("Très satisfait")),
            (4, gettext_lazy("Satisfait")),
            (3, gettext_lazy("Ni l’un ni l’autre")),
            (2, gettext_lazy("Mécontent")),
            (1, gettext_lazy("Très mécontent")),
        ],
        coerce=int,
        widget=forms.RadioSelect,
    )
    solved = forms.TypedChoiceField(
        label=gettext_lazy("Le problème est-il réglé ?"),
        choices=[("yes", gettext_lazy("Oui")), ("no", gettext_lazy("Non"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    comment = words_field(gettext_lazy("Voulez-vous ajouter quelque chose ?"), required=False)
