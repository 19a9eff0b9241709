from django.conf import settings
from django.db import models


class JournalEntry(models.Model):
    """
    Who did what to which record, and when. Opaque ids only: no name, number, address or text (CNIL 2021-122).

    The database refuses to change or delete an entry.
    """

    at = models.DateTimeField("le")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="par", null=True, on_delete=models.PROTECT, related_name="+"
    )
    action = models.CharField("acte", max_length=60)
    model = models.CharField("modèle", max_length=100)
    object_id = models.BigIntegerField("numéro")
    details = models.JSONField("détails", default=dict, help_text="Des identifiants et des nombres, rien de personnel.")

    class Meta:
        verbose_name = "entrée du journal"
        verbose_name_plural = "journal du personnel"
        indexes = [models.Index(fields=["model", "object_id"]), models.Index(fields=["-at"])]

    def __str__(self) -> str:
        return f"{self.action} {self.model} {self.object_id}"
