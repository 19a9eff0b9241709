from django.conf import settings
from django.db import models

from privacy.models.requests import RightsRequest


class Erasure(models.Model):
    """
    One erasure, from the moment it was begun. `subject` is gone once nothing is left to do: as long as it is there, a
    process died or a legal hold keeps something, and the next run goes on.
    """

    request = models.OneToOneField(
        RightsRequest,
        verbose_name="demande",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="erasure",
        help_text="Vide quand elle a été faite à la commande.",
    )
    subject = models.BigIntegerField("numéro de la personne", null=True, blank=True, unique=True)
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    begun_at = models.DateTimeField("commencé le")
    texts = models.JSONField(
        "textes à effacer aussi", default=list, blank=True, help_text="Modèle et numéro, choisis à la relecture."
    )
    counts = models.JSONField("décompte", default=dict, blank=True, help_text="Par modèle, et par motif de garde.")
    erased_at = models.DateTimeField("effacé le", null=True, blank=True)

    class Meta:
        verbose_name = "effacement"

    def __str__(self) -> str:
        return f"effacement {self.pk}"
