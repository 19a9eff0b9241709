from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from interventions.models import Intervention, Landlord


class NightReportQuerySet(models.QuerySet["NightReport"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(landlord__in=Landlord.objects.visible_to(user))


class NightReport(models.Model):
    """
    What a landlord's day team takes over in the morning: numbers of calls, and a line for each intervention.

    `calls` are numbers only: of which there is a `total`, `missed`, and how many by outcome of the call.
    """

    landlord = models.ForeignKey(
        Landlord, verbose_name="bailleur", on_delete=models.CASCADE, related_name="night_reports"
    )
    from_at = models.DateTimeField("depuis")
    until_at = models.DateTimeField("jusqu’à")
    made_at = models.DateTimeField("établi le")
    calls = models.JSONField("appels", default=dict)
    open_in_all = models.PositiveIntegerField("interventions en cours", default=0)
    chased_at = models.DateTimeField("superviseur prévenu le", null=True, blank=True)

    objects = NightReportQuerySet.as_manager()

    class Meta:
        verbose_name = "rapport du matin"
        verbose_name_plural = "rapports du matin"
        ordering = ["-until_at", "landlord__name"]
        constraints = [
            models.UniqueConstraint(fields=["landlord", "until_at"], name="night_report_once"),
            models.CheckConstraint(condition=Q(until_at__gt=F("from_at")), name="night_report_in_order"),
        ]

    def __str__(self) -> str:
        return f"rapport du matin {self.pk}"

    @property
    def day(self) -> date:
        return timezone.localdate(self.until_at)


class NightReportLine(models.Model):
    """An intervention in a report. Acknowledged, it is the proof that the landlord's day team has it."""

    class Kind(models.TextChoices):
        TAKE_OVER = "take_over", "À reprendre par vos équipes"
        OPEN = "open", "Toujours en cours"
        ENDED = "ended", "Terminée"

    report = models.ForeignKey(NightReport, on_delete=models.CASCADE, related_name="lines")
    intervention = models.ForeignKey(
        Intervention, verbose_name="intervention", on_delete=models.CASCADE, related_name="night_lines"
    )
    kind = models.CharField("sorte", max_length=10, choices=Kind)
    acknowledged_at = models.DateTimeField("pris en compte le", null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        User, verbose_name="pris en compte par", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "ligne d’un rapport du matin"
        verbose_name_plural = "lignes des rapports du matin"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["report", "intervention"], name="night_line_once"),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None, acknowledged_by=None)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="night_line_acknowledged_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"ligne {self.pk}"
