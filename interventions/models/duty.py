"""A landlord's own duty rota (cadres d'astreinte), and what its duty managers decided."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from interventions.models.estate import Landlord, LandlordContact
from interventions.models.interventions import Intervention
from interventions.models.spending import SpendingApproval


class DutyShiftQuerySet(models.QuerySet["DutyShift"]):
    def of(self, landlord: Landlord | int) -> Self:
        return self.filter(contact__landlord=landlord)

    def at(self, moment: datetime) -> Self:
        return self.filter(starts_at__lte=moment, ends_at__gt=moment)

    def between(self, starts_at: datetime, ends_at: datetime) -> Self:
        """Those that have a part of it."""
        return self.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)


class DutyShift(models.Model):
    """A landlord's contact is on duty, from one moment to another. Rank 1 is called first, then 2, and so on."""

    contact = models.ForeignKey(
        LandlordContact, verbose_name="cadre", on_delete=models.CASCADE, related_name="duty_shifts"
    )
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin", db_index=True)
    rank = models.PositiveSmallIntegerField("rang", default=1)

    objects = DutyShiftQuerySet.as_manager()

    class Meta:
        verbose_name = "astreinte d’un bailleur"
        verbose_name_plural = "astreintes des bailleurs"
        ordering = ["starts_at", "rank", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="duty_in_order"),
            models.CheckConstraint(condition=Q(rank__gte=1), name="duty_rank_from_one"),
        ]

    def __str__(self) -> str:
        return f"astreinte de bailleur {self.pk}"


class DutyDecision(models.Model):
    """What goes beyond the landlord's instructions: asked of its duty manager, and answered on the telephone."""

    class Answer(models.TextChoices):
        APPROVED = "approved", "Accepte"
        REFUSED = "refused", "Refuse"
        OTHER = "other", "Décide autre chose"

    intervention = models.ForeignKey(Intervention, on_delete=models.CASCADE, related_name="duty_decisions")
    approval = models.OneToOneField(
        SpendingApproval,
        verbose_name="dépense à accorder",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="duty_decision",
    )
    question = models.CharField("question", max_length=300)
    asked_at = models.DateTimeField("posée le")
    asked_by = models.ForeignKey(User, verbose_name="posée par", on_delete=models.PROTECT, related_name="+")
    answer = models.CharField("décision", max_length=10, choices=Answer, blank=True, default="")
    words = models.CharField("ses mots", max_length=300, blank=True)
    decided_at = models.DateTimeField("décidé le", null=True, blank=True)
    noted_by = models.ForeignKey(
        User, verbose_name="notée par", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "décision du cadre d’astreinte"
        verbose_name_plural = "décisions des cadres d’astreinte"
        ordering = ["asked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="", decided_at=None, noted_by=None)
                | (~Q(answer="") & Q(decided_at__isnull=False, noted_by__isnull=False)),
                name="duty_decision_has_its_moment",
            ),
            models.CheckConstraint(condition=~Q(answer="other") | ~Q(words=""), name="duty_other_says_what"),
            models.UniqueConstraint(
                fields=["intervention"], condition=Q(decided_at=None), name="duty_one_question_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"décision {self.pk}"


class DutyCall(models.Model):
    """One call to a duty manager about a question: reached or not."""

    decision = models.ForeignKey(DutyDecision, on_delete=models.CASCADE, related_name="calls")
    contact = models.ForeignKey(
        LandlordContact, verbose_name="qui", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    called_at = models.DateTimeField("appelé le")
    reached = models.BooleanField("joint")
    by = models.ForeignKey(User, verbose_name="par", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "appel d’un cadre d’astreinte"
        verbose_name_plural = "appels des cadres d’astreinte"
        ordering = ["called_at", "pk"]

    def __str__(self) -> str:
        return f"appel d’un cadre {self.pk}"
