"""The questions of a report, a form each. `said` is what to keep of the answer: fields of the draft."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.forms import LineField, PhoneField
from accounts.phones import can_receive_texts
from interventions.models import Availability, Dwelling, ReportDraft
from interventions.places import ANYTHING_ELSE, COMMON_PLACES, Place, problems_at

Step = ReportDraft.Step


class StepForm(forms.Form):
    """`kept` are the fields of the draft that this step is about, by the same names."""

    kept: tuple[str, ...] = ()

    def __init__(self, data: Any = None, *, draft: ReportDraft, homes: list[Dwelling]) -> None:
        super().__init__(data, initial={name: getattr(draft, name) for name in self.kept})
        self.draft = draft

    def said(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.kept}


class WhoForm(StepForm):
    kept = ("relation", "other_name", "other_number", "other_place")

    whom = forms.ChoiceField(
        label=_("Pour qui signalez-vous ce problème ?"),
        choices=[("me", _("Pour moi, ou pour mon logement")), ("other", _("Pour quelqu’un d’autre"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez une réponse.")},
    )
    relation = forms.ChoiceField(
        label=_("Qui est cette personne ?"),
        choices=[("", _("Choisir…")), *ReportDraft.Relation.choices],
        required=False,
    )
    other_name = LineField(label=_("Son nom"), max_length=100, required=False)
    other_number = PhoneField(label=_("Son téléphone"), required=False)
    other_place = LineField(
        label=_("Son logement, si ce n’est pas le vôtre"),
        max_length=100,
        required=False,
        help_text=_("L’étage et la porte. Si cette personne habite un autre immeuble, appelez-nous."),
    )
    dwelling = forms.ChoiceField(label=_("Quel logement ?"), widget=forms.RadioSelect)

    def __init__(self, data: Any = None, *, draft: ReportDraft, homes: list[Dwelling]) -> None:
        super().__init__(data, draft=draft, homes=homes)
        self.homes = {str(home.pk): home for home in homes}
        if Step.WHO in draft.done:
            self.initial["whom"] = "other" if draft.is_for_another else "me"
        if len(homes) > 1:
            choices = [(pk, f"{home.residence}, {home}") for pk, home in self.homes.items()]
            self.fields["dwelling"].choices = choices  # type: ignore[attr-defined]
            self.initial["dwelling"] = draft.dwelling_id
        else:
            del self.fields["dwelling"]

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("whom") == "other":
            for name, missing in {
                "relation": gettext("Dites qui est cette personne pour vous."),
                "other_name": gettext("Donnez son nom."),
                "other_number": gettext("Donnez son téléphone : nous devons pouvoir la prévenir."),
            }.items():
                if not self.cleaned_data.get(name) and name not in self.errors:
                    self.add_error(name, missing)
        else:
            for name in self.kept:
                self.errors.pop(name, None)
                self.cleaned_data[name] = ""
        return self.cleaned_data

    def said(self) -> dict[str, Any]:
        only = next(iter(self.homes), "")
        return super().said() | {"dwelling": self.homes.get(self.cleaned_data.get("dwelling", only))}


class PlaceForm(StepForm):
    kept = ("place",)

    place = forms.ChoiceField(
        label=_("Où est le problème ?"),
        choices=Place,
        widget=forms.RadioSelect,
        error_messages={"required": _("Touchez l’image de l’endroit.")},
    )

    @property
    def in_the_dwelling(self) -> list[Place]:
        return [place for place in Place if place not in COMMON_PLACES]

    @property
    def in_the_building(self) -> list[Place]:
        return [place for place in Place if place in COMMON_PLACES]


class ProblemForm(StepForm):
    kept = ("problem_code",)

    problem_code = forms.ChoiceField(
        label=_("Que se passe-t-il ?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez ce qui ressemble le plus. Sinon, « Autre problème ».")},
    )

    def __init__(self, data: Any = None, *, draft: ReportDraft, homes: list[Dwelling]) -> None:
        super().__init__(data, draft=draft, homes=homes)
        self.problems = problems_at(draft.place)
        choices = [(problem.code, problem.label) for problem in self.problems]
        self.fields["problem_code"].choices = choices  # type: ignore[attr-defined]


class QuestionsForm(StepForm):
    def __init__(self, data: Any = None, *, draft: ReportDraft, homes: list[Dwelling]) -> None:
        super().__init__(data, draft=draft, homes=homes)
        was_asked = Step.QUESTIONS in draft.done
        for question in draft.problem.questions if draft.problem else ():
            answered = {True: "yes", False: "no", None: "unknown" if was_asked else ""}
            self.fields[question.code] = forms.ChoiceField(
                label=gettext(question.text),
                choices=[("yes", _("Oui")), ("no", _("Non")), ("unknown", _("Je ne sais pas"))],
                widget=forms.RadioSelect,
                initial=answered[draft.answers.get(question.code)],
                error_messages={"required": _("Répondez, même par « Je ne sais pas ».")},
            )

    def said(self) -> dict[str, Any]:
        known = {code: value == "yes" for code, value in self.cleaned_data.items() if value != "unknown"}
        return {"answers": known}


class DetailsForm(StepForm):
    kept = ("description",)

    description = forms.CharField(
        label=_("Ce que vous voyez, en quelques mots"),
        max_length=1800,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    @property
    def needs_words(self) -> bool:
        return self.draft.problem_code == ANYTHING_ELSE

    def clean_description(self) -> str:
        said: str = self.cleaned_data["description"]
        if self.needs_words and not said and "continue" in self.data:
            raise ValidationError(gettext("Dites en quelques mots ce qui ne va pas."))
        return said


class VisitForm(StepForm):
    kept = ("availability", "contact_number")

    availability = forms.MultipleChoiceField(
        label=_("Quand quelqu’un peut-il ouvrir ?"),
        choices=Availability,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choisissez au moins un moment.")},
    )
    contact_number = PhoneField(
        label=_("À quel numéro vous joindre ?"),
        required=False,
        help_text=_("Laissez vide si vous préférez que l’on vous écrive."),
    )

    def __init__(self, data: Any = None, *, draft: ReportDraft, homes: list[Dwelling]) -> None:
        super().__init__(data, draft=draft, homes=homes)
        if Step.VISIT not in draft.done:
            self.initial["contact_number"] = draft.person.phones.order_by("pk").values_list("number", flat=True).first()


FORMS: dict[Step, type[StepForm]] = {
    Step.WHO: WhoForm,
    Step.PLACE: PlaceForm,
    Step.PROBLEM: ProblemForm,
    Step.QUESTIONS: QuestionsForm,
    Step.DETAILS: DetailsForm,
    Step.VISIT: VisitForm,
}


class LinkForm(forms.Form):
    """Where somebody wants their link sent: a number in any spelling, or an e-mail address."""

    to = LineField(
        label=_("Votre téléphone ou votre adresse e-mail"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "on"}),
        error_messages={"required": _("Écrivez votre numéro ou votre adresse e-mail.")},
    )

    def clean_to(self) -> str:
        typed: str = self.cleaned_data["to"]
        if "@" in typed:
            return forms.EmailField().clean(typed).lower()
        number = PhoneField().clean(typed)
        if not can_receive_texts(number):
            raise ValidationError(gettext("Ce numéro ne reçoit pas de SMS. Donnez un portable, ou une adresse e-mail."))
        return number
