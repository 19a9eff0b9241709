from django.conf import settings
from django.db import models
from django.db.models import Q

from privacy.policy import PURPOSES


class ConsentWording(models.Model):
    """The exact words of one version, kept from the first time somebody answered to them. Append-only."""

    purpose = models.CharField("finalité", max_length=40)
    version = models.CharField("version", max_length=20)
    text = models.TextField("texte")
    sha256 = models.CharField("SHA-256", max_length=64)

    class Meta:
        verbose_name = "texte de consentement"
        verbose_name_plural = "textes de consentement"
        constraints = [models.UniqueConstraint(fields=["purpose", "version"], name="consent_wording_once")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.version}"


class ConsentEvent(models.Model):
    """
    What a person said about one purpose that needs their consent (GDPR article 7). The last word is the one in force.

    Append-only in the database; merging two records moves their events, and nothing else of them.
    """

    class Answer(models.TextChoices):
        GIVEN = "given", "Accord donné"
        REFUSED = "refused", "Accord refusé"
        WITHDRAWN = "withdrawn", "Accord retiré"

    class Channel(models.TextChoices):
        PHONE = "phone", "Téléphone"
        PORTAL = "portal", "Portail"
        EMAIL = "email", "E-mail"
        LETTER = "letter", "Courrier"
        SITE = "site", "Site"

    person = models.ForeignKey(
        settings.PRIVACY_SUBJECT_MODEL, verbose_name="personne", on_delete=models.PROTECT, related_name="consent_events"
    )
    purpose = models.CharField("finalité", max_length=40)
    answer = models.CharField("réponse", max_length=10, choices=Answer)
    channel = models.CharField("canal", max_length=10, choices=Channel)
    wording = models.ForeignKey(ConsentWording, verbose_name="texte", on_delete=models.PROTECT, related_name="events")
    source_model = models.CharField("pièce", max_length=100, blank=True, help_text="L’appel où cela a été dit.")
    source_id = models.BigIntegerField("numéro de la pièce", null=True, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="noté par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Vide quand c’est la personne elle-même.",
    )
    at = models.DateTimeField("le")

    class Meta:
        verbose_name = "consentement"
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(source_model="", source_id=None) | (~Q(source_model="") & Q(source_id__isnull=False)),
                name="consent_event_source_is_whole",
            )
        ]
        indexes = [models.Index(fields=["person", "purpose", "at"], name="consent_event_person")]

    def __str__(self) -> str:
        return f"consentement {self.pk}"

    def get_purpose_display(self) -> str:
        return PURPOSES[self.purpose].label
