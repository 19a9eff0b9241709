from typing import Self

from django.db import models
from django.db.models import F

from accounts.models import User
from interventions.models.estate import Landlord
from interventions.models.interventions import Status
from interventions.problems import Trade


class MonthlyFigure(models.Model):
    """
    How many interventions ended so, in a month, for a landlord and a trade. A number and nothing else.

    Written as they end, so that the purge never waits for a report.
    """

    landlord = models.ForeignKey(Landlord, verbose_name="bailleur", on_delete=models.CASCADE, related_name="figures")
    month = models.DateField("mois", help_text="Le premier du mois.")
    trade = models.CharField("métier", max_length=20, choices=Trade)
    outcome = models.CharField("issue", max_length=12, choices=Status)
    count = models.PositiveIntegerField("nombre", default=0)

    class Meta:
        verbose_name = "chiffre mensuel"
        verbose_name_plural = "chiffres mensuels"
        constraints = [
            models.UniqueConstraint(fields=["landlord", "month", "trade", "outcome"], name="monthly_figure_once")
        ]

    def __str__(self) -> str:
        return f"{self.month:%m/%Y} {self.get_trade_display()}"


class MonthlyBreakdown(models.Model):
    """
    How the interventions that ended in a month share out by one criterion at a time: never two facts of one of them
    side by side, but for its priority beside whether somebody came in time.
    """

    class Criterion(models.TextChoices):
        ARRIVAL = "arrival", "Arrivée et priorité"  # in_time/urgent
        ARRIVAL_TIME = "arrival_time", "Temps d’arrivée"  # under so many minutes
        FINISH = "finish", "Fin des travaux"
        FINISH_TIME = "finish_time", "Temps jusqu’à la fin"
        HOUR = "hour", "Jour et heure de l’appel"  # 1-07 is a Monday, from 7 to 8
        RESIDENCE = "residence", "Résidence"
        EQUIPMENT = "equipment", "Pannes d’équipement"  # lift/again: of incidents

    landlord = models.ForeignKey(Landlord, verbose_name="bailleur", on_delete=models.CASCADE, related_name="breakdowns")
    month = models.DateField("mois", help_text="Le premier du mois.")
    criterion = models.CharField("critère", max_length=15, choices=Criterion)
    value = models.CharField("valeur", max_length=30)
    count = models.PositiveIntegerField("nombre", default=0)

    class Meta:
        verbose_name = "répartition mensuelle"
        verbose_name_plural = "répartitions mensuelles"
        constraints = [
            models.UniqueConstraint(
                fields=["landlord", "month", "criterion", "value"], name="monthly_breakdown_once", include=["count"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.month:%m/%Y} {self.get_criterion_display()}"


class AnnualReportQuerySet(models.QuerySet["AnnualReport"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(landlord__in=Landlord.objects.visible_to(user))


class AnnualReport(models.Model):
    """A landlord's year as it was published: copied once, and never changed (the database sees to it)."""

    landlord = models.ForeignKey(
        Landlord, verbose_name="bailleur", on_delete=models.CASCADE, related_name="annual_reports"
    )
    year = models.PositiveSmallIntegerField("année")
    frozen_at = models.DateTimeField("figé le")
    figures = models.JSONField("chiffres")

    objects = AnnualReportQuerySet.as_manager()

    class Meta:
        verbose_name = "rapport annuel"
        verbose_name_plural = "rapports annuels"
        constraints = [
            models.UniqueConstraint(fields=["landlord", "year"], name="annual_report_once"),
        ]
        ordering = [F("year").desc()]

    def __str__(self) -> str:
        return f"{self.year}, {self.landlord}"
