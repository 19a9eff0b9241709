from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from privacy.models.requests import RightsRequest


class PostMortemDirective(models.Model):
    """
    What a person wants to become of their data after their death (Loi Informatique et Libertés, article 85): one row a
    version, the last of which counts. Append-only in the database; merging two records moves their versions.
    """

    class Wish(models.TextChoices):
        KEEP = "keep", _("Les garder, puis les supprimer à leur terme")
        ERASE = "erase", _("Les effacer")
        HAND_OVER = "hand_over", _("En remettre une copie à quelqu’un")
        REVOKED = "revoked", _("Plus de directives")

    person = models.ForeignKey(
        settings.PRIVACY_SUBJECT_MODEL, verbose_name="personne", on_delete=models.CASCADE, related_name="directives"
    )
    wish = models.CharField("volonté", max_length=10, choices=Wish)
    datasets = ArrayField(models.CharField(max_length=100), verbose_name="données à remettre", default=list, blank=True)
    executor_name = models.CharField("personne chargée de l’exécution", max_length=200, blank=True)
    executor_contact = models.CharField(
        "où la joindre", max_length=300, blank=True, help_text="E-mail, mobile ou adresse postale."
    )
    written_at = models.DateTimeField("écrite le")
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="notée par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Vide quand c’est la personne elle-même.",
    )

    class Meta:
        verbose_name = "directive post-mortem"
        verbose_name_plural = "directives post-mortem"
        ordering = ["written_at", "pk"]
        indexes = [models.Index(fields=["person", "written_at"], name="directive_person")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(wish="hand_over") | ~Q(executor_name="") & ~Q(executor_contact="") & ~Q(datasets=[]),
                name="directive_says_what_to_hand_to_whom",
            )
        ]

    def __str__(self) -> str:
        return f"directive {self.pk}"


class DeathQuerySet(models.QuerySet["Death"]):
    def of(self, *people: "models.Model | int | None") -> Self:
        numbers = [person.pk if isinstance(person, models.Model) else person for person in people if person is not None]
        return self.filter(person__in=numbers)


class Death(models.Model):
    """
    The proof of somebody's death: who told it, and which document was seen. The document itself is never kept.

    From then on nothing is sent to the person, and their login is closed.
    """

    class Document(models.TextChoices):
        CERTIFICATE = "certificate", "Acte de décès"
        FAMILY_BOOK = "family_book", "Livret de famille"
        NOTARY = "notary", "Attestation d’un notaire"
        COURT = "court", "Jugement déclaratif de décès"

    person = models.ForeignKey(
        settings.PRIVACY_SUBJECT_MODEL, verbose_name="personne", on_delete=models.CASCADE, related_name="deaths"
    )
    request = models.ForeignKey(
        RightsRequest, verbose_name="demande", null=True, blank=True, on_delete=models.SET_NULL, related_name="deaths"
    )
    reported_by = models.CharField("signalé par", max_length=200, help_text="Son nom et son lien avec la personne.")
    document = models.CharField("pièce vue", max_length=20, choices=Document)
    document_dated_on = models.DateField("datée du")
    died_on = models.DateField("décédée le", null=True, blank=True)
    seen_at = models.DateTimeField("pièce vue le")
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="vue par", on_delete=models.PROTECT, related_name="+"
    )

    objects = DeathQuerySet.as_manager()

    class Meta:
        verbose_name = "décès"
        verbose_name_plural = "décès"

    def __str__(self) -> str:
        return f"décès {self.pk}"
