from django.db import models


class LedgerMark(models.Model):
    """The last entry of the journal of erasures that this database knows. One row; see `privacy.ledger`."""

    number = models.BigIntegerField("numéro", default=0)
    hash = models.CharField("empreinte", max_length=64, blank=True)

    class Meta:
        verbose_name = "repère du journal des effacements"
        verbose_name_plural = "repères du journal des effacements"

    def __str__(self) -> str:
        return f"entrée {self.number}"
