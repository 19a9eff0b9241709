from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from callcenter.models.calls import Call
from interventions.models import Incident, Intervention


class Shift(models.Model):
    """A turn at the desk (vacation). One is open at a time; handing over closes it and opens the next."""

    started_at = models.DateTimeField("prise de poste", default=timezone.now)
    opened_by = models.ForeignKey(User, verbose_name="ouverte par", on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField("relève", null=True, blank=True)
    handed_over_by = models.ForeignKey(
        User, verbose_name="transmise par", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "vacation"
        constraints = [
            models.UniqueConstraint(
                fields=["ended_at"], condition=Q(ended_at=None), nulls_distinct=False, name="shift_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"vacation {self.pk}"


class LogEntry(models.Model):
    """
    A line of the main courante, on a call, an intervention, an incident or the shift.

    Append-only: the database refuses to change it, or to delete it outside the purge. A mistake is struck by a new
    entry that names it in `strikes`.
    """

    class Kind(models.TextChoices):
        NOTE = "note", "Note"
        TENANT = "tenant", "Échange avec le locataire"
        PROVIDER = "provider", "Échange avec le prestataire"
        LANDLORD = "landlord", "Échange avec le bailleur"
        ADVICE = "advice", "Consigne donnée"
        INCIDENT = "incident", "Fait marquant"
        CORRECTION = "correction", "Rectification"

    call = models.ForeignKey(Call, null=True, blank=True, on_delete=models.CASCADE, related_name="entries")
    intervention = models.ForeignKey(
        Intervention, null=True, blank=True, on_delete=models.CASCADE, related_name="entries"
    )
    incident = models.ForeignKey(Incident, null=True, blank=True, on_delete=models.CASCADE, related_name="entries")
    shift = models.ForeignKey(Shift, null=True, blank=True, on_delete=models.CASCADE, related_name="entries")
    at = models.DateTimeField("le")
    author = models.ForeignKey(User, verbose_name="auteur", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("nature", max_length=12, choices=Kind, default=Kind.NOTE)
    text = models.TextField("texte", max_length=4000)
    justification = models.CharField(
        "justification", max_length=200, blank=True, help_text="Pourquoi un mot sensible était nécessaire."
    )
    strikes = models.OneToOneField(
        "self", verbose_name="rectifie", null=True, blank=True, on_delete=models.CASCADE, related_name="struck_by"
    )

    class Meta:
        verbose_name = "main courante"
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(call__isnull=False, intervention=None, incident=None, shift=None)
                    | Q(call=None, intervention__isnull=False, incident=None, shift=None)
                    | Q(call=None, intervention=None, incident__isnull=False, shift=None)
                    | Q(call=None, intervention=None, incident=None, shift__isnull=False)
                ),
                name="log_entry_is_on_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(kind="correction", strikes__isnull=False) | (~Q(kind="correction") & Q(strikes=None)),
                name="log_entry_only_a_correction_strikes",
            ),
        ]

    def __str__(self) -> str:
        return f"main courante {self.pk}"
