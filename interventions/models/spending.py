from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models import User
from interventions.models.estate import LandlordContact
from interventions.models.interventions import Intervention
from interventions.models.providers import Provider
from privacy.restriction import unrestricted


class SpendingApprovalQuerySet(models.QuerySet["SpendingApproval"]):
    def pending(self) -> Self:
        """Nobody has decided, and there is still something to decide about."""
        waiting = self.filter(decided_at=None, intervention__closed_at=None)
        return unrestricted(waiting, "intervention__occupant", "intervention__reported_by")


class SpendingApproval(models.Model):
    """
    What a provider would spend above its limit, and what the landlord says of it.

    Whoever opens the link decides for the landlord; an agent may note what was said on the telephone. Only the token's
    SHA-256 is kept, and the link dies with the decision or the job.
    """

    intervention = models.ForeignKey(Intervention, on_delete=models.CASCADE, related_name="approvals")
    provider = models.ForeignKey(Provider, verbose_name="prestataire", on_delete=models.PROTECT, related_name="+")
    contact = models.ForeignKey(
        LandlordContact,
        verbose_name="demandé à",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Vide quand personne ne peut être joint par message.",
    )
    amount = models.DecimalField("montant (€ HT)", max_digits=9, decimal_places=2)
    limit = models.DecimalField("plafond (€ HT)", max_digits=9, decimal_places=2)
    what = models.CharField("pour quoi", max_length=200)
    asked_at = models.DateTimeField("demandé le")
    asked_by = models.ForeignKey(
        User,
        verbose_name="demandé par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Vide quand c’est le prestataire.",
    )
    token_hash = models.CharField(max_length=64, unique=True)
    approved = models.BooleanField("accordé", null=True, blank=True)
    decided_at = models.DateTimeField("décidé le", null=True, blank=True)
    noted_by = models.ForeignKey(
        User,
        verbose_name="décision notée par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Vide quand le bailleur a répondu par le lien.",
    )

    objects = SpendingApprovalQuerySet.as_manager()

    class Meta:
        verbose_name = "accord de dépense"
        verbose_name_plural = "accords de dépense"
        ordering = ["asked_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="spending_amount_is_positive"),
            models.CheckConstraint(
                condition=Q(approved=None, decided_at=None) | Q(approved__isnull=False, decided_at__isnull=False),
                name="spending_decision_has_its_moment",
            ),
            models.UniqueConstraint(
                fields=["intervention"], condition=Q(decided_at=None), name="spending_one_asked_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"accord de dépense {self.pk}"

    @property
    def is_pending(self) -> bool:
        return self.decided_at is None
