from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from privacy.models.outbox import OutgoingMessage
from privacy.models.requests import RightsRequest


class LegalHold(models.Model):
    """
    A freeze of exact items on a legal ground: opened by one person, in force once another has approved it.

    Reviewed within six months. It must be opened before the item is due, and brings nothing back.
    """

    ground = models.CharField("motif", max_length=300)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="ouvert par", on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField("ouvert le")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="approuvé par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    approved_at = models.DateTimeField("approuvé le", null=True, blank=True)
    review_on = models.DateField("à revoir le")
    released_at = models.DateTimeField("levé le", null=True, blank=True)

    class Meta:
        verbose_name = "gel juridique"
        verbose_name_plural = "gels juridiques"
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("opened_by")), name="hold_needs_two_people"
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None, approved_at=None)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="hold_approval_has_its_date",
            ),
        ]

    def __str__(self) -> str:
        return f"gel {self.pk}"


class HoldItemQuerySet(models.QuerySet["HoldItem"]):
    def active(self) -> Self:
        return self.filter(hold__approved_at__isnull=False, hold__released_at=None)


class HoldItem(models.Model):
    """One exact row that a hold freezes, by model and number."""

    hold = models.ForeignKey(LegalHold, on_delete=models.CASCADE, related_name="items")
    model = models.CharField("modèle", max_length=100)
    object_id = models.BigIntegerField("numéro")

    objects = HoldItemQuerySet.as_manager()

    class Meta:
        verbose_name = "pièce gelée"
        verbose_name_plural = "pièces gelées"
        constraints = [models.UniqueConstraint(fields=["hold", "model", "object_id"], name="hold_item_once")]
        indexes = [models.Index(fields=["model", "object_id"], name="hold_item_object")]

    def __str__(self) -> str:
        return f"{self.model} {self.object_id}"


class RestrictionQuerySet(models.QuerySet["Restriction"]):
    def active(self) -> Self:
        return self.filter(lifted_at=None)


class Restriction(models.Model):
    """
    A person's data may only be stored (GDPR article 18): nothing of theirs is purged either.

    It is begun and lifted by `rights.restriction` only. It is not lifted before the person was told (article 18(3)),
    unless it is their death that began it.
    """

    class Reason(models.TextChoices):
        ACCURACY = "accuracy", "Exactitude contestée"
        UNLAWFUL = "unlawful", "Traitement illicite, que la personne préfère à un effacement"
        CLAIMS = "claims", "Données utiles à la personne pour défendre ses droits"
        OBJECTION = "objection", "Opposition en cours d’examen"
        DEATH = "death", "Décès, en attendant ses directives"

    person = models.ForeignKey(
        settings.PRIVACY_SUBJECT_MODEL, verbose_name="personne", on_delete=models.PROTECT, related_name="restrictions"
    )
    request = models.ForeignKey(
        RightsRequest,
        verbose_name="demande",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="restrictions",
    )
    reason = models.CharField("motif", max_length=300, choices=Reason)
    started_at = models.DateTimeField("depuis le")
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Vide quand elle est rejouée après une restauration.",
    )
    notice = models.ForeignKey(
        OutgoingMessage,
        verbose_name="annonce de la fin",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    told_at = models.DateTimeField("fin annoncée le", null=True, blank=True)
    lifted_at = models.DateTimeField("levée le", null=True, blank=True)

    objects = RestrictionQuerySet.as_manager()

    class Meta:
        verbose_name = "limitation"
        indexes = [models.Index(fields=["person"], condition=Q(lifted_at=None), name="restriction_active")]
        constraints = [
            models.CheckConstraint(
                condition=Q(lifted_at=None) | Q(reason="death") | Q(told_at__isnull=False, told_at__lte=F("lifted_at")),
                name="restriction_is_told_before_it_is_lifted",
            )
        ]

    def __str__(self) -> str:
        return f"limitation {self.pk}"
