from datetime import UTC, datetime, timedelta
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import BigIntegerField
from django.utils import timezone

from accounts.forms import AmountField, LineField, PhoneField
from accounts.models import Person
from callcenter.models import Call, LogEntry
from callcenter.recordings import Reason
from interventions import rota
from interventions.lifecycle import PROMISED_AGAIN_AFTER, Slot
from interventions.models import Equipment, Incident, Intervention, Landlord, Provider, SafetyAlert, Status
from interventions.problems import PROBLEMS_BY_CODE, Priority, Problem, problem_choices
from interventions.rota import Candidate, SetAside
from privacy.models import ConsentEvent, RightsRequest

NBSP = "\N{NO-BREAK SPACE}"
LOCAL_FORMAT = "%Y-%m-%dT%H:%M"
DESK_CHANNELS = (ConsentEvent.Channel.PHONE, ConsentEvent.Channel.EMAIL, ConsentEvent.Channel.LETTER)


class MomentField(forms.DateTimeField):
    """A date and an hour in Paris, to the minute and within a year, as browsers' own picker gives them."""

    widget = forms.DateTimeInput(format=LOCAL_FORMAT, attrs={"type": "datetime-local"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            input_formats=[LOCAL_FORMAT, "%d/%m/%Y %H:%M"],
            error_messages={"invalid": "Cette date n’existe pas. Exemple" + NBSP + ": 23/11/2026 03:14."},
            **kwargs,
        )

    def to_python(self, value: Any) -> datetime | None:
        """Of the hour that October has twice, the second: what is promised for it is never past."""
        if value in self.empty_values:
            return None
        typed = cast(datetime, super(forms.DateTimeField, self).to_python(value))
        if abs(typed - timezone.localtime().replace(tzinfo=None)) > timedelta(days=366):
            raise ValidationError("Donnez une date à moins d’un an d’aujourd’hui.")
        at = typed.replace(tzinfo=timezone.get_current_timezone(), fold=1)
        if timezone.localtime(at.astimezone(UTC)).replace(tzinfo=None) != typed:
            raise ValidationError("Cette heure n’existe pas" + NBSP + ": on avance les horloges cette nuit-là.")
        return at


class CallForm(forms.Form):
    """A call that no telephone system announced."""

    direction = forms.ChoiceField(label="Sens", choices=Call.Direction, widget=forms.RadioSelect, initial="inbound")
    number = PhoneField(label="Numéro", required=False, help_text="Laissez vide s’il est masqué.")
    landlord = forms.ModelChoiceField(
        label="Bailleur", queryset=Landlord.objects.all(), required=False, empty_label="Inconnu"
    )


class CallerForm(forms.Form):
    """Puts a person into a call: as the one who speaks, or as the one the call is about."""

    person = forms.ModelChoiceField(queryset=Person.objects.current(), widget=forms.HiddenInput)
    role = forms.ChoiceField(choices=[("caller", "appelle"), ("behalf", "pour qui")], widget=forms.HiddenInput)
    relation = forms.ChoiceField(
        label="Lien avec la personne concernée", choices=[("", "Lien…"), *Call.Relation.choices], required=False
    )


class OutcomeForm(forms.Form):
    """What came of the call; the promised time is only for a callback."""

    outcome = forms.ChoiceField(
        label="Issue de l’appel",
        choices=[
            ("", "Choisir…"),
            *((code, label) for code, label in Call.Outcome.choices if code != Call.Outcome.MISSED),
        ],
    )
    promised_at = MomentField(label="Rappel promis pour", required=False)


class ProblemForm(forms.Form):
    """The first half of opening an intervention: what is wrong. The script follows from it."""

    problem = forms.ChoiceField(label="Problème", choices=lambda: [("", "Choisir…"), *problem_choices()])


class TriageForm(forms.Form):
    """The script's questions, yes or no; no answer is not asked."""

    def __init__(self, problem: Problem, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in problem.questions:
            self.fields[f"answer_{question.code}"] = forms.ChoiceField(
                label=question.text, choices=[("yes", "Oui"), ("no", "Non")], widget=forms.RadioSelect, required=False
            )

    def answers(self) -> dict[str, bool]:
        """What was answered so far, whether or not the rest of the page is filled in."""
        self.is_valid()
        given = {name.removeprefix("answer_"): value for name, value in self.cleaned_data.items() if value}
        return {code: value == "yes" for code, value in given.items()}


class InterventionForm(forms.Form):
    """The second half: what the agent confirms of what was suggested."""

    description = forms.CharField(
        label="Précisions", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    contact_number = PhoneField(label="Numéro à rappeler", required=False)
    priority = forms.ChoiceField(label="Priorité", choices=Priority, widget=forms.RadioSelect)
    on_site_by = MomentField(label="Sur place avant")
    override_reason = LineField(
        label="Pourquoi s’en écarter",
        max_length=200,
        required=False,
        help_text="Si vous changez la priorité ou le délai suggérés.",
    )
    incident = forms.ChoiceField(label="Incident en cours", required=False)

    def __init__(self, *args: Any, incidents: list[Incident], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.incidents = {str(incident.pk): incident for incident in incidents}
        labels = [(pk, str(incident.equipment or incident.problem.label)) for pk, incident in self.incidents.items()]
        self.fields["incident"].choices = [("", "Aucun"), *labels]  # type: ignore[attr-defined]

    def clean_incident(self) -> Incident | None:
        return self.incidents.get(self.cleaned_data["incident"])

    def clean_on_site_by(self) -> datetime:
        return suggested_unless_changed(self.cleaned_data["on_site_by"], self.initial["on_site_by"])


def suggested_unless_changed(given: datetime, suggested: datetime) -> datetime:
    """
    What was left as suggested is the suggestion, to the second, whichever of October's two same hours it falls in.
    """
    unchanged = f"{given:{LOCAL_FORMAT}}" == f"{timezone.localtime(suggested):{LOCAL_FORMAT}}"
    return suggested if unchanged else given


class ProviderField(forms.TypedChoiceField):
    """Those of `rota.Weighing.choosable`, in this order; the template shows each with its number and its reason."""

    def __init__(self, choosable: list[Candidate | SetAside]) -> None:
        self.providers = {str(one.provider.pk): one.provider for one in choosable}
        super().__init__(
            label="Prestataire",
            choices=[(one.provider.pk, one) for one in choosable],
            widget=forms.RadioSelect,
            coerce=self.providers.__getitem__,
            error_messages={"required": "Choisissez le prestataire."},
        )
        self.template_name = "console/candidates.html"


class StepForm(forms.Form):
    """One step of an intervention, with what this step must say."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    provider = forms.ModelChoiceField(label="Prestataire", queryset=Provider.objects.none(), required=False)
    suggested = forms.ModelChoiceField(queryset=Provider.objects.all(), required=False, widget=forms.HiddenInput)
    starts_at = MomentField(label="Rendez-vous, début", required=False)
    ends_at = MomentField(label="Rendez-vous, fin", required=False)
    on_site_by = MomentField(
        label="Sur place avant", required=False, help_text="Une nouvelle promesse, pour ce passage."
    )
    reason = LineField(label="Pourquoi", max_length=500, required=False)
    priority = forms.ChoiceField(label="Priorité", choices=Priority, widget=forms.RadioSelect)

    def __init__(self, intervention: Intervention, to: Status, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.intervention, self.to, self.now = intervention, to, now
        self.fields["version"].initial = intervention.version
        if to == Status.DISPATCHED:
            self.suggest_providers()
        else:
            del self.fields["provider"], self.fields["suggested"]
        if to == Status.APPOINTMENT:
            self.fields["starts_at"].required = self.fields["ends_at"].required = True
        else:
            del self.fields["starts_at"], self.fields["ends_at"]
        if self.confirms_a_report:
            self.initial.update(priority=intervention.suggested_priority, on_site_by=intervention.suggested_on_site_by)
            self.fields["on_site_by"].required = True
            self.fields["on_site_by"].help_text = "Suggéré par les réponses du locataire."
            self.fields["reason"] = LineField(
                label="Pourquoi s’en écarter",
                max_length=200,
                required=False,
                help_text="Si vous changez la priorité ou le délai suggérés.",
            )
            self.order_fields(["version", "priority", "on_site_by", "reason"])
        else:
            del self.fields["priority"]
            if to != Status.DISPATCHED or intervention.status not in PROMISED_AGAIN_AFTER:
                del self.fields["on_site_by"]

    def suggest_providers(self) -> None:
        """In the order they are suggested, the first one chosen; whom the agent read first comes back with the form."""
        weighed = rota.weigh_for(self.intervention, now=self.now)
        first = weighed.candidates[0].provider.pk if weighed.candidates else None
        self.fields["provider"] = ProviderField(weighed.choosable)
        self.initial.update(provider=first, suggested=first)
        self.fields["reason"].label = "Pourquoi un autre que le premier"
        self.fields["reason"].help_text = "Si vous n’envoyez pas celui qui est suggéré."

    def clean(self) -> None:
        """Departing from the suggestion needs a reason, asked for where it is written."""
        suggested, chosen = self.cleaned_data.get("suggested"), self.cleaned_data.get("provider")
        if suggested and chosen and suggested != chosen and not self.cleaned_data.get("reason"):
            self.add_error("reason", f"Dites pourquoi vous n’envoyez pas {suggested}.")

    @property
    def confirms_a_report(self) -> bool:
        """What a tenant told on the portal waits for an agent's word on its priority."""
        return (self.intervention.status, self.to) == (Status.RECEIVED, Status.QUALIFIED)

    def clean_on_site_by(self) -> datetime | None:
        given: datetime | None = self.cleaned_data["on_site_by"]
        if given is None or not self.confirms_a_report:
            return given
        return suggested_unless_changed(given, self.intervention.suggested_on_site_by)

    @property
    def says_something(self) -> bool:
        """Whether more than the step itself was filled in."""
        return any(value for name, value in self.cleaned_data.items() if name not in ("version", "suggested"))

    def again(self) -> "StepForm":
        """What was typed, on the intervention as it is now: for the agent to read, then to send or drop."""
        current = Intervention.objects.get(pk=self.intervention.pk)
        said = {**self.data.dict(), "version": current.version}  # type: ignore[attr-defined]
        return StepForm(current, self.to, said, now=self.now)

    def slot(self) -> Slot | None:
        if "starts_at" not in self.fields:
            return None
        return Slot(self.cleaned_data["starts_at"], self.cleaned_data["ends_at"])


class ReviewForm(forms.Form):
    """A priority that its person asked to have looked at again."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    priority = forms.ChoiceField(label="Priorité", choices=Priority, widget=forms.RadioSelect)
    on_site_by = MomentField(label="Sur place avant")
    reason = LineField(label="Pourquoi", max_length=500, help_text="La personne le lira dans notre réponse.")

    def __init__(self, intervention: Intervention, data: Any) -> None:
        super().__init__(
            data, initial={name: getattr(intervention, name) for name in self.base_fields if name != "reason"}
        )

    def clean_on_site_by(self) -> datetime:
        return suggested_unless_changed(self.cleaned_data["on_site_by"], self.initial["on_site_by"])


class RequesterForm(forms.Form):
    """Who exercises a right on the telephone, and how sure we are that it is they."""

    sure = forms.BooleanField(
        label="Je sais que c’est cette personne",
        required=False,
        help_text="Je l’ai rappelée à un numéro de sa fiche, ou elle appelle de ce numéro. Sinon, on le vérifie avant "
        "d’agir.",
    )
    requester = forms.ChoiceField(
        label="Qui demande", choices=RightsRequest.Requester, widget=forms.RadioSelect, initial="self"
    )
    requester_name = LineField(label="Nom de qui demande", max_length=200, required=False)
    number = PhoneField(label="Numéro pour lui répondre", required=False)
    email = forms.EmailField(label="Adresse e-mail pour lui répondre", required=False)

    def __init__(self, *args: Any, has_record: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.has_record = has_record
        if not has_record:
            del self.fields["sure"]
            self.fields["requester_name"].required = True
            self.fields["requester_name"].help_text = "Tel que la personne l’épelle."

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        another = said.get("requester") not in (None, RightsRequest.Requester.SELF)
        if another and not said.get("requester_name") and "requester_name" not in self.errors:
            self.add_error("requester_name", "Dites qui demande pour cette personne.")
        nowhere = not said.get("number") and not said.get("email")
        if not self.has_record and nowhere and not {"number", "email"} & {*self.errors}:
            self.add_error("number", "Donnez un numéro ou une adresse pour lui répondre.")
        return said

    def who(self) -> dict[str, Any]:
        """As `intake.receive` takes it. Who speaks for somebody has yet to prove that they may."""
        said = self.cleaned_data
        certain = said.get("sure") and said["requester"] == RightsRequest.Requester.SELF
        return {
            "requester": said["requester"],
            "requester_name": said["requester_name"],
            "reply_to": said["email"] or said["number"],
            "identity": RightsRequest.Identity.KNOWN if certain else RightsRequest.Identity.UNPROVED,
        }


class EntryForm(forms.Form):
    """A line of the main courante. `justification` is asked for only after a sensitive word was found."""

    kind = forms.ChoiceField(
        label="Nature", choices=[choice for choice in LogEntry.Kind.choices if choice[0] != LogEntry.Kind.CORRECTION]
    )
    text = forms.CharField(label="Texte", max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
    justification = LineField(label="Pourquoi ces mots sont nécessaires", max_length=200, required=False)


class SeenForm(forms.Form):
    """Of a tenant’s messages, those up to the one numbered `seen`."""

    seen = forms.IntegerField(min_value=0, max_value=BigIntegerField.MAX_BIGINT)


class AnswerForm(SeenForm):
    """A word to a tenant, which answers these."""

    text = forms.CharField(label="Message", max_length=2000)


class ComplaintAnswerForm(forms.Form):
    text = forms.CharField(label="Réponse", max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))


class CorrectionForm(forms.Form):
    text = forms.CharField(label="Ce qu’il fallait lire", max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
    justification = LineField(label="Pourquoi ces mots sont nécessaires", max_length=200, required=False)


class SpendingForm(forms.Form):
    """An amount above the limit, as a provider tells it on the telephone."""

    amount = AmountField(label="Montant (€ HT)")
    what = LineField(label="Pour quoi", max_length=200)


class CallbackForm(forms.Form):
    promised_at = MomentField(label="Promis pour")


class ReasonForm(forms.Form):
    reason = LineField(label="Pourquoi", max_length=500)


class IncidentForm(forms.Form):
    problem = forms.ChoiceField(label="Problème", choices=lambda: [("", "Choisir…"), *problem_choices()])
    equipment = forms.ModelChoiceField(
        label="Équipement", queryset=Equipment.objects.none(), required=False, empty_label="Aucun en particulier"
    )

    def __init__(self, *args: Any, equipment: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["equipment"].queryset = equipment  # type: ignore[attr-defined]

    def clean_problem(self) -> Problem:
        return PROBLEMS_BY_CODE[self.cleaned_data["problem"]]


class AlertForm(forms.ModelForm):
    kind = forms.ChoiceField(label="Danger", choices=[("", "Choisir…"), *SafetyAlert.Kind.choices])
    instruction = LineField(label="Consigne", max_length=200, help_text="Ce qu’il faut faire.")
    expires_on = forms.DateField(label="Jusqu’au", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))

    class Meta:
        model = SafetyAlert
        fields = ["kind", "instruction", "expires_on"]

    def clean_expires_on(self) -> Any:
        expires_on = self.cleaned_data["expires_on"]
        today = timezone.localdate()
        if not today <= expires_on <= today + timedelta(days=366):
            raise ValidationError("Une alerte dure d’un jour à un an.")
        return expires_on


class ListeningForm(forms.Form):
    """Why somebody listens to a recording: chosen and numbered, never told."""

    reason = forms.TypedChoiceField(
        label="Pourquoi l’écouter", choices=[("", "Choisir…"), *Reason.choices], coerce=Reason
    )
    case = forms.IntegerField(
        label="Numéro du dossier",
        min_value=1,
        max_value=999_999_999,
        help_text="De l’intervention, de la réclamation, de la demande ou de l’appel. Le journal le garde.",
    )


class ConsentForm(forms.Form):
    """What a person says about one purpose, as an agent notes it."""

    answer = forms.ChoiceField(
        choices=[(ConsentEvent.Answer.GIVEN, "donne"), (ConsentEvent.Answer.WITHDRAWN, "retire")]
    )
    channel = forms.ChoiceField(label="Par", choices=[(each.value, each.label) for each in DESK_CHANNELS])


class LinkForm(forms.Form):
    """One of the person's own numbers or addresses: nothing is typed, so nothing is sent to a stranger."""

    to = forms.ChoiceField(label="Envoyer à", widget=forms.RadioSelect)

    def __init__(self, *args: Any, reachable: list[tuple[Person, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reachable = reachable
        choices = [(str(number), address) for number, (_, address) in enumerate(reachable)]
        self.fields["to"].choices = choices  # type: ignore[attr-defined]

    def clean_to(self) -> tuple[Person, str]:
        return self.reachable[int(self.cleaned_data["to"])]
