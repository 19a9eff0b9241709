from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Person, User
from accounts.roles import DESK_ROLES
from interventions.models import Intervention, Landlord
from privacy.objections import unopposed
from privacy.restriction import unrestricted


class CallQuerySet(models.QuerySet["Call"]):
    def visible_to(self, user: User) -> Self:
        return self.unrestricted() if user.role in DESK_ROLES else self.none()

    def unrestricted(self) -> Self:
        """Without those of people whose data are restricted. One under way goes on to its outcome."""
        return unrestricted(self, "caller", "on_behalf_of", but=Q(outcome=""))

    def remembered(self) -> Self:
        """What is shown of the past: not the calls of people who objected to a history or are restricted."""
        return unopposed(self.unrestricted(), "caller", "on_behalf_of", purpose="history", but=Q(outcome=""))

    def ringing(self) -> Self:
        return self.filter(answered_at=None, ended_at=None, direction=Call.Direction.INBOUND)

    def unfinished_by(self, agent: User) -> Self:
        """Answered by this agent, and not yet given an outcome."""
        return self.filter(agent=agent, outcome="")


class Call(models.Model):
    """
    A telephone call. It stands by itself, with or without an intervention.

    `caller` is who speaks, `on_behalf_of` whom it is about when that is somebody else: two people, never mixed.
    """

    class Direction(models.TextChoices):
        INBOUND = "inbound", "Reçu"
        OUTBOUND = "outbound", "Émis"

    class Relation(models.TextChoices):
        RELATIVE = "relative", "Un proche"
        NEIGHBOUR = "neighbour", "Un voisin"
        CARETAKER = "caretaker", "Le gardien"
        SOCIAL_WORKER = "social_worker", "Un travailleur social"
        OTHER = "other", "Autre"

    class Outcome(models.TextChoices):
        INTERVENTION = "intervention", "Intervention ouverte"
        FOLLOW_UP = "follow_up", "Suivi d’une intervention"
        INFORMATION = "information", "Renseignement donné"
        REFERRED = "referred", "Orienté ailleurs"
        EMERGENCY_SERVICES = "emergency_services", "Passé aux secours"
        CALLBACK = "callback", "À rappeler"
        UNREACHED = "unreached", "Personne au bout du fil"
        WRONG_NUMBER = "wrong_number", "Erreur de numéro"
        ABUSIVE = "abusive", "Appel malveillant"
        MISSED = "missed", "Appel manqué"

    class RecordingAnswer(models.TextChoices):
        NOT_ASKED = "", "Pas demandé"
        ACCEPTED = "accepted", "Accepte l’enregistrement"
        REFUSED = "refused", "Refuse l’enregistrement"

    direction = models.CharField("sens", max_length=10, choices=Direction, default=Direction.INBOUND)
    external_id = models.CharField("numéro du standard", max_length=64, null=True, blank=True, unique=True)
    from_number = models.CharField("appelant", max_length=16, blank=True, help_text="E.164 ; vide si masqué.")
    to_number = models.CharField("appelé", max_length=16, blank=True, help_text="E.164")
    landlord = models.ForeignKey(
        Landlord, verbose_name="bailleur", null=True, blank=True, on_delete=models.PROTECT, related_name="calls"
    )
    caller = models.ForeignKey(
        Person, verbose_name="qui appelle", null=True, blank=True, on_delete=models.PROTECT, related_name="calls"
    )
    on_behalf_of = models.ForeignKey(
        Person, verbose_name="pour qui", null=True, blank=True, on_delete=models.PROTECT, related_name="calls_on_behalf"
    )
    relation = models.CharField("lien", max_length=20, choices=Relation, blank=True)
    agent = models.ForeignKey(
        User, verbose_name="agent", null=True, blank=True, on_delete=models.PROTECT, related_name="calls"
    )
    intervention = models.ForeignKey(
        Intervention,
        verbose_name="intervention",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="calls",
    )
    started_at = models.DateTimeField("début", default=timezone.now)
    answered_at = models.DateTimeField("décroché", null=True, blank=True)
    ended_at = models.DateTimeField("raccroché", null=True, blank=True)
    outcome = models.CharField("issue", max_length=20, choices=Outcome, blank=True)
    number_matched = models.BooleanField(
        "la fiche connue sous ce numéro est celle de qui appelle",
        null=True,
        blank=True,
        help_text="Vide\N{NO-BREAK SPACE}: aucune n’a été suggérée.",
    )
    joined_duplicate = models.BooleanField("rattaché à une intervention suggérée", default=False, db_default=False)
    notice_version = models.CharField("information lue", max_length=20, blank=True)
    notice_at = models.DateTimeField("information lue le", null=True, blank=True)
    recording_answer = models.CharField(
        "enregistrement", max_length=10, choices=RecordingAnswer, blank=True, default=""
    )
    recording_answered_at = models.DateTimeField("répondu le", null=True, blank=True)
    recording_pauses = models.JSONField(
        "pauses",
        default=list,
        db_default=[],
        blank=True,
        help_text="[[début, fin], …], en ISO 8601 ; pas de fin, pause en cours.",
    )

    objects = CallQuerySet.as_manager()

    class Meta:
        verbose_name = "appel"
        constraints = [
            models.UniqueConstraint(fields=["agent"], condition=Q(outcome=""), name="call_one_unfinished_an_agent"),
            models.CheckConstraint(
                condition=Q(on_behalf_of=None) | Q(caller=None) | ~Q(on_behalf_of=F("caller")), name="call_two_people"
            ),
            models.CheckConstraint(
                condition=(Q(answered_at=None) | Q(answered_at__gte=F("started_at")))
                & (Q(ended_at=None) | Q(ended_at__gte=F("started_at"))),
                name="call_times_in_order",
            ),
            models.CheckConstraint(
                condition=Q(notice_version="") | Q(notice_at__isnull=False), name="call_notice_has_its_time"
            ),
            models.CheckConstraint(
                condition=Q(recording_answer="") | Q(recording_answered_at__isnull=False),
                name="call_recording_answer_has_its_time",
            ),
        ]
        indexes = [
            models.Index(fields=["started_at"], condition=Q(answered_at=None, ended_at=None), name="call_ringing"),
            models.Index(fields=["-started_at"], name="call_started"),
            models.Index(fields=["ended_at"], name="call_ended"),
        ]

    def __str__(self) -> str:
        return f"appel {self.pk}"

    @property
    def concerns(self) -> Person | None:
        """The person the call is about."""
        return self.on_behalf_of or self.caller

    @property
    def other_number(self) -> str:
        """The number at the other end of the line."""
        return self.from_number if self.direction == self.Direction.INBOUND else self.to_number

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None

    @property
    def is_paused(self) -> bool:
        """Nothing of what is said now may be recorded."""
        return bool(self.recording_pauses) and self.recording_pauses[-1][1] is None

    def waiting_time(self, *, now: datetime) -> timedelta:
        return (self.answered_at or self.ended_at or now) - self.started_at

    def talking_time(self, *, now: datetime) -> timedelta:
        return (self.ended_at or now) - self.answered_at if self.answered_at else timedelta()


class CallbackQuerySet(models.QuerySet["Callback"]):
    def unrestricted(self) -> Self:
        return unrestricted(self, "call__caller", "call__on_behalf_of")


class Callback(models.Model):
    """A caller to ring back: a missed call, or a promise made to someone."""

    call = models.OneToOneField(Call, verbose_name="appel", on_delete=models.CASCADE, related_name="callback")
    owner = models.ForeignKey(
        User, verbose_name="pris par", null=True, blank=True, on_delete=models.PROTECT, related_name="callbacks"
    )
    promised_at = models.DateTimeField("promis pour")
    done_at = models.DateTimeField("rappelé le", null=True, blank=True)
    done_by = models.ForeignKey(
        User, verbose_name="rappelé par", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = CallbackQuerySet.as_manager()

    class Meta:
        verbose_name = "rappel"
        indexes = [models.Index(fields=["promised_at"], condition=Q(done_at=None), name="callback_waiting")]

    def __str__(self) -> str:
        return f"rappel {self.pk}"
