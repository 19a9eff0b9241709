from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from privacy.models.requests import RightsRequest


class Erasure(models.Model):
    """
    One erasure, from the moment it was begun. `subjects` are the person's records; none is left here once all is done.
    Until then a process died, or a legal hold keeps something, and the next run goes on.
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
    subjects = ArrayField(models.BigIntegerField(), verbose_name="fiches de la personne", default=list, blank=True)
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
