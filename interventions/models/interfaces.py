"""What a landlord's own software may ask us (a token), and what it is told as it happens (a webhook)."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.roles import Role
from interventions.models.estate import Landlord
from interventions.models.interventions import Intervention, Status
from privacy.encryption import EncryptedTextField


def landlords_of(user: User) -> models.QuerySet[Landlord]:
    """Whose interfaces this account may look after: an administrator all, a manager its own landlords."""
    if user.role == Role.ADMINISTRATOR:
        return Landlord.objects.all()
    return Landlord.objects.visible_to(user) if user.role == Role.LANDLORD_MANAGER else Landlord.objects.none()


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(landlord__in=landlords_of(user))

    def alive(self) -> Self:
        return self.filter(revoked_at=None)


class ApiToken(models.Model):
    """Lets a landlord's software read its own estate. Only the token's SHA-256 is kept; revoked, it is dead at once."""

    landlord = models.ForeignKey(Landlord, verbose_name="bailleur", on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField("pour quel logiciel", max_length=80)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField("créé le")
    created_by = models.ForeignKey(User, verbose_name="créé par", on_delete=models.PROTECT, related_name="+")
    last_used_at = models.DateTimeField("utilisé en dernier le", null=True, blank=True)
    revoked_at = models.DateTimeField("révoqué le", null=True, blank=True)
    revoked_by = models.ForeignKey(
        User, verbose_name="révoqué par", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "jeton d’accès"
        verbose_name_plural = "jetons d’accès"
        ordering = ["-created_at", "pk"]

    def __str__(self) -> str:
        return f"jeton {self.pk}"


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(landlord__in=landlords_of(user))

    def active(self) -> Self:
        return self.filter(disabled_at=None)


class Webhook(models.Model):
    """Where a landlord's software is told what happens, in signed messages. One a landlord."""

    landlord = models.OneToOneField(Landlord, verbose_name="bailleur", on_delete=models.CASCADE, related_name="webhook")
    url = models.URLField("adresse", max_length=500)
    secret = EncryptedTextField("secret")
    former_secret = EncryptedTextField("ancien secret", blank=True)
    former_until = models.DateTimeField("ancien secret valable jusqu’au", null=True, blank=True)
    created_at = models.DateTimeField("créé le")
    created_by = models.ForeignKey(User, verbose_name="créé par", on_delete=models.PROTECT, related_name="+")
    failing_since = models.DateTimeField("en échec depuis", null=True, blank=True)
    disabled_at = models.DateTimeField("arrêté le", null=True, blank=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = "webhook"
        verbose_name_plural = "webhooks"

    def __str__(self) -> str:
        return f"webhook {self.pk}"


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def waiting(self, *, now: datetime) -> Self:
        due = self.filter(delivered_at=None, given_up_at=None, next_try_at__lte=now)
        return due.filter(webhook__disabled_at=None)


class WebhookDelivery(models.Model):
    """A message to a webhook: which event of which intervention, and what became of it. No intervention: a test."""

    class Event(models.TextChoices):
        OPENED = "intervention.opened", "Intervention ouverte"
        CHANGED = "intervention.status_changed", "Changement d’état"
        CLOSED = "intervention.closed", "Intervention terminée"
        TEST = "test", "Essai"

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField("événement", max_length=30, choices=Event)
    intervention = models.ForeignKey(
        Intervention,
        verbose_name="intervention",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    status = models.CharField("état", max_length=12, choices=Status, blank=True)
    happened_at = models.DateTimeField("survenu le")
    expires_at = models.DateTimeField("abandonné après le")
    next_try_at = models.DateTimeField("prochain essai le")
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    answer = models.CharField("réponse", max_length=60, blank=True)
    delivered_at = models.DateTimeField("reçu le", null=True, blank=True)
    given_up_at = models.DateTimeField("abandonné le", null=True, blank=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = "envoi d’un webhook"
        verbose_name_plural = "envois des webhooks"
        ordering = ["-happened_at", "-pk"]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(delivered_at=None, given_up_at=None),
                name="webhook_delivery_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"envoi {self.pk}"
