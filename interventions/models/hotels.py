from datetime import datetime, time
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from interventions.models.estate import E164
from interventions.models.interventions import Intervention
from privacy.models import Addressee

CHECK_OUT = time(12)  # after the last night


class Hotel(Addressee):
    """Where tenants sleep when they cannot at home."""

    name = models.CharField("nom", max_length=120, unique=True)
    address = models.CharField("adresse", max_length=200)
    number = models.CharField("téléphone", max_length=16, help_text="E.164")
    email = models.EmailField("adresse e-mail", blank=True)
    is_active = models.BooleanField("en service", default=True)

    class Meta:
        verbose_name = "hôtel"
        verbose_name_plural = "hôtels"
        ordering = ["name"]
        constraints = [models.CheckConstraint(condition=E164, name="hotel_is_e164")]

    def __str__(self) -> str:
        return self.name


class RelocationQuerySet(models.QuerySet["Relocation"]):
    def going_on(self) -> Self:
        return self.filter(ended_at=None)

    def asked_of_hotel(self) -> Self:
        return self.going_on().filter(approved_at__isnull=False)


class Relocation(models.Model):
    """
    Nights at a hotel for those who cannot stay at home, which a supervisor approves each time.

    The hotel's link lives until noon after the last night, or until it refuses, the desk cancels or the intervention
    ends. Only the token's SHA-256 is kept.
    """

    class Need(models.TextChoices):
        """What the room must have, never why."""

        COT = "cot", "Lit bébé"
        STEP_FREE = "step_free", "Chambre accessible (PMR)"
        ANIMAL = "animal", "Animal"
        TWO_ROOMS = "two_rooms", "Deux chambres"
        LATE = "late", "Arrivée de nuit"
        PARKING = "parking", "Stationnement"

    intervention = models.ForeignKey(Intervention, on_delete=models.CASCADE, related_name="relocations")
    hotel = models.ForeignKey(Hotel, verbose_name="hôtel", on_delete=models.PROTECT, related_name="relocations")
    guests = models.PositiveSmallIntegerField("personnes")
    from_on = models.DateField("première nuit")
    until_on = models.DateField("départ")
    needs = ArrayField(models.CharField(max_length=10, choices=Need), verbose_name="besoins", default=list, blank=True)
    asked_at = models.DateTimeField("demandé le")
    asked_by = models.ForeignKey(User, verbose_name="demandé par", on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField("accordé le", null=True, blank=True)
    approved_by = models.ForeignKey(
        User, verbose_name="accordé par", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField("pourquoi un relogement", max_length=200, blank=True)
    token_hash = models.CharField(max_length=64, unique=True, null=True, blank=True)
    first_opened_at = models.DateTimeField("ouvert le", null=True, blank=True)
    last_opened_at = models.DateTimeField("ouvert en dernier le", null=True, blank=True)
    opened = models.PositiveIntegerField("ouvertures", default=0)
    confirmed = models.BooleanField("confirmé par l’hôtel", null=True, blank=True)
    answered_at = models.DateTimeField("réponse le", null=True, blank=True)
    cancelled_by = models.ForeignKey(
        User, verbose_name="annulé par", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField("fini le", null=True, blank=True, db_index=True)

    objects = RelocationQuerySet.as_manager()

    class Meta:
        verbose_name = "relogement"
        ordering = ["asked_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(until_on__gt=F("from_on")), name="relocation_lasts_a_night"),
            models.CheckConstraint(condition=Q(guests__gte=1), name="relocation_has_a_guest"),
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by=None, reason="", token_hash=None)
                | (Q(approved_at__isnull=False, approved_by__isnull=False, token_hash__isnull=False) & ~Q(reason="")),
                name="relocation_approval_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(confirmed=None, answered_at=None)
                | Q(confirmed__isnull=False, answered_at__isnull=False, approved_at__isnull=False),
                name="relocation_answer_has_its_moment",
            ),
            models.UniqueConstraint(
                fields=["intervention"], condition=Q(ended_at=None), name="relocation_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"relogement {self.pk}"

    @property
    def check_out_at(self) -> datetime:
        return datetime.combine(self.until_on, CHECK_OUT, tzinfo=timezone.get_default_timezone())

    @property
    def nights(self) -> int:
        return (self.until_on - self.from_on).days

    @property
    def need_labels(self) -> list[str]:
        return [str(self.Need(need).label) for need in self.needs]
