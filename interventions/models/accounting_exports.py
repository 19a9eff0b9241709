from django.db import models
from django.db.models import Q

from accounts.models import User
from interventions.models.invoices import FinancialYear


class AccountingExport(models.Model):
    """A year's books for the accountant: built by a task, encrypted, gone after a day."""

    class Kind(models.TextChoices):
        FEC = "fec", "Fichier des écritures comptables (FEC)"
        CSV = "csv", "Liste des factures et paiements (CSV)"
        ZIP = "zip", "Toutes les factures en PDF (ZIP)"

    class Failure(models.TextChoices):
        NONE = "", "—"
        DISK_FULL = "disk_full", "Le disque est plein. Elle reprend dès qu’il y a de la place."
        ERROR = "error", "Une erreur l’a interrompue. Un autre essai suit."

    financial_year = models.ForeignKey(
        FinancialYear, verbose_name="exercice", on_delete=models.PROTECT, related_name="exports"
    )
    kind = models.CharField("sorte", max_length=3, choices=Kind)
    asked_at = models.DateTimeField("demandée le")
    asked_by = models.ForeignKey(User, verbose_name="demandée par", on_delete=models.PROTECT, related_name="+")
    done = models.PositiveIntegerField("pièces traitées", default=0)
    total = models.PositiveIntegerField("pièces en tout", default=0)
    failure = models.CharField("échec", max_length=20, choices=Failure, blank=True, default=Failure.NONE)
    built_at = models.DateTimeField("prête le", null=True, blank=True)
    file = models.FileField("fichier chiffré", upload_to="accounting", blank=True)
    wrapped_key = models.BinaryField("clé chiffrée", null=True, blank=True)
    size = models.PositiveBigIntegerField("taille", default=0, help_text="En octets, en clair.")

    class Meta:
        verbose_name = "export comptable"
        verbose_name_plural = "exports comptables"
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(condition=Q(built_at=None) | ~Q(file=""), name="accounting_export_has_its_file")
        ]

    def __str__(self) -> str:
        return f"export comptable {self.pk}"

    @property
    def percent(self) -> int:
        return min(100 * self.done // self.total, 100) if self.total else 0
