from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Person, User
from accounts.roles import DESK_ROLES
from interventions.models import Incident, Intervention, Landlord


class CallQuerySet(models.QuerySet["Call"]):
    def visible_to(self, user: User) -> Self:
        return self if user.role in DESK_ROLES else self.none()

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
    notice_version = models.CharField("information lue", max_length=20, blank=True)
    notice_at = models.DateTimeField("information lue le", null=True, blank=True)
    recording_answer = models.CharField(
        "enregistrement", max_length=10, choices=RecordingAnswer, blank=True, default=""
    )
    recording_answered_at = models.DateTimeField("répondu le", null=True, blank=True)

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

    def waiting_time(self, *, now: datetime) -> timedelta:
        return (self.answered_at or self.ended_at or now) - self.started_at

    def talking_time(self, *, now: datetime) -> timedelta:
        return (self.ended_at or now) - self.answered_at if self.answered_at else timedelta()


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

    class Meta:
        verbose_name = "rappel"
        indexes = [models.Index(fields=["promised_at"], condition=Q(done_at=None), name="callback_waiting")]

    def __str__(self) -> str:
        return f"rappel {self.pk}"


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


class LogEntryQuerySet(models.QuerySet["LogEntry"]):
    def about(self, intervention: Intervention) -> Self:
        """All that was written on it, on its calls and on the incident it belongs to."""
        # A union, for each part has its index: an OR across the join to calls reads every entry.
        about = LogEntry.objects.order_by().values("pk")
        parts = [about.filter(intervention=intervention), about.filter(call__intervention=intervention)]
        if intervention.incident_id:
            parts.append(about.filter(incident=intervention.incident_id))
        return self.filter(pk__in=parts[0].union(*parts[1:]))


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

    objects = LogEntryQuerySet.as_manager()

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


class FormSubmission(models.Model):
    """A form of the console that was sent, by its one-time key: sent twice, it acts once. Kept for a day."""

    key = models.UUIDField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(db_index=True)
    led_to = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = "formulaire envoyé"
        verbose_name_plural = "formulaires envoyés"

    def __str__(self) -> str:
        return str(self.key)
