from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models import Person, User
from interventions.models.interventions import Intervention


class PersonalLinkQuerySet(models.QuerySet["PersonalLink"]):
    def alive(self, *, now: datetime) -> Self:
        return self.filter(revoked_at=None, expires_at__gt=now)


class PersonalLink(models.Model):
    """
    What lets somebody without an account do one thing, in their own name: report a problem, or follow one
    intervention. It lasts as long as that needs, and can be taken back. Only the token's SHA-256 is kept.
    """

    class Purpose(models.TextChoices):
        REPORT = "report", "Signaler un problème"
        FOLLOW = "follow", "Suivre une intervention"

    person = models.ForeignKey(Person, verbose_name="personne", on_delete=models.CASCADE, related_name="personal_links")
    purpose = models.CharField("pour", max_length=10, choices=Purpose)
    intervention = models.ForeignKey(
        Intervention,
        verbose_name="intervention",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="personal_links",
    )
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField("créé le")
    created_by = models.ForeignKey(
        User,
        verbose_name="envoyé par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Vide quand la personne l’a demandé elle-même.",
    )
    expires_at = models.DateTimeField("valable jusqu’au", db_index=True)
    revoked_at = models.DateTimeField("retiré le", null=True, blank=True)

    objects = PersonalLinkQuerySet.as_manager()

    class Meta:
        verbose_name = "lien personnel"
        verbose_name_plural = "liens personnels"
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose="report", intervention=None) | Q(purpose="follow", intervention__isnull=False),
                name="personal_link_follows_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"lien {self.pk}"
