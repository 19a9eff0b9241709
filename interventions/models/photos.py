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


class Photo(models.Model):
    """
    A tenant's picture of what is wrong: made anew from the pixels, so without what the phone writes into its files.

    Thumbnail and picture are one encrypted file, the thumbnail first; its key is wrapped by the master key. It belongs
    to the draft until that is sent, then to the intervention.
    """

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
