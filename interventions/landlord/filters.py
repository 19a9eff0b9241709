from datetime import datetime, time, timedelta

from django import forms
from django.db.models import QuerySet, TextChoices

from accounts.models import User
from interventions.models import Intervention, Residence, Status
from interventions.problems import PROBLEMS, Trade
from privacy.retention.due import PARIS


class State(TextChoices):
    OPEN = "en-cours", "En cours"
    LATE = "en-retard", "En retard"
    ENDED = "terminees", "Terminées"
    CANCELLED = "annulees", "Annulées ou hors périmètre"


class Filters(forms.Form):
    """What a list of interventions is narrowed to, by its address."""

    debut = forms.DateField(label="Ouvertes depuis le", required=False, widget=forms.DateInput({"type": "date"}))
    fin = forms.DateField(label="Jusqu’au", required=False, widget=forms.DateInput({"type": "date"}))
    residence = forms.ModelChoiceField(
        Residence.objects.none(), label="Résidence", required=False, empty_label="Toutes les résidences"
    )
    metier = forms.ChoiceField(label="Métier", required=False, choices=[("", "Tous les métiers"), *Trade.choices])
    etat = forms.ChoiceField(label="État", required=False, choices=[("", "Tous les états"), *State.choices])

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        residences = self.fields["residence"]
        assert isinstance(residences, forms.ModelChoiceField)
        residences.queryset = Residence.objects.visible_to(user).order_by("name", "pk")

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("debut"), cleaned.get("fin")
        if since and until and until < since:
            self.add_error("fin", "La fin de la période vient avant son début.")
        return cleaned

    @property
    def narrows(self) -> bool:
        return any(self.cleaned_data.values())

    def apply(self, interventions: QuerySet[Intervention], *, now: datetime) -> QuerySet[Intervention]:
        asked = self.cleaned_data
        if asked["debut"]:
            interventions = interventions.filter(opened_at__gte=datetime.combine(asked["debut"], time(), PARIS))
        if asked["fin"]:
            after = datetime.combine(asked["fin"] + timedelta(days=1), time(), PARIS)
            interventions = interventions.filter(opened_at__lt=after)
        if asked["residence"]:
            interventions = interventions.filter(residence=asked["residence"])
        if asked["metier"]:
            codes = [problem.code for problem in PROBLEMS if problem.trade == asked["metier"]]
            interventions = interventions.filter(problem_code__in=codes)
        match asked["etat"]:
            case State.OPEN:
                return interventions.filter(closed_at=None)
            case State.LATE:
                return interventions.filter(pk__in=Intervention.objects.overdue(now=now).values("pk"))
            case State.ENDED:
                return interventions.filter(status=Status.CLOSED)
            case State.CANCELLED:
                return interventions.filter(status__in=(Status.CANCELLED, Status.REFUSED))
        return interventions
