from datetime import date
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models import User
from interventions.models.estate import E164, Landlord
from interventions.problems import Trade
from privacy.models import Addressee


class Article28(models.TextChoices):
    """What a processor's contract has to say: GDPR article 28, paragraph 3, a to h."""

    INSTRUCTIONS = "instructions", "N’agit que sur nos instructions écrites"
    CONFIDENTIALITY = "confidentiality", "Ses intervenants sont tenus à la confidentialité"
    SECURITY = "security", "Mesures de sécurité décrites"
    SUB_PROCESSORS = "sub_processors", "Pas de sous-traitant sans notre accord"
    RIGHTS = "rights", "Nous aide à répondre aux droits des personnes"
    ASSISTANCE = "assistance", "Nous aide en cas de violation ou d’analyse d’impact"
    DELETION = "deletion", "Efface ou rend tout à la fin, et l’atteste"
    AUDITS = "audits", "Se laisse contrôler"


class ProviderQuerySet(models.QuerySet["Provider"]):
    def under_contract(self, *, on: date) -> Self:
        """In service that day. A contract without an end goes on."""
        begun = Q(contract_from_on=None) | Q(contract_from_on__lte=on)
        goes_on = Q(contract_until_on=None) | Q(contract_until_on__gte=on)
        return self.filter(begun & goes_on, is_active=True)

    def able(self, *, trade: str, sector: str, landlord: Landlord, on: date) -> Self:
        """For this trade, there, for that landlord. No sector and no landlord named: all of them."""
        there = Q(sectors=[]) | Q(sectors__contains=[sector])
        theirs = Q(landlords=None) | Q(landlords=landlord)
        return self.under_contract(on=on).filter(there, theirs, trades__contains=[trade]).distinct()


class Provider(Addressee):
    """A company that goes there (prestataire)."""

    class Kind(models.TextChoices):
        """Keys of `policy.RECIPIENTS`."""

        TRADES = "trades", "Prestataire"
        MAINTENANCE = "maintenance", "Entreprise d’entretien"
        GROUP = "group", "Société du groupe"

    kind = models.CharField("sorte", max_length=12, choices=Kind, default=Kind.TRADES)
    name = models.CharField("raison sociale", max_length=120, unique=True)
    trades = ArrayField(models.CharField(max_length=20, choices=Trade), verbose_name="métiers")
    sectors = ArrayField(
        models.CharField(max_length=60), verbose_name="secteurs", default=list, blank=True, help_text="Aucun : tous."
    )
    landlords = models.ManyToManyField(
        Landlord, verbose_name="bailleurs", blank=True, related_name="providers", help_text="Aucun : tous."
    )
    number = models.CharField("téléphone", max_length=16, help_text="E.164")
    email = models.EmailField("adresse e-mail", blank=True)
    is_active = models.BooleanField("en service", default=True)
    contract_from_on = models.DateField("début du contrat", null=True, blank=True)
    contract_until_on = models.DateField("fin du contrat", null=True, blank=True)
    article_28 = ArrayField(
        models.CharField(max_length=20, choices=Article28),
        verbose_name="points du contrat vérifiés (RGPD, article 28)",
        default=list,
        blank=True,
    )
    checked_on = models.DateField("contrat relu le", null=True, blank=True)
    checked_by = models.ForeignKey(
        User, verbose_name="relu par", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    spending_limit = models.DecimalField(
        "plafond sans accord du bailleur (€ HT)", max_digits=9, decimal_places=2, null=True, blank=True
    )

    objects = ProviderQuerySet.as_manager()

    class Meta:
        verbose_name = "prestataire"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=E164, name="provider_is_e164"),
            models.CheckConstraint(
                condition=Q(contract_until_on=None)
                | Q(contract_from_on=None)
                | Q(contract_until_on__gte=F("contract_from_on")),
                name="provider_contract_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def missing_clauses(self) -> list[Article28]:
        return [clause for clause in Article28 if clause not in self.article_28]
