from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone

from accounts.models import Person, User
from interventions.models.estate import Landlord
from interventions.models.interventions import Intervention

ANSWER_WITHIN = timedelta(days=30)  # a target of the service: the law sets none


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    def visible_to(self, user: User) -> Self:
        """The desk answers them all, a person reads their own."""
        return self if user.is_desk else self.filter(person=user.person_id)

    def open(self) -> Self:
        return self.filter(answered_at=None)


class Complaint(models.Model):
    """A complaint (réclamation). It ends with its final answer, or 60 days after its last exchange."""

    landlord = models.ForeignKey(Landlord, verbose_name="bailleur", on_delete=models.PROTECT, related_name="complaints")
    person = models.ForeignKey(Person, verbose_name="de", on_delete=models.PROTECT, related_name="complaints")
    intervention = models.ForeignKey(
        Intervention,
        verbose_name="à propos de",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="complaints",
    )
    subject = models.CharField("objet", max_length=200)
    opened_at = models.DateTimeField("reçue le", default=timezone.now)
    last_exchange_at = models.DateTimeField("dernier échange le", default=timezone.now)
    answered_at = models.DateTimeField("réponse définitive le", null=True, blank=True, db_index=True)

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        verbose_name = "réclamation"
        indexes = [
            models.Index(fields=["last_exchange_at"], condition=models.Q(answered_at=None), name="complaint_open"),
        ]

    def __str__(self) -> str:
        return f"réclamation {self.pk}"

    @property
    def reference(self) -> str:
        return f"R{self.pk:06d}"

    @property
    def answer_by(self) -> datetime:
        return self.opened_at + ANSWER_WITHIN


class ComplaintMessage(models.Model):
    complaint = models.ForeignKey(
        Complaint, verbose_name="réclamation", on_delete=models.CASCADE, related_name="messages"
    )
    author = models.ForeignKey(
        User,
        verbose_name="auteur",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Vide quand c’est la personne elle-même.",
    )
    at = models.DateTimeField("le", default=timezone.now)
    text = models.TextField("texte", max_length=4000)

    class Meta:
        verbose_name = "échange"
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"échange {self.pk}"
