from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from interventions.models.interventions import Intervention
from interventions.models.reports import ReportDraft
from privacy.registry import registry
from privacy.retention import due


class PhotoQuerySet(models.QuerySet["Photo"]):
    def unexpired(self, *, now: datetime) -> Self:
        """Without those whose draft or intervention is due, purged or not."""
        drafts = ReportDraft.objects.alive(now=now)
        ended = due.unexpired(Intervention.objects.all(), registry.datasets[Intervention], now=now)
        return self.filter(Q(draft__in=drafts) | Q(intervention__in=ended))

    def from_tenant(self) -> Self:
        return self.filter(kind=Photo.Kind.TENANT)

    def from_provider(self) -> Self:
        return self.filter(kind=Photo.Kind.PROVIDER)


class Photo(models.Model):
    """
    A picture of what is wrong or was done: made anew from the pixels, so without what the phone writes into its files.

    Thumbnail and picture are one encrypted file, the thumbnail first; its key is wrapped by the master key. It belongs
    to the draft until that is sent, then to the intervention.
    """

    class Kind(models.TextChoices):
        TENANT = "tenant", "Du locataire"
        PROVIDER = "provider", "Du prestataire"
        SIGNATURE = "signature", "Signature"

    kind = models.CharField("de qui", max_length=10, choices=Kind, default=Kind.TENANT, db_default=Kind.TENANT)
    draft = models.ForeignKey(
        ReportDraft, verbose_name="signalement", null=True, on_delete=models.CASCADE, related_name="photos"
    )
    intervention = models.ForeignKey(
        Intervention, verbose_name="intervention", null=True, on_delete=models.CASCADE, related_name="photos"
    )
    file = models.FileField("photo chiffrée", upload_to="photos")
    wrapped_key = models.BinaryField("clé chiffrée")
    sha256 = models.CharField("empreinte", max_length=64, help_text="SHA-256 de la photo en clair.")
    size = models.PositiveIntegerField("taille", help_text="En octets, en clair, vignette comprise.")
    thumbnail_size = models.PositiveIntegerField("taille de la vignette")
    added_at = models.DateTimeField("reçue le")

    objects = PhotoQuerySet.as_manager()

    class Meta:
        verbose_name = "photo"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(draft=None, intervention__isnull=False) | Q(draft__isnull=False, intervention=None),
                name="photo_is_of_one_thing",
            ),
            models.UniqueConstraint(fields=["draft", "sha256"], name="photo_once_a_draft"),
        ]

    def __str__(self) -> str:
        return f"photo {self.pk}"


class Signature(models.Model):
    """Somebody on site says that the work was done: by their name, and drawn where the phone allows it."""

    class Signer(models.TextChoices):
        OCCUPANT = "occupant", "La personne sur place"
        WORKER = "worker", "L’intervenant"

    intervention = models.ForeignKey(Intervention, on_delete=models.CASCADE, related_name="signatures")
    signer = models.CharField("qui signe", max_length=10, choices=Signer)
    name = models.CharField("nom", max_length=120, blank=True)
    image = models.OneToOneField(
        Photo, verbose_name="dessin", null=True, blank=True, on_delete=models.SET_NULL, related_name="signature"
    )
    signed_at = models.DateTimeField("signé le")

    class Meta:
        verbose_name = "signature"
        ordering = ["signed_at", "pk"]

    def __str__(self) -> str:
        return f"signature {self.pk}"
