from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from privacy.policy import BREACH_NOTIFIED_WITHIN


class BreachQuerySet(models.QuerySet["Breach"]):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def undecided(self) -> Self:
        """Neither notified nor reasoned away: their 72 hours run."""
        return self.open().filter(notified_at=None, dismissed_at=None)


class Breach(models.Model):
    """
    A breach of personal data (GDPR articles 33 and 34), in the register from the moment it is suspected. It says
    categories and numbers, never names. It is changed by `privacy.breaches` only; `events` keep each version.
    """

    class Nature(models.TextChoices):
        CONFIDENTIALITY = "confidentiality", "Confidentialité : vues ou prises par qui ne devait pas"
        INTEGRITY = "integrity", "Intégrité : changées à tort"
        AVAILABILITY = "availability", "Disponibilité : perdues ou inaccessibles"

    class Risk(models.TextChoices):
        UNKNOWN = "", "Pas encore évalué"
        NONE = "none", "Aucun risque vraisemblable"
        SOME = "some", "Un risque"
        HIGH = "high", "Un risque élevé"

    class NotTold(models.TextChoices):
        """Why the people are not told, where the risk is high (article 34(3))."""

        NONE = "", "—"
        PROTECTED = "protected", "Les données étaient incompréhensibles pour qui n’y a pas droit (34(3)a)"
        MENDED = "mended", "Des mesures prises depuis écartent le risque élevé (34(3)b)"
        PUBLIC = "public", "Effort disproportionné : une communication publique à la place (34(3)c)"

    aware_at = models.DateTimeField("connue le", help_text="De là courent les 72 heures.")
    what = models.TextField("ce qui s’est passé", max_length=4000, help_text="Des faits, sans aucun nom.")
    happened_from = models.DateTimeField("survenue le", null=True, blank=True)
    happened_until = models.DateTimeField("jusqu’au", null=True, blank=True)
    nature = ArrayField(
        models.CharField(max_length=20, choices=Nature), verbose_name="nature", default=list, blank=True
    )
    people_categories = models.CharField("personnes touchées", max_length=500, blank=True)
    people_number = models.PositiveIntegerField("combien de personnes, à peu près", null=True, blank=True)
    data_categories = models.CharField("données touchées", max_length=500, blank=True)
    records_number = models.PositiveIntegerField("combien d’enregistrements, à peu près", null=True, blank=True)
    consequences = models.TextField("conséquences probables", max_length=4000, blank=True)
    measures_taken = models.TextField("mesures prises", max_length=4000, blank=True)
    measures_planned = models.TextField("mesures envisagées", max_length=4000, blank=True)
    risk = models.CharField("risque pour les personnes", max_length=10, choices=Risk, blank=True, default=Risk.UNKNOWN)

    notified_at = models.DateTimeField("notifiée à la CNIL le", null=True, blank=True)
    cnil_reference = models.CharField("numéro de la CNIL", max_length=60, blank=True)
    late_reason = models.TextField("raison du retard", max_length=2000, blank=True)
    dismissed_at = models.DateTimeField("non notifiée, décidé le", null=True, blank=True)
    dismissed_reason = models.TextField("pourquoi ne pas notifier", max_length=2000, blank=True)

    people_told_at = models.DateTimeField("personnes informées le", null=True, blank=True)
    people_told_how = models.CharField("comment", max_length=500, blank=True)
    people_not_told = models.CharField("dispense d’informer", max_length=10, choices=NotTold, blank=True, default="")
    people_not_told_reason = models.TextField("pourquoi ne pas informer", max_length=2000, blank=True)

    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="signalée par", on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField("close le", null=True, blank=True)

    objects = BreachQuerySet.as_manager()

    class Meta:
        verbose_name = "violation de données"
        verbose_name_plural = "violations de données"
        constraints = [
            models.CheckConstraint(
                condition=Q(notified_at=None) | Q(notified_at__gte=F("aware_at")),
                name="breach_notified_after_awareness",
            ),
            models.CheckConstraint(
                condition=Q(notified_at=None)
                | ~Q(late_reason="")
                | Q(notified_at__lte=F("aware_at") + BREACH_NOTIFIED_WITHIN),
                name="breach_late_notice_has_its_reason",
            ),
            models.CheckConstraint(
                condition=Q(dismissed_at=None) | (~Q(dismissed_reason="") & Q(risk="none")),
                name="breach_not_notified_has_its_reason",
            ),
            models.CheckConstraint(
                condition=Q(people_not_told="") | ~Q(people_not_told_reason=""),
                name="breach_people_not_told_has_its_reason",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(notified_at__isnull=False) | Q(dismissed_at__isnull=False),
                name="breach_closed_is_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"violation {self.pk}"

    @property
    def reference(self) -> str:
        """``V0042``."""
        return f"V{self.pk:04d}"

    @property
    def notify_by(self) -> datetime:
        """GDPR article 33(1). Hours, straight on: no night, Sunday or holiday shifts them."""
        return self.aware_at + BREACH_NOTIFIED_WITHIN

    @property
    def is_decided(self) -> bool:
        return self.notified_at is not None or self.dismissed_at is not None

    @property
    def people_are_settled(self) -> bool:
        """Told, or need not be (GDPR article 34)."""
        return self.risk != self.Risk.HIGH or self.people_told_at is not None or bool(self.people_not_told)


class BreachEvent(models.Model):
    """One thing that happened to a breach, with the whole of it as it was from then on. Append-only in the database."""

    class Kind(models.TextChoices):
        REPORTED = "reported", "Signalée"
        CHANGED = "changed", "Complétée"
        NOTIFIED = "notified", "Notifiée à la CNIL"
        COMPLETED = "completed", "Notification complémentaire à la CNIL"
        DISMISSED = "dismissed", "Décision de ne pas notifier"
        PEOPLE_TOLD = "people_told", "Personnes informées"
        PEOPLE_NOT_TOLD = "people_not_told", "Décision de ne pas informer les personnes"
        REMINDED = "reminded", "Rappel au délégué"
        CLOSED = "closed", "Close"
        REOPENED = "reopened", "Rouverte"

    breach = models.ForeignKey(Breach, verbose_name="violation", on_delete=models.CASCADE, related_name="events")
    kind = models.CharField("étape", max_length=20, choices=Kind)
    at = models.DateTimeField("le")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Vide quand c’est le système.",
    )
    note = models.TextField("note", max_length=4000, blank=True)
    content = models.JSONField("version", default=dict)

    class Meta:
        verbose_name = "étape d’une violation"
        verbose_name_plural = "étapes des violations"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"étape {self.pk}"
