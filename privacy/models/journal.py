from datetime import UTC
from typing import Any

from django.conf import settings
from django.db import models

from privacy.chain import Link


class JournalEntry(models.Model):
    """
    Who did what to which record, and when. Opaque ids only: no name, number, address or text (CNIL 2021-122).

    The database refuses to change or delete an entry; every minute's entries are sealed by a JournalBlock.
    """

    at = models.DateTimeField("le")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="par", null=True, on_delete=models.PROTECT, related_name="+"
    )
    action = models.CharField("acte", max_length=60)
    model = models.CharField("modèle", max_length=100)
    object_id = models.BigIntegerField("numéro", null=True, help_text="Vide quand l’acte ne porte sur aucune ligne.")
    details = models.JSONField("détails", default=dict, help_text="Des identifiants et des nombres, rien de personnel.")
    network = models.GenericIPAddressField("adresse tronquée", null=True, blank=True)

    class Meta:
        verbose_name = "entrée du journal"
        verbose_name_plural = "journal du personnel"
        indexes = [models.Index(fields=["model", "object_id"]), models.Index(fields=["-at"])]

    def __str__(self) -> str:
        return f"{self.action} {self.model} {self.object_id or ''}".strip()

    def sealed(self) -> list[Any]:
        at = self.at.astimezone(UTC).isoformat()
        return [self.pk, at, self.actor_id, self.action, self.model, self.object_id, self.details, self.network]


class JournalBlock(Link):
    """
    Seals the journal's entries of one civil day among those numbered after `after` and up to `up_to`.

    It holds their hash, not them: it stays when they go, so that the chain goes back to its beginning.
    """

    day = models.DateField("jour")
    after = models.BigIntegerField("après l’entrée")
    up_to = models.BigIntegerField("jusqu’à l’entrée")
    entries = models.PositiveIntegerField("entrées")
    entries_hash = models.CharField("empreinte des entrées", max_length=64)
    sealed_at = models.DateTimeField("scellé le")

    class Meta:
        verbose_name = "bloc du journal"
        verbose_name_plural = "blocs du journal"

    def __str__(self) -> str:
        return f"bloc {self.pk}"

    def sealed(self) -> list[Any]:
        sealed_at = self.sealed_at.astimezone(UTC).isoformat()
        return [self.day.isoformat(), self.after, self.up_to, self.entries, self.entries_hash, sealed_at]
