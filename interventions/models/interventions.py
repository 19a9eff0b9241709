import re
from datetime import datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Person, User
from accounts.roles import DESK_ROLES, Role
from accounts.search_keys import question
from interventions.models.estate import Dwelling, Landlord, Residence
from interventions.models.incidents import Incident
from interventions.models.providers import Provider
from interventions.problems import PROBLEMS_BY_CODE, Priority, Problem, problem_choices
from privacy.objections import unopposed
from privacy.registry import registry
from privacy.restriction import is_restricted, unrestricted
from privacy.retention import due


class Status(models.TextChoices):
    RECEIVED = "received", "Reçue"
    QUALIFIED = "qualified", "Qualifiée"
    DISPATCHED = "dispatched", "Transmise"
    ACCEPTED = "accepted", "Acceptée"
    APPOINTMENT = "appointment", "Rendez-vous pris"
    ON_SITE = "on_site", "Sur place"
    NO_ACCESS = "no_access", "Absent, pas d’accès"
    FOLLOW_ON = "follow_on", "Suite à donner"
    DONE = "done", "Faite"
    REOPENED = "reopened", "Rouverte"
    CLOSED = "closed", "Close"
    REFUSED = "refused", "Hors périmètre"
    CANCELLED = "cancelled", "Annulée"


ENDED = frozenset({Status.CLOSED, Status.REFUSED, Status.CANCELLED})
WITHOUT_PROVIDER = ENDED | {Status.RECEIVED, Status.QUALIFIED, Status.REOPENED}
# Nobody has reached the place yet: these are what a target time is about.
AWAITED = frozenset(
    {Status.RECEIVED, Status.QUALIFIED, Status.DISPATCHED, Status.ACCEPTED, Status.APPOINTMENT, Status.REOPENED}
)


# What may save a life is dealt with, whatever is restricted.
EMERGENCY_UNDER_WAY = Q(priority=Priority.EMERGENCY, closed_at=None)


class Availability(models.TextChoices):
    """When a tenant can be at home. Tenants read it in their language."""

    ANY = "any", _("À tout moment")
    MORNINGS = "mornings", _("Le matin, de 8 h à 12 h")
    AFTERNOONS = "afternoons", _("L’après-midi, de 13 h à 17 h")
    EVENINGS = "evenings", _("Le soir, après 17 h")
    SATURDAYS = "saturdays", _("Le samedi")


REFERENCE = re.compile(r"I? ?([0-9]{1,18})", re.IGNORECASE)


def intervention_reference(pk: int) -> str:
    """What is told on the telephone: ``I000042``."""
    return f"I{pk:06d}"


class InterventionQuerySet(models.QuerySet["Intervention"]):
    def visible_to(self, user: User) -> Self:
        if user.role in DESK_ROLES:
            return self.unrestricted()
        if user.role == Role.LANDLORD_MANAGER:
            return self.unrestricted().filter(landlord__in=Landlord.objects.visible_to(user))
        return self.filter(occupant=user.person_id) if user.person_id else self.none()

    def unrestricted(self) -> Self:
        """Without those of people whose data are restricted, but for an emergency (GDPR article 18(2))."""
        return unrestricted(self, "occupant", "reported_by", but=EMERGENCY_UNDER_WAY)

    def remembered(self) -> Self:
        """What is shown of the past: not what is over, of people who objected to a history or are restricted."""
        return unopposed(self.unrestricted(), "occupant", "reported_by", purpose="history", but=Q(closed_at=None))

    def concerning(self, person: Person) -> Self:
        """Those that are for this person, or that they reported, unless the data of who it is for are restricted."""
        theirs = self.filter(Q(occupant=person) | Q(reported_by=person))
        return unrestricted(theirs, "occupant", but=Q(occupant=person))

    def dealt_with(self, person: Person) -> Self:
        """Those that are theirs to answer for (see `Intervention.is_dealt_with`)."""
        return self.filter(Q(occupant=person) | Q(occupant=None, reported_by=person))

    def open(self) -> Self:
        return self.filter(closed_at=None)

    def awaited(self) -> Self:
        """Open, and nobody there yet."""
        return self.open().filter(status__in=AWAITED)

    def overdue(self, *, now: datetime) -> Self:
        return self.awaited().filter(on_site_by__lt=now)

    def uncounted(self) -> Self:
        """Those that ended and that no figure knows yet."""
        return self.filter(closed_at__isnull=False, counted=False, left_out_of_figures=False)

    def unexpired(self, *, now: datetime) -> Self:
        """What is due is shown to nobody outside any more, purged or not."""
        return due.unexpired(self, registry.datasets[Intervention], now=now)

    def with_reference(self, text: str) -> Self:
        """The one that is told on the telephone as ``I000042``, ``i 42`` or ``42``."""
        found = REFERENCE.fullmatch(question(text))
        return self.filter(pk=int(found[1])) if found else self.none()


class Intervention(models.Model):
    """
    A technical intervention, from the call to its end. Its status changes through `lifecycle.advance` only.

    `occupant` is the person it is for, `reported_by` the one who told; they differ when one speaks for another.
    The suggested priority and target are kept beside those an agent confirmed (GDPR article 22: a person decides).
    """

    landlord = models.ForeignKey(
        Landlord, verbose_name="bailleur", on_delete=models.PROTECT, related_name="interventions"
    )
    residence = models.ForeignKey(
        Residence, verbose_name="résidence", on_delete=models.PROTECT, related_name="interventions"
    )
    dwelling = models.ForeignKey(
        Dwelling,
        verbose_name="logement",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="interventions",
        help_text="Vide pour les parties communes.",
    )
    occupant = models.ForeignKey(
        Person, verbose_name="occupant", null=True, blank=True, on_delete=models.PROTECT, related_name="interventions"
    )
    reported_by = models.ForeignKey(
        Person,
        verbose_name="signalée par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reported_interventions",
    )
    contact_number = models.CharField("numéro à rappeler", max_length=16, blank=True)
    problem_code = models.CharField("problème", max_length=40, choices=problem_choices)
    answers = models.JSONField("réponses au script", default=dict, blank=True)
    description = models.TextField("précisions", max_length=2000, blank=True)
    availability = ArrayField(
        models.CharField(max_length=12, choices=Availability),
        verbose_name="disponibilités",
        default=list,
        db_default=[],
        blank=True,
        help_text="Telles que le locataire les a données.",
    )

    suggested_priority = models.CharField("priorité suggérée", max_length=10, choices=Priority)
    priority = models.CharField("priorité", max_length=10, choices=Priority)
    suggested_on_site_by = models.DateTimeField("sur place avant (suggéré)")
    suggested_action = models.CharField("suite suggérée", max_length=20, blank=True, default="", db_default="")
    suggested_duplicates = models.PositiveSmallIntegerField(
        "déjà ouvertes tout près", default=0, db_default=0, help_text="Combien ont été montrées à son ouverture."
    )
    on_site_by = models.DateTimeField("sur place avant")
    override_reason = models.CharField("pourquoi s’en écarter", max_length=200, blank=True)

    status = models.CharField("état", max_length=12, choices=Status, default=Status.RECEIVED)
    owner = models.ForeignKey(
        User, verbose_name="suivie par", null=True, blank=True, on_delete=models.PROTECT, related_name="interventions"
    )
    provider = models.ForeignKey(
        Provider,
        verbose_name="prestataire",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="interventions",
    )
    incident = models.ForeignKey(
        Incident,
        verbose_name="incident",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="interventions",
    )
    opened_at = models.DateTimeField("ouverte le", default=timezone.now)
    last_event_at = models.DateTimeField("dernier événement le", default=timezone.now)
    closed_at = models.DateTimeField("terminée le", null=True, blank=True)
    left_out_of_figures = models.BooleanField("hors des chiffres", default=False, db_default=False, editable=False)
    counted = models.BooleanField("dans les chiffres", default=False, db_default=False, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = InterventionQuerySet.as_manager()

    class Meta:
        verbose_name = "intervention"
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=sorted(ENDED), closed_at__isnull=False)
                | (~Q(status__in=sorted(ENDED)) & Q(closed_at=None)),
                name="intervention_ended_has_its_date",
            ),
            models.CheckConstraint(
                condition=Q(priority=F("suggested_priority"), on_site_by=F("suggested_on_site_by"))
                | ~Q(override_reason=""),
                name="intervention_override_has_its_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["on_site_by"], condition=Q(closed_at=None), name="intervention_open"),
            models.Index(fields=["last_event_at"], condition=Q(closed_at=None), name="intervention_dormant"),
            models.Index(fields=["dwelling", "-opened_at"], name="intervention_dwelling"),
            models.Index(fields=["residence", "-opened_at"], name="intervention_residence"),
            models.Index(fields=["closed_at"], name="intervention_closed"),
            models.Index(
                fields=["id"],
                condition=Q(closed_at__isnull=False, counted=False, left_out_of_figures=False),
                name="intervention_uncounted",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return intervention_reference(self.pk)

    @property
    def problem(self) -> Problem:
        return PROBLEMS_BY_CODE[self.problem_code]

    def get_answers_display(self) -> list[str]:
        """The script’s questions with what was answered."""
        asked = ((question, self.answers.get(question.code)) for question in self.problem.questions)
        return [f"{question.text} {'Oui' if said else 'Non'}" for question, said in asked if said is not None]

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def is_restricted(self) -> bool:
        """Whether nothing may be done with it now (see `unrestricted`)."""
        if self.priority == Priority.EMERGENCY and self.is_open:
            return False
        return is_restricted(self.occupant_id, self.reported_by_id)

    @property
    def correspondent(self) -> Person | None:
        """Whom the desk deals with about it: who lives there, else who reported it."""
        return self.occupant or self.reported_by

    def is_dealt_with(self, person: Person) -> bool:
        """Appointments, messages and decisions are theirs. Who reported it for another follows its state only."""
        return person.pk == (self.occupant_id or self.reported_by_id)

    @property
    def availability_labels(self) -> list[str]:
        return [str(Availability(code).label) for code in self.availability]

    @property
    def is_with_provider(self) -> bool:
        """Somebody has this job now."""
        return self.provider_id is not None and self.status not in WITHOUT_PROVIDER

    @property
    def place(self) -> str:
        return self.dwelling.place if self.dwelling else "Parties communes"


class Transition(models.Model):
    """One step of an intervention: who, when, why. Never changed (the database sees to it)."""

    intervention = models.ForeignKey(Intervention, on_delete=models.CASCADE, related_name="transitions")
    from_status = models.CharField("de", max_length=12, choices=Status, blank=True)
    to_status = models.CharField("à", max_length=12, choices=Status)
    at = models.DateTimeField("le")
    by = models.ForeignKey(
        User,
        verbose_name="par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Vide quand c’est le système, le locataire ou le prestataire.",
    )
    by_tenant = models.BooleanField("par le locataire", default=False, db_default=False)
    by_provider = models.BooleanField("par le prestataire", default=False, db_default=False)
    provider = models.ForeignKey(
        Provider, verbose_name="prestataire", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    suggested_provider = models.ForeignKey(
        Provider, verbose_name="prestataire suggéré", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField("pourquoi", max_length=500, blank=True)
    arrives_at = models.DateTimeField("arrivée annoncée", null=True, blank=True)

    class Meta:
        verbose_name = "étape"
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_from_status_display()} → {self.get_to_status_display()}"

    @property
    def who(self) -> str:
        """For the desk."""
        if self.by:
            return self.by.display_name
        return "Le locataire" if self.by_tenant else "Le prestataire" if self.by_provider else "Le système"


class Appointment(models.Model):
    """When the provider said it would come. A later one replaces it; the former stays as history."""

    class Answer(models.TextChoices):
        CONFIRMED = "confirmed", "Confirmé par le locataire"
        MOVED = "moved", "Le locataire demande un autre moment"
        CANCELLED = "cancelled", "Annulé par le locataire"

    intervention = models.ForeignKey(Intervention, on_delete=models.CASCADE, related_name="appointments")
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin")
    made_at = models.DateTimeField("pris le")
    made_by = models.ForeignKey(User, verbose_name="pris par", on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(
        "réponse du locataire", max_length=10, choices=Answer, blank=True, default="", db_default=""
    )
    answered_at = models.DateTimeField("répondu le", null=True, blank=True)

    class Meta:
        verbose_name = "rendez-vous"
        verbose_name_plural = "rendez-vous"
        ordering = ["made_at"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="appointment_in_order"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="appointment_answer_has_its_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"rendez-vous {self.pk}"


class Escalation(models.Model):
    """A call for the supervisor's eye, raised once for a target time or a silence, until somebody takes it."""

    class Kind(models.TextChoices):
        SOON = "soon", "Bientôt en retard"
        LATE = "late", "En retard"
        DORMANT = "dormant", "Sans nouvelle depuis 45 jours"
        NO_ANSWER = "no_answer", "Prestataire sans réponse"
        DECLINED = "declined", "Refusée par le prestataire"

    intervention = models.ForeignKey(Intervention, on_delete=models.CASCADE, related_name="escalations")
    kind = models.CharField("motif", max_length=10, choices=Kind)
    about = models.DateTimeField("pour l’échéance du", help_text="L’heure promise, le dernier événement ou l’étape.")
    raised_at = models.DateTimeField("levée le")
    taken_at = models.DateTimeField("prise en main le", null=True, blank=True)
    taken_by = models.ForeignKey(
        User, verbose_name="par", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "alerte au superviseur"
        verbose_name_plural = "alertes au superviseur"
        constraints = [
            models.UniqueConstraint(fields=["intervention", "kind", "about"], name="escalation_once"),
        ]
        indexes = [models.Index(fields=["raised_at"], condition=Q(taken_at=None), name="escalation_waiting")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.intervention_id})"
