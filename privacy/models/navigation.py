from django.db import models
from django.utils import timezone


class CookieChoice(models.Model):
    """
    Proof, on our side, of what a browser's owner chose about cookies. `first_deposit_at` never moves: thirteen months
    at most from the first deposit, whatever visits follow (article 82 of the Loi Informatique et Libertés).
    """

    key = models.UUIDField("jeton", unique=True)
    first_deposit_at = models.DateTimeField("premier dépôt le", db_index=True)
    chosen_at = models.DateTimeField("choix le")
    audience = models.BooleanField("mesure d’audience")

    class Meta:
        verbose_name = "choix de cookies"
        verbose_name_plural = "choix de cookies"

    def __str__(self) -> str:
        return f"choix {self.pk}"


class Visit(models.Model):
    """One page seen: which, when, and an address truncated as it came in. No link to an account."""

    at = models.DateTimeField("le", default=timezone.now, db_index=True)
    page = models.CharField("page", max_length=120, help_text="Le nom de la page, sans paramètre.")
    network = models.GenericIPAddressField("adresse tronquée", null=True, blank=True)

    class Meta:
        verbose_name = "visite"

    def __str__(self) -> str:
        return f"visite {self.pk}"
