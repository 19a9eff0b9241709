from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Person, User
from interventions.models.estate import Dwelling, Residence
from interventions.models.interventions import Intervention
from privacy.working_days import next_working_day


class EmergencyAlertQuerySet(models.QuerySet["EmergencyAlert"]):
    def unreviewed(self) -> Self:
        return self.filter(reviewed_at=None)


class EmergencyAlert(models.Model):
    """
    An emergency service told by telephone: for an intervention, or for a call that has none.

    A life may be at stake: nothing forbids it, and a supervisor looks at each on the next working day. `danger` is
    from a list and never tells anybody's health.
    """

    class Service(models.TextChoices):
        FIRE = "fire", "Pompiers"
        POLICE = "police", "Police"
        SAMU = "samu", "SAMU"

    class Danger(models.TextChoices):
        FIRE = "fire", "Feu ou fumée"
        GAS = "gas", "Odeur de gaz"
        CARBON_MONOXIDE = "carbon_monoxide", "Monoxyde de carbone possible"
        ELECTRICITY = "electricity", "Danger électrique"
        FLOOD = "flood", "Inondation"
        COLLAPSE = "collapse", "Effondrement"
        TRAPPED = "trapped", "Personne bloquée"
        LIFE = "life", "Vie en danger"
        VIOLENCE = "violence", "Violences ou intrusion"

    class Outcome(models.TextChoices):
        JUSTIFIED = "justified", "Appel justifié"
        NOT_NEEDED = "not_needed", "Appel évitable, vu avec l’agent"
        NOTHING_SAID = "nothing_said", "Rien n’a été dit aux secours"

    intervention = models.ForeignKey(
        Intervention, null=True, blank=True, on_delete=models.CASCADE, related_name="emergency_alerts"
    )
    dwelling = models.ForeignKey(
        Dwelling, verbose_name="logement", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    person = models.ForeignKey(
        Person, verbose_name="personne", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    number = models.CharField("numéro à rappeler", max_length=16, blank=True)
    service = models.CharField("service", max_length=10, choices=Service)
    danger = models.CharField("danger", max_length=20, choices=Danger)
    at = models.DateTimeField("prévenus le")
    by = models.ForeignKey(User, verbose_name="par", on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField("relu le", null=True, blank=True)
    reviewed_by = models.ForeignKey(
        User, verbose_name="relu par", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    outcome = models.CharField("conclusion", max_length=15, choices=Outcome, blank=True)
    note = models.CharField("note du superviseur", max_length=200, blank=True)

    objects = EmergencyAlertQuerySet.as_manager()

    class Meta:
        verbose_name = "appel aux secours"
        verbose_name_plural = "appels aux secours"
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["at"], name="emergency_unreviewed", condition=Q(reviewed_at=None))]
        constraints = [
            models.CheckConstraint(
                condition=Q(intervention=None) | Q(dwelling=None, person=None, number=""),
                name="emergency_of_intervention_or_call",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_at=None, reviewed_by=None, outcome="")
                | (Q(reviewed_at__isnull=False, reviewed_by__isnull=False) & ~Q(outcome="")),
                name="emergency_review_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"appel aux secours {self.pk}"

    @property
    def telephone(self) -> str:
        return {self.Service.FIRE: "18", self.Service.POLICE: "17", self.Service.SAMU: "15"}[self.Service(self.service)]

    @property
    def recipient(self) -> str:
        return f"{self.get_service_display()} ({self.telephone})"

    @property
    def residence(self) -> Residence | None:
        if self.intervention is not None:
            return self.intervention.residence
        return self.dwelling.residence if self.dwelling else None

    @property
    def place(self) -> str:
        if self.intervention is not None:
            return self.intervention.place
        return self.dwelling.place if self.dwelling else ""

    @property
    def review_due_on(self) -> date:
        return next_working_day(timezone.localdate(self.at))
