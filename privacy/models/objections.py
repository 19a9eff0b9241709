from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from privacy.models.requests import RightsRequest
from privacy.policy import PURPOSES


class ObjectionQuerySet(models.QuerySet["Objection"]):
    def standing(self) -> Self:
        """Those that stop their purpose now, weighed or still being weighed."""
        return self.filter(ended_at=None)


class Objection(models.Model):
    """
    Somebody's data are not used for one purpose any more (GDPR article 21). What rests on a legitimate interest is
    weighed meanwhile; an objection ends when it is overridden, or when the person agrees anew.
    """

    class State(models.TextChoices):
        WEIGHED = "weighed", "En cours d’examen"
        UPHELD = "upheld", "Acceptée"
        OVERRIDDEN = "overridden", "Écartée pour un motif impérieux"

    person = models.ForeignKey(
        settings.PRIVACY_SUBJECT_MODEL, verbose_name="personne", on_delete=models.CASCADE, related_name="objections"
    )
    request = models.ForeignKey(
        RightsRequest,
        verbose_name="demande",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="objections",
    )
    purpose = models.CharField("finalité", max_length=40)
    state = models.CharField("état", max_length=10, choices=State)
    ground = models.CharField("motif impérieux", max_length=30, blank=True)
    made_at = models.DateTimeField("faite le")
    decided_at = models.DateTimeField("décidée le", null=True, blank=True)
    ended_at = models.DateTimeField("finie le", null=True, blank=True)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = "opposition"
        indexes = [models.Index(fields=["person", "purpose"], condition=Q(ended_at=None), name="objection_standing")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="overridden")
                | (~Q(ground="") & Q(decided_at__isnull=False, ended_at__isnull=False)),
                name="objection_overridden_has_its_ground",
            ),
        ]

    def __str__(self) -> str:
        return f"opposition {self.pk}"

    def get_purpose_display(self) -> str:
        return PURPOSES[self.purpose].label


class Suppression(models.Model):
    """
    An address or a number that is not solicited for one purpose, as a keyed hash: it outlives its person's record, and
    tells nothing to whoever has not got the key and the address.
    """

    purpose = models.CharField("finalité", max_length=40)
    digest = models.CharField("empreinte", max_length=64)
    at = models.DateTimeField("le", db_index=True)

    class Meta:
        verbose_name = "adresse à ne plus solliciter"
        verbose_name_plural = "liste d’opposition"
        constraints = [models.UniqueConstraint(fields=["digest", "purpose"], name="suppression_once")]

    def __str__(self) -> str:
        return f"empreinte {self.pk}"

    def get_purpose_display(self) -> str:
        return PURPOSES[self.purpose].label
