from datetime import datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from interventions.models.estate import Dwelling
from interventions.models.interventions import Availability, Intervention
from interventions.places import COMMON_PLACES, Place
from interventions.problems import PROBLEMS_BY_CODE, Problem, problem_choices
from privacy.registry import registry
from privacy.retention import due


class ReportDraftQuerySet(models.QuerySet["ReportDraft"]):
    def alive(self, *, now: datetime) -> Self:
        """Without those whose day is over, purged or not."""
        return due.unexpired(self, registry.datasets[ReportDraft], now=now)

    def unsent(self) -> Self:
        return self.filter(intervention=None)


class ReportDraft(models.Model):
    """
    What a tenant is telling on the portal, one question after the other, for a day at most. One at a time a person,
    unless two records of one person were merged: then the younger goes on.

    Once sent it says only which intervention it became, so that sending it again opens nothing.
    """

    class Step(models.TextChoices):
        """In the order they are asked. Tenants read the titles in their language."""

        WHO = "pour-qui", _("Pour qui est-ce ?")
        PLACE = "ou", _("Où est le problème ?")
        PROBLEM = "quoi", _("Que se passe-t-il ?")
        QUESTIONS = "questions", _("Répondez par oui ou par non")
        DETAILS = "precisions", _("Montrez-nous, dites-nous")
        VISIT = "passage", _("Quand pouvons-nous venir ?")

    class Relation(models.TextChoices):
        RELATIVE = "relative", _("Un membre de la famille")
        NEIGHBOUR = "neighbour", _("Un voisin ou une voisine")
        CARER = "carer", _("Une personne que j’aide")
        OTHER = "other", _("Une autre personne")

    person = models.ForeignKey(Person, verbose_name="personne", on_delete=models.CASCADE, related_name="report_drafts")
    started_at = models.DateTimeField("commencé le")
    expires_at = models.DateTimeField("valable jusqu’au", db_index=True)
    intervention = models.ForeignKey(
        Intervention, verbose_name="devenu", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    done = ArrayField(
        models.CharField(max_length=12, choices=Step), verbose_name="étapes faites", default=list, blank=True
    )
    dwelling = models.ForeignKey(
        Dwelling, verbose_name="logement", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    relation = models.CharField(
        "lien avec la personne concernée",
        max_length=10,
        choices=Relation,
        blank=True,
        help_text="Vide quand c’est la personne elle-même.",
    )
    other_name = models.CharField("nom de la personne concernée", max_length=100, blank=True)
    other_number = models.CharField("son téléphone", max_length=16, blank=True)
    other_place = models.CharField("son logement", max_length=100, blank=True)
    place = models.CharField("endroit", max_length=12, choices=Place, blank=True)
    problem_code = models.CharField("problème", max_length=40, choices=problem_choices, blank=True)
    answers = models.JSONField("réponses", default=dict, blank=True)
    description = models.TextField("précisions", max_length=2000, blank=True)
    availability = ArrayField(
        models.CharField(max_length=12, choices=Availability), verbose_name="disponibilités", default=list, blank=True
    )
    contact_number = models.CharField("numéro à rappeler", max_length=16, blank=True)

    objects = ReportDraftQuerySet.as_manager()

    class Meta:
        verbose_name = "signalement commencé"
        verbose_name_plural = "signalements commencés"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"signalement {self.pk}"

    @property
    def problem(self) -> Problem | None:
        return PROBLEMS_BY_CODE.get(self.problem_code)

    @property
    def is_for_another(self) -> bool:
        return bool(self.relation)

    @property
    def is_common(self) -> bool:
        return self.place in COMMON_PLACES

    @property
    def availability_labels(self) -> list[str]:
        return [str(Availability(code).label) for code in self.availability]

    @property
    def next_step(self) -> str:
        """The first that was not answered, or nothing once all were."""
        return next((step.value for step in self.Step if step not in self.done), "")
