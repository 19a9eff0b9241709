from django.db import models
from django.db.models import F, Q

from accounts.models import Person
from interventions.models.estate import Landlord
from interventions.models.interventions import Intervention


class FinancialYear(models.Model):
    """An accounting period; the ten years of its documents begin when it closes (code de commerce L123-22)."""

    starts_on = models.DateField("début", unique=True)
    closes_on = models.DateField("clôture", unique=True)

    class Meta:
        verbose_name = "exercice"
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(condition=Q(closes_on__gt=F("starts_on")), name="financial_year_in_order")
        ]

    def __str__(self) -> str:
        return f"exercice clos le {self.closes_on:%d/%m/%Y}"


class Invoice(models.Model):
    """
    An invoice to a person or a landlord. It carries its own name and address: it outlives everything else.

    No telephone, e-mail or story of the intervention. Once the person it was made out to is erased it names no debtor.
    """

    number = models.CharField("numéro", max_length=30, unique=True)
    financial_year = models.ForeignKey(
        FinancialYear, verbose_name="exercice", on_delete=models.PROTECT, related_name="invoices"
    )
    issued_on = models.DateField("date")
    person = models.ForeignKey(
        Person, verbose_name="personne", null=True, blank=True, on_delete=models.PROTECT, related_name="invoices"
    )
    landlord = models.ForeignKey(
        Landlord, verbose_name="bailleur", null=True, blank=True, on_delete=models.PROTECT, related_name="invoices"
    )
    intervention = models.ForeignKey(
        Intervention,
        verbose_name="intervention",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="invoices",
    )
    billed_name = models.CharField("nom facturé", max_length=200)
    billed_address = models.CharField("adresse facturée", max_length=300)
    total = models.DecimalField("total TTC", max_digits=10, decimal_places=2)

    class Meta:
        verbose_name = "facture"
        ordering = ["-issued_on", "-number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person=None) | Q(landlord=None),
                name="invoice_has_no_two_debtors",
            )
        ]

    def __str__(self) -> str:
        return self.number
