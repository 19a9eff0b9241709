from datetime import datetime
from typing import Self

from django.db import models

from accounts.models import User
from accounts.roles import LISTENING_ROLES, Role
from callcenter.models.calls import Call
from privacy.registry import registry
from privacy.restriction import unrestricted
from privacy.retention import due

RECORDED = ("call__caller", "call__on_behalf_of")


class RecordingQuerySet(models.QuerySet["Recording"]):
    def visible_to(self, user: User) -> Self:
        """Nobody listens to somebody whose data are restricted, but the DPO for who asks."""
        if user.role == Role.DPO:
            return self
        return unrestricted(self, *RECORDED) if user.role in LISTENING_ROLES else self.none()

    def unexpired(self, *, now: datetime) -> Self:
        """Without what is due, purged or not."""
        return due.unexpired(self, registry.datasets[Recording], now=now)


class Recording(models.Model):
    """
    A call's audio, encrypted: made only with the caller's consent to this very call, held three months at most.

    The clock is the end of the call, copied so that it can never be missing.
    """

    class Format(models.TextChoices):
        WAV = "audio/wav", "WAV"
        MP3 = "audio/mpeg", "MP3"
        OGG = "audio/ogg", "Ogg"

    call = models.OneToOneField(Call, verbose_name="appel", on_delete=models.CASCADE, related_name="recording")
    file = models.FileField("son chiffré", upload_to="recordings")
    ended_at = models.DateTimeField("fin de l’appel", db_index=True)
    stored_at = models.DateTimeField("reçu le")
    content_type = models.CharField("format", max_length=10, choices=Format)
    size = models.PositiveIntegerField("taille", help_text="En octets, en clair.")
    sha256 = models.CharField("empreinte", max_length=64, help_text="SHA-256 du son en clair.")
    pauses = models.JSONField(
        "pauses", default=list, help_text="[[de, à], …], en secondes depuis le début de la conversation."
    )

    objects = RecordingQuerySet.as_manager()

    class Meta:
        verbose_name = "enregistrement"

    def __str__(self) -> str:
        return f"enregistrement {self.pk}"


class RecordingKey(models.Model):
    """
    The key of one recording, wrapped by the master key. A table of its own, so that backups may leave it out: a backup
    then holds no audio that anyone could hear again.
    """

    recording = models.OneToOneField(
        Recording, verbose_name="enregistrement", primary_key=True, on_delete=models.CASCADE, related_name="key"
    )
    wrapped = models.BinaryField("clé chiffrée")

    class Meta:
        verbose_name = "clé d’enregistrement"
        verbose_name_plural = "clés d’enregistrement"

    def __str__(self) -> str:
        return f"clé {self.pk}"
