from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q

from accounts.models import Person, User
from interventions.models.estate import Dwelling, Residence


class SafetyAlertQuerySet(models.QuerySet["SafetyAlert"]):
    def active(self, *, on: date) -> Self:
        return self.filter(starts_on__lte=on, expires_on__gte=on)


class SafetyAlert(models.Model):
    """A danger for those who go there: dated, expiring, visible wherever the address or the person appears."""

    class Kind(models.TextChoices):
        TWO_WORKERS = "two_workers", "Intervenir à deux"
        AGGRESSION = "aggression", "Agression déjà subie sur place"
        ANIMAL = "animal", "Animal dangereux"
        ASBESTOS = "asbestos", "Amiante signalé"
        GAS = "gas", "Installation de gaz condamnée"
        ELECTRICITY = "electricity", "Danger électrique"
        STRUCTURE = "structure", "Bâtiment fragilisé"
        ACCESS = "access", "Accès dangereux"

    residence = models.ForeignKey(
        Residence, null=True, blank=True, on_delete=models.CASCADE, related_name="alerts", verbose_name="résidence"
    )
    dwelling = models.ForeignKey(
        Dwelling, null=True, blank=True, on_delete=models.CASCADE, related_name="alerts", verbose_name="logement"
    )
    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.CASCADE, related_name="alerts", verbose_name="personne"
    )
    kind = models.CharField("danger", max_length=20, choices=Kind)
    instruction = models.CharField(
        "consigne", max_length=200, help_text="Ce qu’il faut faire. La personne peut le lire."
    )
    starts_on = models.DateField("à partir du")
    expires_on = models.DateField("jusqu’au")
    raised_by = models.ForeignKey(User, verbose_name="signalée par", on_delete=models.PROTECT, related_name="+")

    objects = SafetyAlertQuerySet.as_manager()

    class Meta:
        verbose_name = "alerte de sécurité"
        verbose_name_plural = "alertes de sécurité"
        constraints = [
            models.CheckConstraint(condition=Q(expires_on__gte=F("starts_on")), name="alert_dates_in_order"),
            models.CheckConstraint(
                condition=(
                    Q(residence__isnull=False, dwelling=None, person=None)
                    | Q(residence=None, dwelling__isnull=False, person=None)
                    | Q(residence=None, dwelling=None, person__isnull=False)
                ),
                name="alert_is_about_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
