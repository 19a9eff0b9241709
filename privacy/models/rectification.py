from django.conf import settings
from django.db import models
from django.db.models import Q

from privacy.models.requests import RightsRequest


class RectificationItem(models.Model):
    """
    One value that a person asks to have corrected, and what we answer to that. The value of today is not kept: its
    keyed hash tells whether it changed since somebody looked at it.
    """

    class Answer(models.TextChoices):
        NONE = "", "Pas encore de réponse"
        APPROVED = "approved", "Acceptée"
        REFUSED = "refused", "Refusée"

    request = models.ForeignKey(RightsRequest, verbose_name="demande", on_delete=models.CASCADE, related_name="items")
    model = models.CharField("modèle", max_length=100)
    object_id = models.BigIntegerField("numéro")
    field = models.CharField("champ", max_length=100)
    proposed = models.TextField("valeur proposée", max_length=4000, blank=True)
    before_hash = models.CharField("empreinte de la valeur lue", max_length=64, blank=True)
    proposed_at = models.DateTimeField("proposée le")
    answer = models.CharField("réponse", max_length=10, choices=Answer, blank=True, default=Answer.NONE)
    ground = models.CharField("motif de refus", max_length=30, blank=True)
    statement = models.TextField(
        "déclaration de la personne",
        max_length=4000,
        blank=True,
        help_text="Gardée à côté d’une appréciation qui ne se corrige pas.",
    )
    answered_at = models.DateTimeField("répondue le", null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="répondue par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    executed_at = models.DateTimeField("rectifiée le", null=True, blank=True)

    class Meta:
        verbose_name = "valeur à rectifier"
        verbose_name_plural = "valeurs à rectifier"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["request", "model", "object_id", "field"], name="rectified_once_a_request"),
            models.CheckConstraint(
                condition=~Q(answer="refused") | ~Q(ground=""), name="rectification_refusal_has_its_ground"
            ),
            models.CheckConstraint(
                condition=Q(executed_at=None) | Q(answer="approved"), name="rectification_follows_an_approval"
            ),
        ]
        indexes = [
            models.Index(fields=["model", "object_id"], condition=~Q(statement=""), name="rectification_statement")
        ]

    def __str__(self) -> str:
        return f"rectification {self.pk}"
