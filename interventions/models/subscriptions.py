from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q

from accounts.models import Person, User
from interventions.models.estate import Landlord
from privacy.registry import registry
from privacy.retention import due


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def living(self) -> Self:
        return self.exclude(state=Subscription.State.ENDED)


class Subscription(models.Model):
    """A tenant's subscription (abonnement) to the service that their landlord offers them here."""

    class State(models.TextChoices):
        ASKED = "asked", "Demandé"
        ACTIVE = "active", "En cours"
        ENDED = "ended", "Terminé"

    person = models.ForeignKey(Person, verbose_name="abonné", on_delete=models.PROTECT, related_name="subscriptions")
    landlord = models.ForeignKey(
        Landlord, verbose_name="bailleur", on_delete=models.PROTECT, related_name="subscriptions"
    )
    state = models.CharField("état", max_length=8, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField("demandé le")
    identity_asked_at = models.DateTimeField("pièce d’identité demandée le", null=True, blank=True)
    started_on = models.DateField("depuis le", null=True, blank=True)
    ended_on = models.DateField("jusqu’au", null=True, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = "abonnement"
        constraints = [
            models.UniqueConstraint(
                fields=["person", "landlord"], condition=~Q(state="ended"), name="subscription_one_living_a_landlord"
            ),
            models.CheckConstraint(
                condition=Q(state="asked", started_on=None, ended_on=None)
                | Q(state="active", started_on__isnull=False, ended_on=None)
                | Q(state="ended", ended_on__isnull=False),
                name="subscription_state_has_its_dates",
            ),
            models.CheckConstraint(
                condition=Q(started_on=None) | Q(ended_on=None) | Q(ended_on__gte=F("started_on")),
                name="subscription_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"abonnement {self.pk}"


class IdentityDocumentQuerySet(models.QuerySet["IdentityDocument"]):
    def waiting(self, *, now: datetime) -> Self:
        """Those to verify, without what is due, purged or not."""
        return due.unexpired(self.filter(verified_at=None), registry.datasets[IdentityDocument], now=now)


class IdentityDocumentQuerySet(models.QuerySet["IdentityDocument"]):
    def waiting(self, *, now: datetime) -> Self:
        """Those to verify, without what is due, purged or not."""
        return due.unexpired(self.filter(verified_at=None), registry.datasets[IdentityDocument], now=now)


class IdentityDocument(models.Model):
    """
    A copy of an identity document, encrypted until somebody has verified it, and then gone with its key (CNIL,
    SAN-2020-008). What stays is that it was verified, what kind it was, when, and by whom.
    """

    class Kind(models.TextChoices):
        CARD = "card", "Carte d’identité"
        PASSPORT = "passport", "Passeport"
        RESIDENCE = "residence", "Titre de séjour"
        LICENCE = "licence", "Permis de conduire"

    class Format(models.TextChoices):
        JPEG = "image/jpeg", "JPEG"
        PDF = "application/pdf", "PDF"

    subscription = models.ForeignKey(
        Subscription, verbose_name="abonnement", on_delete=models.CASCADE, related_name="identity_documents"
    )
    kind = models.CharField("pièce", max_length=10, choices=Kind)
    received_at = models.DateTimeField("reçue le", db_index=True)
    file = models.FileField("copie chiffrée", upload_to="identity", blank=True)
    wrapped_key = models.BinaryField("clé chiffrée", null=True, blank=True)
    content_type = models.CharField("format", max_length=20, choices=Format)
    size = models.PositiveIntegerField("taille", help_text="En octets, en clair.")
    verified_at = models.DateTimeField("vérifiée le", null=True, blank=True)
    verified_by = models.ForeignKey(
        User, verbose_name="vérifiée par", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = IdentityDocumentQuerySet.as_manager()

    objects = IdentityDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "pièce d’identité"
        verbose_name_plural = "pièces d’identité"
        constraints = [
            models.CheckConstraint(
                condition=Q(verified_at=None, verified_by=None, wrapped_key__isnull=False) & ~Q(file="")
                | Q(verified_at__isnull=False, verified_by__isnull=False, wrapped_key=None, file=""),
                name="identity_document_goes_when_verified",
            ),
            models.UniqueConstraint(
                fields=["subscription"], condition=Q(verified_at=None), name="identity_document_one_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"pièce {self.pk}"
