from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q

from interventions.models.hotels import Hotel
from interventions.models.interventions import Intervention, intervention_reference
from interventions.models.providers import Provider

CHASED_AFTER = (timedelta(days=7), timedelta(days=15))  # of the first message


class DeletionAttestationQuerySet(models.QuerySet["DeletionAttestation"]):
    def missing(self) -> Self:
        return self.filter(attested_at=None)

    def to_chase(self, *, now: datetime) -> Self:
        """Asked once and a week old, or asked twice and fifteen days old."""
        week, fortnight = CHASED_AFTER
        return self.missing().filter(
            Q(sent__lte=1, asked_at__lte=now - week) | Q(sent__lte=2, asked_at__lte=now - fortnight)
        )


class DeletionAttestation(models.Model):
    """
    A provider whose job is over, or a hotel whose guests have left, is asked to delete what it kept, and says that it
    has (GDPR article 28(3)(g)).

    Only the SHA-256 of the last message's token is kept. When its page was opened stays here once the link is gone.
    """

    intervention = models.ForeignKey(Intervention, on_delete=models.CASCADE, related_name="attestations")
    provider = models.ForeignKey(
        Provider,
        verbose_name="prestataire",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="attestations",
    )
    hotel = models.ForeignKey(
        Hotel, verbose_name="hôtel", null=True, blank=True, on_delete=models.PROTECT, related_name="attestations"
    )
    token_hash = models.CharField(max_length=64, unique=True)
    asked_at = models.DateTimeField("demandée le")
    sent = models.PositiveSmallIntegerField("messages", default=0)
    last_sent_at = models.DateTimeField("dernier message le", null=True, blank=True)
    first_opened_at = models.DateTimeField("intervention ouverte le", null=True, blank=True)
    last_opened_at = models.DateTimeField("ouverte en dernier le", null=True, blank=True)
    opened = models.PositiveIntegerField("ouvertures", default=0)
    attested_at = models.DateTimeField("attestée le", null=True, blank=True, db_index=True)

    objects = DeletionAttestationQuerySet.as_manager()

    class Meta:
        verbose_name = "attestation d’effacement"
        verbose_name_plural = "attestations d’effacement"
        constraints = [
            models.UniqueConstraint(
                fields=["intervention", "provider", "hotel"],
                condition=Q(attested_at=None),
                nulls_distinct=False,
                name="attestation_asked_once",
            ),
            models.CheckConstraint(
                condition=Q(provider__isnull=False) ^ Q(hotel__isnull=False), name="attestation_of_one_company"
            ),
        ]

    def __str__(self) -> str:
        return f"attestation {self.pk}"

    @property
    def company(self) -> Provider | Hotel:
        company = self.provider or self.hotel
        assert company is not None
        return company

    @property
    def intervention_reference(self) -> str:
        return intervention_reference(self.intervention_id)
