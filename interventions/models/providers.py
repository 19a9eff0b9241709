from django.contrib.postgres.fields import ArrayField
from django.db import models

from interventions.models.estate import E164
from interventions.problems import Trade


class Provider(models.Model):
    """A company that goes there (prestataire)."""

    name = models.CharField("raison sociale", max_length=120, unique=True)
    trades = ArrayField(models.CharField(max_length=20, choices=Trade), verbose_name="métiers")
    number = models.CharField("téléphone", max_length=16, help_text="E.164")
    email = models.EmailField("adresse e-mail", blank=True)
    is_active = models.BooleanField("en service", default=True)

    class Meta:
        verbose_name = "prestataire"
        ordering = ["name"]
        constraints = [models.CheckConstraint(condition=E164, name="provider_is_e164")]

    def __str__(self) -> str:
        return self.name
