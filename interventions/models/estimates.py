from datetime import date
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.roles import ADMIN_SITE_ROLES, Role
from interventions.models.billing import VAT_PERCENT, BilledLine, MadeOut, VatRate
from interventions.models.interventions import Intervention


class EstimateQuerySet(models.QuerySet["Estimate"]):
    def visible_to(self, user: User) -> Self:
        if user.role in ADMIN_SITE_ROLES - {Role.DPO}:
            return self
        if user.role == Role.TENANT and user.person_id is not None:
            return self.filter(person=user.person_id).exclude(offered_at=None)
        return self.none()

    def waiting(self, *, on: date) -> Self:
        """Offered, not answered, and still valid."""
        return self.filter(answered_at=None, valid_until__gte=on).exclude(offered_at=None)


class Estimate(MadeOut):
    """What work at a tenant's expense will cost (devis): it begins once they have accepted, in the portal."""

    intervention = models.ForeignKey(
        Intervention, verbose_name="intervention", on_delete=models.CASCADE, related_name="estimates"
    )
    prepared_at = models.DateTimeField("préparé le")
    prepared_by = models.ForeignKey(
        User, verbose_name="préparé par", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    offered_at = models.DateTimeField("proposé le", null=True, blank=True)
    valid_until = models.DateField("valable jusqu’au")
    answered_at = models.DateTimeField("répondu le", null=True, blank=True)
    accepted = models.BooleanField("accepté", null=True, blank=True)
    attested_at = models.DateTimeField("logement de plus de deux ans certifié le", null=True, blank=True)

    objects = EstimateQuerySet.as_manager()

    class Meta(MadeOut.Meta):
        abstract = False
        verbose_name = "devis"
        verbose_name_plural = "devis"
        ordering = ["-prepared_at"]
        constraints = [
            *MadeOut.Meta.constraints,
            models.CheckConstraint(
                condition=Q(answered_at=None, accepted=None)
                | Q(answered_at__isnull=False, accepted__isnull=False, offered_at__isnull=False),
                name="estimate_is_offered_before_it_is_answered",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"D-{self.pk:06d}"


class EstimateLine(BilledLine):
    estimate = models.ForeignKey(Estimate, verbose_name="devis", on_delete=models.CASCADE, related_name="lines")

    class Meta(BilledLine.Meta):
        abstract = False
        verbose_name = "ligne de devis"
        verbose_name_plural = "lignes de devis"

    def __str__(self) -> str:
        return f"ligne {self.pk}"

    @property
    def vat_percent(self) -> Decimal:
        return VAT_PERCENT[VatRate(self.vat)]
