"""What a draft, an estimate and an invoice share: to whom it is made out, and its lines."""

from decimal import ROUND_HALF_UP, Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Round

from accounts.models import Person
from interventions.models.estate import SIREN, VAT_NUMBER, Landlord

CENT = Decimal("0.01")


class VatRate(models.TextChoices):
    """CGI articles 278, 279-0 bis, 278-0 bis A, 261 and 283-2 nonies."""

    NORMAL = "normal", "20\N{NO-BREAK SPACE}%"
    INTERMEDIATE = "intermediate", "10\N{NO-BREAK SPACE}% (travaux dans un logement de plus de deux ans)"
    REDUCED = "reduced", "5,5\N{NO-BREAK SPACE}% (rénovation énergétique d’un logement de plus de deux ans)"
    EXEMPT = "exempt", "Exonéré"
    REVERSE_CHARGE = "reverse_charge", "Autoliquidation par le client"


# In per cent, before tax. A new law changes them here; what was issued keeps its own.
VAT_PERCENT = {
    VatRate.NORMAL: Decimal("20.00"),
    VatRate.INTERMEDIATE: Decimal("10.00"),
    VatRate.REDUCED: Decimal("5.50"),
    VatRate.EXEMPT: Decimal("0.00"),
    VatRate.REVERSE_CHARGE: Decimal("0.00"),
}
# Only once the client has certified that the dwelling is theirs to live in and more than two years old.
ATTESTED_RATES = (VatRate.INTERMEDIATE, VatRate.REDUCED)


class Unit(models.TextChoices):
    """UN/ECE recommendation 20, as the invoices' exchange format names units."""

    ONE = "C62", "unité"
    LUMP_SUM = "LS", "forfait"
    HOUR = "HUR", "heure"
    DAY = "DAY", "jour"
    METRE = "MTR", "mètre"
    SQUARE_METRE = "MTK", "m²"
    KILOMETRE = "KMT", "km"


def to_the_cent(amount: Decimal) -> Decimal:
    """Half a cent goes up, away from zero, as PostgreSQL rounds and the standard EN 16931 does."""
    return amount.quantize(CENT, ROUND_HALF_UP)


class MadeOut(models.Model):
    """To one person or one landlord. What is written of them is what the law asks for, and no more."""

    person = models.ForeignKey(
        Person, verbose_name="personne", null=True, blank=True, on_delete=models.PROTECT, related_name="%(class)ss"
    )
    landlord = models.ForeignKey(
        Landlord, verbose_name="bailleur", null=True, blank=True, on_delete=models.PROTECT, related_name="%(class)ss"
    )
    billed_name = models.CharField("nom", max_length=200)
    billed_street = models.CharField("adresse", max_length=200)
    billed_postcode = models.CharField("code postal", max_length=12)
    billed_city = models.CharField("commune", max_length=100)
    billed_country = models.CharField("pays", max_length=2, default="FR", help_text="Deux lettres : FR, BE, LU…")
    billed_siren = models.CharField("SIREN", max_length=9, blank=True, validators=[SIREN])
    billed_vat_number = models.CharField("numéro de TVA", max_length=15, blank=True, validators=[VAT_NUMBER])

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=Q(person=None) | Q(landlord=None), name="%(class)s_has_no_two_debtors"),
            models.CheckConstraint(condition=Q(billed_country__regex=r"^[A-Z]{2}$"), name="%(class)s_country"),
        ]

    @property
    def is_to_a_business(self) -> bool:
        return bool(self.billed_siren or self.billed_vat_number)

    def made_out_to(self) -> dict[str, object]:
        """The same debtor, for another piece."""
        return {field.name: getattr(self, field.name) for field in MadeOut._meta.get_fields()}


class BilledLine(models.Model):
    """Amounts in euros, before tax."""

    position = models.PositiveSmallIntegerField("rang")
    designation = models.CharField("désignation", max_length=200)
    quantity = models.DecimalField("quantité", max_digits=9, decimal_places=3)
    unit = models.CharField("unité", max_length=3, choices=Unit, default=Unit.ONE)
    unit_price = models.DecimalField(
        "prix unitaire HT", max_digits=10, decimal_places=4, validators=[MinValueValidator(0)]
    )
    vat = models.CharField("TVA", max_length=14, choices=VatRate, default=VatRate.NORMAL)

    class Meta:
        abstract = True
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(condition=~Q(quantity=0), name="%(class)s_of_something"),
            models.CheckConstraint(condition=Q(unit_price__gte=0), name="%(class)s_price"),
        ]

    @property
    def amount(self) -> Decimal:
        return to_the_cent(self.quantity * self.unit_price)


def amounts_agree(name: str) -> models.CheckConstraint:
    """The stored net amount is what quantity and price make."""
    made = Round(F("quantity") * F("unit_price"), precision=2)
    return models.CheckConstraint(condition=Q(net=made), name=name)
