from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Q

from privacy.models.consent import ConsentWording


class CookieChoice(models.Model):
    """
    Proof, on our side, of one answer about cookies by a browser's owner (GDPR article 7).

    Append-only: another answer is another row under the same key. The first deposit never moves, whatever visits and
    answers follow: thirteen months at most from there (article 82 of the Loi Informatique et Libertés).
    """

    key = models.UUIDField("jeton")
    first_deposit_at = models.DateTimeField("premier dépôt le", db_index=True)
    chosen_at = models.DateTimeField("choix le")
    audience = models.BooleanField("mesure d’audience")
    wording = models.ForeignKey(
        ConsentWording, verbose_name="texte", on_delete=models.PROTECT, related_name="cookie_choices"
    )

    class Meta:
        verbose_name = "choix de cookies"
        verbose_name_plural = "choix de cookies"
        indexes = [models.Index(fields=["key", "chosen_at"], name="cookie_choice_latest")]
        constraints = [
            ExclusionConstraint(
                name="cookie_choice_one_first_deposit", expressions=[("key", "="), ("first_deposit_at", "<>")]
            ),
            models.CheckConstraint(
                condition=Q(chosen_at__gte=F("first_deposit_at")), name="cookie_choice_after_first_deposit"
            ),
        ]

    def __str__(self) -> str:
        return f"choix {self.pk}"


class Visit(models.Model):
    """
    One page seen by somebody who agreed to be counted: which, when, and an address truncated as it came in.

    Nothing links it to an account, to a choice or to another visit: of the first deposit it keeps the day, as its start
    in Paris, so that it goes when the choice does.
    """

    at = models.DateTimeField("le", db_index=True)
    page = models.CharField("page", max_length=120, help_text="Le nom de la page, sans paramètre.")
    network = models.GenericIPAddressField("adresse tronquée", null=True, blank=True)
    first_deposit_at = models.DateTimeField("premier dépôt, au jour près", db_index=True)

    class Meta:
        verbose_name = "visite"
        constraints = [
            models.CheckConstraint(condition=Q(at__gte=F("first_deposit_at")), name="visit_after_first_deposit")
        ]

    def __str__(self) -> str:
        return f"visite {self.pk}"


class AudienceFigure(models.Model):
    """How often a page was seen in a month. A number and nothing else: it stays when the visits go."""

    month = models.DateField("mois", help_text="Le premier du mois.")
    page = models.CharField("page", max_length=120)
    count = models.PositiveIntegerField("nombre")

    class Meta:
        verbose_name = "chiffre d’audience"
        verbose_name_plural = "chiffres d’audience"
        constraints = [models.UniqueConstraint(fields=["month", "page"], name="audience_figure_once")]

    def __str__(self) -> str:
        return f"{self.month:%m/%Y} {self.page}"


class ChoiceFigure(models.Model):
    """How many answers about cookies a month brought, of either kind. They stay when the proofs go."""

    month = models.DateField("mois", unique=True, help_text="Le premier du mois.")
    accepted = models.PositiveIntegerField("acceptés")
    refused = models.PositiveIntegerField("refusés")

    class Meta:
        verbose_name = "chiffre des choix de cookies"
        verbose_name_plural = "chiffres des choix de cookies"

    def __str__(self) -> str:
        return f"{self.month:%m/%Y}"
