from django.conf import settings
from django.db import models


class OneTimeCode(models.Model):
    """Six digits sent to somebody to prove that an address or a number is theirs. Only a keyed hash is kept."""

    person = models.ForeignKey(
        settings.PRIVACY_SUBJECT_MODEL, verbose_name="personne", on_delete=models.CASCADE, related_name="+"
    )
    purpose = models.CharField("usage", max_length=40)
    code_hash = models.CharField("empreinte", max_length=64)
    issued_at = models.DateTimeField("émis le", db_index=True)
    tries = models.PositiveSmallIntegerField("essais", default=0)
    used_at = models.DateTimeField("utilisé le", null=True, blank=True)

    class Meta:
        verbose_name = "code à usage unique"
        verbose_name_plural = "codes à usage unique"
        indexes = [models.Index(fields=["person", "purpose"], name="one_time_code_person")]

    def __str__(self) -> str:
        return f"code {self.pk}"
