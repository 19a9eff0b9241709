from django.db import models

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
