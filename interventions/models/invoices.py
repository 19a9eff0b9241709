from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import Case, DecimalField, F, Func, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.roles import Role
from interventions.models.billing import VAT_PERCENT, BilledLine, MadeOut, VatRate, amounts_agree
from interventions.models.estate import Landlord
from interventions.models.interventions import Intervention
from privacy.policy import ARCHIVED_AFTER
from privacy.retention.due import due_on, last_day_due, paris_day

OPENED_FOR = timedelta(minutes=30)  # an archive


class DateRange(Func):
    function = "DATERANGE"
    output_field = DateRangeField()


class FinancialYearQuerySet(models.QuerySet["FinancialYear"]):
    def of(self, day: date) -> "FinancialYear | None":
        return self.filter(starts_on__lte=day, closes_on__gte=day).first()

    def archived(self, *, on: date) -> Self:
        return self.filter(closes_on__lt=last_day_due(ARCHIVED_AFTER, today=on))

    def open_to(self, user: User, *, now: datetime) -> Self:
        """Those whose archive they have opened, with a reason, a moment ago."""
        return self.filter(openings__opened_by=user, openings__opened_at__gt=now - OPENED_FOR)


class FinancialYear(models.Model):
    """An accounting period; the ten years of its documents begin when it closes (code de commerce L123-22)."""

    starts_on = models.DateField("début", unique=True)
    closes_on = models.DateField("clôture", unique=True)

    objects = FinancialYearQuerySet.as_manager()

    class Meta:
        verbose_name = "exercice"
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(condition=Q(closes_on__gt=F("starts_on")), name="financial_year_in_order"),
            ExclusionConstraint(
                name="financial_years_apart",
                expressions=[
                    (
                        DateRange("starts_on", "closes_on", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    )
                ],
                violation_error_message="Un autre exercice couvre déjà une partie de ces dates.",
            ),
        ]

    def __str__(self) -> str:
        return f"exercice clos le {self.closes_on:%d/%m/%Y}"

    @property
    def archived_from(self) -> date:
        """From that day on only accounting opens its documents, with a reason."""
        return due_on(self.closes_on, ARCHIVED_AFTER)

    def is_archived(self, *, on: date) -> bool:
        return on >= self.archived_from


class ArchiveOpening(models.Model):
    """Who opened the archive of a year, and why. It stays open to them for half an hour."""

    class Reason(models.TextChoices):
        TAX_AUDIT = "tax_audit", "Contrôle fiscal ou social"
        AUDITOR = "auditor", "Commissaire aux comptes, expert-comptable"
        DISPUTE = "dispute", "Contestation ou recouvrement"
        CLIENT = "client", "Demande du client"

    financial_year = models.ForeignKey(
        FinancialYear, verbose_name="exercice", on_delete=models.PROTECT, related_name="openings"
    )
    reason = models.CharField("raison", max_length=20, choices=Reason)
    opened_by = models.ForeignKey(User, verbose_name="ouverte par", on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField("ouverte le")

    class Meta:
        verbose_name = "ouverture d’archive"
        verbose_name_plural = "ouvertures d’archives"
        ordering = ["-opened_at"]

    def __str__(self) -> str:
        return f"ouverture {self.pk}"


class Series(models.TextChoices):
    """Each is numbered by itself. Codes of UNTDID 1001 are the exchange format's."""

    INVOICE = "F", "Facture"
    CREDIT_NOTE = "A", "Avoir"


class CreditReason(models.TextChoices):
    ERROR = "error", "Erreur sur la facture"
    CANCELLED = "cancelled", "Prestation annulée"
    GOODWILL = "goodwill", "Geste commercial"
    DISPUTE = "dispute", "Contestation fondée"


EUROS = DecimalField(max_digits=12, decimal_places=2)


def summed(rows: "models.QuerySet[Any]", *, by: str, field: str) -> Coalesce:
    """The sum of a field of the rows that hang from the outer one, 0 where there are none."""
    sums = rows.filter(**{by: OuterRef("pk")}).order_by().values(by).annotate(sum=Sum(field)).values("sum")
    return Coalesce(Subquery(sums, output_field=EUROS), Value(Decimal(0), output_field=EUROS))


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    def visible_to(self, user: User, *, now: datetime) -> Self:
        """A client sees their own; accounting all, but for archived years that they have not opened."""
        archived = FinancialYear.objects.archived(on=paris_day(now))
        if user.role == Role.ACCOUNTING:
            return self.exclude(
                Q(financial_year__in=archived) & ~Q(financial_year__in=FinancialYear.objects.open_to(user, now=now))
            )
        recent = self.exclude(financial_year__in=archived)
        if user.role == Role.ADMINISTRATOR:
            return recent
        if user.role == Role.LANDLORD_MANAGER:
            return recent.filter(landlord__in=Landlord.objects.visible_to(user))
        if user.role == Role.TENANT and user.person_id is not None:
            return recent.filter(person=user.person_id)
        return self.none()

    def invoices(self) -> Self:
        return self.filter(series=Series.INVOICE)

    def with_balance(self) -> Self:
        """
        `paid`, `credited` and `balance`, in euros. A balance under zero is owed to the client; a credit note has none.
        """
        from interventions.models.payments import Payment  # which points here

        rows = self.annotate(
            paid=summed(Payment.objects.all(), by="invoice", field="amount"),
            credited=summed(Invoice.objects.all(), by="corrects", field="total"),
        )
        return rows.annotate(
            balance=Case(
                When(series=Series.INVOICE, then=F("total") - F("credited") - F("paid")),
                default=Value(Decimal(0)),
                output_field=EUROS,
            )
        )

    def owing(self) -> Self:
        """What somebody still has to pay."""
        return self.with_balance().filter(balance__gt=0)


class Invoice(MadeOut):
    """
    An issued invoice, or the credit note that mends one. PostgreSQL refuses to change or delete it, and checks at the
    end of the transaction that its number follows the last and that its lines make its totals. It carries its own
    name and address: it outlives everything else. No telephone, e-mail or story of the intervention.

    Amounts in euros; those of a credit note are what it takes back, above zero. Once the person it was made out to is
    erased it names no debtor by link. Only `invoicing.issuing` writes it (CGI annexe II, article 242 nonies A).
    """

    series = models.CharField("série", max_length=1, choices=Series, default=Series.INVOICE)
    sequence = models.PositiveIntegerField("rang dans la série")
    number = models.CharField("numéro", max_length=30, unique=True)
    financial_year = models.ForeignKey(
        FinancialYear, verbose_name="exercice", on_delete=models.PROTECT, related_name="invoices"
    )
    issued_on = models.DateField("date")
    issued_at = models.DateTimeField("émise le")
    issued_by = models.ForeignKey(
        User, verbose_name="émise par", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    supplied_on = models.DateField("date de la prestation")
    due_on = models.DateField("à payer avant le")
    intervention = models.ForeignKey(
        Intervention,
        verbose_name="intervention",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="invoices",
    )
    corrects = models.ForeignKey(
        "self",
        verbose_name="facture corrigée",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="credits",
    )
    corrected_number = models.CharField("numéro de la facture corrigée", max_length=30, blank=True)
    corrected_on = models.DateField("date de la facture corrigée", null=True, blank=True)
    reason = models.CharField("raison de l’avoir", max_length=10, choices=CreditReason, blank=True)
    purchase_order = models.CharField("bon de commande ou engagement", max_length=40, blank=True)
    buyer_reference = models.CharField("référence du service", max_length=40, blank=True)
    attested_on = models.DateField("attestation de TVA du", null=True, blank=True)
    seller = models.JSONField("émetteur", help_text="Tel qu’il était ce jour-là.")
    line_count = models.PositiveSmallIntegerField("nombre de lignes")
    net_total = models.DecimalField("total HT", max_digits=12, decimal_places=2)
    vat_total = models.DecimalField("TVA", max_digits=12, decimal_places=2)
    total = models.DecimalField("total TTC", max_digits=12, decimal_places=2)

    objects = InvoiceQuerySet.as_manager()

    class Meta(MadeOut.Meta):
        abstract = False
        verbose_name = "facture"
        ordering = ["-issued_on", "-financial_year", "series", "-sequence"]
        constraints = [
            *MadeOut.Meta.constraints,
            models.UniqueConstraint(fields=["financial_year", "series", "sequence"], name="invoice_sequence_once"),
            models.CheckConstraint(
                condition=Q(total=F("net_total") + F("vat_total"), net_total__gte=0, vat_total__gte=0),
                name="invoice_total",
            ),
            models.CheckConstraint(condition=Q(sequence__gte=1, line_count__gte=1), name="invoice_counts"),
            models.CheckConstraint(condition=Q(due_on__gte=F("issued_on")), name="invoice_due_after_it_is_issued"),
            models.CheckConstraint(
                condition=Q(series=Series.INVOICE, corrected_number="", reason="", corrects=None)
                | (Q(series=Series.CREDIT_NOTE) & ~Q(corrected_number="") & ~Q(reason="")),
                name="invoice_credit_note_names_its_invoice",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_credit_note(self) -> bool:
        return self.series == Series.CREDIT_NOTE


class InvoiceLine(BilledLine):
    invoice = models.ForeignKey(Invoice, verbose_name="facture", on_delete=models.CASCADE, related_name="lines")
    vat_percent = models.DecimalField("taux de TVA (%)", max_digits=4, decimal_places=2)
    net = models.DecimalField("montant HT", max_digits=12, decimal_places=2)

    class Meta(BilledLine.Meta):
        abstract = False
        verbose_name = "ligne de facture"
        verbose_name_plural = "lignes de facture"
        constraints = [
            *BilledLine.Meta.constraints,
            amounts_agree("invoiceline_net"),
            models.UniqueConstraint(fields=["invoice", "position"], name="invoice_line_once"),
        ]

    def __str__(self) -> str:
        return f"ligne {self.pk}"


class InvoiceDocument(models.Model):
    """The Factur-X file, made once and kept encrypted: the same bytes always. `sha256` is that of the clear file."""

    invoice = models.OneToOneField(Invoice, verbose_name="facture", on_delete=models.CASCADE, related_name="document")
    file = models.FileField("fichier chiffré", upload_to="invoices")
    wrapped_key = models.BinaryField("clé chiffrée")
    sha256 = models.CharField("empreinte", max_length=64)
    size = models.PositiveIntegerField("taille", help_text="En octets, en clair.")
    made_at = models.DateTimeField("fait le")

    class Meta:
        verbose_name = "document de facture"
        verbose_name_plural = "documents de facture"

    def __str__(self) -> str:
        return f"document {self.pk}"


class InvoiceDraft(MadeOut):
    """What accounting is preparing: it has no number, may change, and goes when it is issued."""

    intervention = models.ForeignKey(
        Intervention,
        verbose_name="intervention",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="drafts",
    )
    corrects = models.ForeignKey(
        Invoice,
        verbose_name="facture à corriger",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="draft_credits",
    )
    reason = models.CharField("raison de l’avoir", max_length=10, choices=CreditReason, blank=True)
    supplied_on = models.DateField("date de la prestation")
    purchase_order = models.CharField("bon de commande ou engagement", max_length=40, blank=True)
    buyer_reference = models.CharField("référence du service", max_length=40, blank=True)
    attested_on = models.DateField(
        "attestation de TVA du",
        null=True,
        blank=True,
        help_text="Pour un taux réduit : le jour où le client a certifié que le logement a plus de deux ans.",
    )
    prepared_at = models.DateTimeField("préparée le")
    prepared_by = models.ForeignKey(
        User, verbose_name="préparée par", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta(MadeOut.Meta):
        abstract = False
        verbose_name = "brouillon de facture"
        verbose_name_plural = "brouillons de facture"
        ordering = ["-prepared_at"]

    def __str__(self) -> str:
        return f"brouillon {self.pk}"

    @property
    def series(self) -> Series:
        return Series.CREDIT_NOTE if self.corrects_id else Series.INVOICE


class DraftLine(BilledLine):
    draft = models.ForeignKey(InvoiceDraft, verbose_name="brouillon", on_delete=models.CASCADE, related_name="lines")

    class Meta(BilledLine.Meta):
        abstract = False
        verbose_name = "ligne de brouillon"
        verbose_name_plural = "lignes de brouillon"

    def __str__(self) -> str:
        return f"ligne {self.pk}"

    @property
    def vat_percent(self) -> Decimal:
        return VAT_PERCENT[VatRate(self.vat)]
