from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from privacy.models.requests import RightsRequest
from privacy.registry import registry
from privacy.retention import due


class RequesterDocumentQuerySet(models.QuerySet["RequesterDocument"]):
    def waiting(self, *, now: datetime) -> Self:
        """Those to verify, without what is due, purged or not."""

        return due.unexpired(self.filter(verified_at=None), registry.datasets[RequesterDocument], now=now)


class RequesterDocument(models.Model):
    """
    A copy of an identity document, which a reasoned doubt made us ask for (GDPR article 12(6)). Encrypted until the DPO
    has verified it, and then gone with its key. What stays is that it was verified, what kind it was, when, by whom.
    """

    class Kind(models.TextChoices):
        CARD = "card", "Carte d’identité"
        PASSPORT = "passport", "Passeport"
        RESIDENCE = "residence", "Titre de séjour"
        LICENCE = "licence", "Permis de conduire"

    class Format(models.TextChoices):
        JPEG = "image/jpeg", "JPEG"
        PNG = "image/png", "PNG"
        PDF = "application/pdf", "PDF"

    request = models.ForeignKey(
        RightsRequest, verbose_name="demande", on_delete=models.CASCADE, related_name="identity_documents"
    )
    kind = models.CharField("pièce", max_length=10, choices=Kind)
    received_at = models.DateTimeField("reçue le", db_index=True)
    file = models.FileField("copie chiffrée", upload_to="identity", blank=True)
    wrapped_key = models.BinaryField("clé chiffrée", null=True, blank=True)
    content_type = models.CharField("format", max_length=20, choices=Format, blank=True)
    size = models.PositiveIntegerField("taille", default=0, help_text="En octets, en clair.")
    verified_at = models.DateTimeField("vérifiée le", null=True, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="vérifiée par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    objects = RequesterDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "pièce d’identité d’une demande"
        verbose_name_plural = "pièces d’identité des demandes"
        constraints = [
            models.CheckConstraint(
                condition=Q(verified_at=None, verified_by=None, wrapped_key__isnull=False) & ~Q(file="")
                | Q(verified_at__isnull=False, verified_by__isnull=False, wrapped_key=None, file=""),
                name="requester_document_goes_when_verified",
            ),
            models.UniqueConstraint(
                fields=["request"], condition=Q(verified_at=None), name="requester_document_one_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"pièce {self.pk}"
