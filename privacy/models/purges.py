from datetime import UTC
from typing import Any

from django.conf import settings
from django.db import models

from privacy.chain import Link


class PurgeRun(models.Model):
    """One run of the purge. Without an end it was killed: the next run seals what it had done."""

    started_at = models.DateTimeField("début", db_index=True)
    now = models.DateTimeField("heure appliquée", help_text="Le moment auquel ce qui est échu a été calculé.")
    finished_at = models.DateTimeField("fin", null=True, blank=True)
    last_hash = models.CharField(
        "empreinte du dernier reçu", max_length=64, blank=True, help_text="Un reçu retiré au bout de la chaîne se voit."
    )

    class Meta:
        verbose_name = "passage de la purge"
        verbose_name_plural = "passages de la purge"

    def __str__(self) -> str:
        return f"passage {self.pk}"


class PurgeTally(models.Model):
    """What a run has deleted so far under a rule, counted in the same transactions as the deletions."""

    run = models.ForeignKey(PurgeRun, on_delete=models.CASCADE, related_name="tallies")
    rule = models.CharField(max_length=120)
    model = models.CharField(max_length=100)
    counts = models.JSONField(default=dict, help_text="Par modèle, les lignes supprimées.")
    files = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "décompte"
        constraints = [models.UniqueConstraint(fields=["run", "rule"], name="tally_once_a_rule")]

    def __str__(self) -> str:
        return f"{self.rule} ({self.run_id})"


class Receipt(Link):
    """
    Proof of what a run did under one rule: counts, nothing personal. Each carries the hash of the one before.

    The database refuses to change or delete one; `verify_receipts` finds out if somebody did all the same.
    """

    run = models.ForeignKey(PurgeRun, verbose_name="passage", on_delete=models.PROTECT, related_name="receipts")
    rule = models.CharField("règle", max_length=120)
    content = models.JSONField("contenu")
    sealed_at = models.DateTimeField("scellé le")

    class Meta:
        verbose_name = "reçu de purge"
        verbose_name_plural = "reçus de purge"
        indexes = [models.Index(fields=["rule", "-sealed_at"], name="receipt_rule")]

    def __str__(self) -> str:
        return f"reçu {self.pk}"

    def sealed(self) -> list[Any]:
        return [self.run_id, self.rule, self.content, self.sealed_at.astimezone(UTC).isoformat()]


class PurgeApproval(models.Model):
    """The go-ahead for one unusually large deletion under a rule. Used once."""

    rule = models.CharField("règle", max_length=120)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="par", null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField("le")
    used_at = models.DateTimeField("utilisé le", null=True, blank=True)

    class Meta:
        verbose_name = "accord de purge"
        verbose_name_plural = "accords de purge"

    def __str__(self) -> str:
        return f"accord {self.pk}"


class FileRemoval(models.Model):
    """A file whose row is gone: queued in the same transaction, removed after it, tried again until it is."""

    storage = models.CharField(max_length=40, default="default")
    path = models.CharField(max_length=500)
    queued_at = models.DateTimeField(db_index=True)
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "fichier à supprimer"
        verbose_name_plural = "fichiers à supprimer"

    def __str__(self) -> str:
        return f"fichier {self.pk}"
