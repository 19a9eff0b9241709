from datetime import datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models import User
from interventions.models.estate import E164, Landlord
from interventions.models.instructions import TimeWindow
from interventions.models.providers import Provider
from interventions.problems import Trade, problem_choices


class OnCallShiftQuerySet(models.QuerySet["OnCallShift"]):
    def at(self, moment: datetime) -> Self:
        return self.filter(starts_at__lte=moment, ends_at__gt=moment)

    def between(self, starts_at: datetime, ends_at: datetime) -> Self:
        """Those that have a part of it."""
        return self.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)

    def about(self, *, trade: str, sector: str) -> Self:
        """For this trade there. No sector named: all of them."""
        return self.filter(Q(sectors=[]) | Q(sectors__contains=[sector]), trades__contains=[trade])


class OnCallShift(models.Model):
    """
    A provider's on-call duty (astreinte), from one moment to another. Rank 1 is called first, then 2, and so on.

    One that was handed over says who had it before, who noted it and when.
    """

    provider = models.ForeignKey(
        Provider, verbose_name="prestataire", on_delete=models.PROTECT, related_name="on_call_shifts"
    )
    trades = ArrayField(models.CharField(max_length=20, choices=Trade), verbose_name="métiers")
    sectors = ArrayField(
        models.CharField(max_length=60), verbose_name="secteurs", default=list, blank=True, help_text="Aucun : tous."
    )
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin", db_index=True)
    rank = models.PositiveSmallIntegerField("rang", default=1)
    number = models.CharField(
        "numéro d’astreinte", max_length=16, blank=True, help_text="Vide : le téléphone du prestataire."
    )
    note = models.CharField("note", max_length=200, blank=True)
    handed_over_from = models.ForeignKey(
        Provider, verbose_name="reprise à", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    handed_over_at = models.DateTimeField("reprise notée le", null=True, blank=True)
    handed_over_by = models.ForeignKey(
        User, verbose_name="reprise notée par", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = OnCallShiftQuerySet.as_manager()

    class Meta:
        verbose_name = "astreinte"
        ordering = ["starts_at", "rank", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="on_call_in_order"),
            models.CheckConstraint(condition=~Q(trades=[]), name="on_call_has_its_trades"),
            models.CheckConstraint(condition=Q(rank__gte=1), name="on_call_rank_from_one"),
            models.CheckConstraint(condition=Q(number="") | E164, name="on_call_is_e164"),
            models.CheckConstraint(
                condition=Q(handed_over_from=None, handed_over_at=None, handed_over_by=None)
                | Q(handed_over_from__isnull=False, handed_over_at__isnull=False, handed_over_by__isnull=False),
                name="on_call_hand_over_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"astreinte {self.pk}"

    @property
    def number_to_call(self) -> str:
        return self.number or self.provider.number

    @property
    def trade_labels(self) -> list[str]:
        return [str(Trade(trade).label) for trade in self.trades]


class DispatchRuleQuerySet(models.QuerySet["DispatchRule"]):
    def about(self, *, landlord: Landlord, problem: str, trade: str, sector: str) -> Self:
        return self.filter(landlord=landlord, problem__in=["", problem], trade__in=["", trade], sector__in=["", sector])


class DispatchRule(TimeWindow):
    """
    Whom a landlord wants sent for a problem, in a sector, at a time of the day or on a kind of day.

    A blank problem means every problem of the trade, a blank trade all of them, a blank sector everywhere.
    """

    landlord = models.ForeignKey(
        Landlord, verbose_name="bailleur", on_delete=models.CASCADE, related_name="dispatch_rules"
    )
    trade = models.CharField("métier", max_length=20, choices=Trade, blank=True)
    problem = models.CharField("problème", max_length=40, choices=problem_choices, blank=True)
    sector = models.CharField("secteur", max_length=60, blank=True)
    provider = models.ForeignKey(
        Provider, verbose_name="prestataire", on_delete=models.PROTECT, related_name="dispatch_rules"
    )
    rank = models.PositiveSmallIntegerField("rang", default=1, help_text="Entre deux règles aussi précises.")

    objects = DispatchRuleQuerySet.as_manager()

    class Meta:
        verbose_name = "règle d’envoi"
        verbose_name_plural = "règles d’envoi"
        ordering = ["landlord", "trade", "problem", "sector", "rank", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(from_time=None, until_time=None) | Q(from_time__isnull=False, until_time__isnull=False),
                name="dispatch_rule_hours_are_a_pair",
            ),
            models.CheckConstraint(condition=Q(rank__gte=1), name="dispatch_rule_rank_from_one"),
        ]

    def __str__(self) -> str:
        return f"règle {self.pk}"


class OnCallFeed(models.Model):
    """
    A calendar address for a provider's own duties or for a sector's, given to whoever has to know. Only the token's
    SHA-256 is kept; taking the row away is taking the address back.
    """

    provider = models.ForeignKey(
        Provider, verbose_name="prestataire", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    sector = models.CharField("secteur", max_length=60, blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField("créé le")
    created_by = models.ForeignKey(User, verbose_name="créé par", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "calendrier d’astreinte"
        verbose_name_plural = "calendriers d’astreinte"
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(provider=None) ^ Q(sector=""), name="on_call_feed_of_a_provider_or_a_sector"
            )
        ]

    def __str__(self) -> str:
        return f"calendrier {self.pk}"
