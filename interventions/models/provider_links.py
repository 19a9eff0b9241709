from typing import Self

from django.db import models
from django.db.models import Q

from interventions.models.interventions import Intervention
from interventions.models.providers import Provider
from interventions.problems import Priority
from privacy.restriction import unrestricted


class ProviderLinkQuerySet(models.QuerySet["ProviderLink"]):
    def alive(self) -> Self:
        """Not while the data of whom the job is for are restricted, but for an emergency."""
        emergency = Q(intervention__priority=Priority.EMERGENCY)
        theirs = self.filter(ended_at=None, intervention__closed_at=None)
        return unrestricted(theirs, "intervention__occupant", "intervention__reported_by", but=emergency)


class ProviderLink(models.Model):
    """
    What a provider opens its job with. It lives as long as the job: closing, cancelling and reassigning end it.

    Only the token's SHA-256 is kept.
    """

    intervention = models.ForeignKey(Intervention, on_delete=models.CASCADE, related_name="links")
    provider = models.ForeignKey(Provider, verbose_name="prestataire", on_delete=models.PROTECT, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField("créé le")
    first_opened_at = models.DateTimeField("ouvert le", null=True, blank=True)
    last_opened_at = models.DateTimeField("ouvert en dernier le", null=True, blank=True)
    opened = models.PositiveIntegerField("ouvertures", default=0, db_default=0)
    ended_at = models.DateTimeField("mort le", null=True, blank=True, db_index=True)

    objects = ProviderLinkQuerySet.as_manager()

    class Meta:
        verbose_name = "lien de prestataire"
        verbose_name_plural = "liens de prestataires"
        constraints = [
            models.UniqueConstraint(
                fields=["intervention"], condition=models.Q(ended_at=None), name="provider_link_one_alive"
            )
        ]

    def __str__(self) -> str:
        return f"lien {self.pk}"
