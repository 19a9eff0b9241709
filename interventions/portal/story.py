"""What has become of a request, in the words of the person who waits: nothing that staff or providers wrote."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from interventions.following import awaited_appointment
from interventions.models import Appointment, Intervention, Status, Transition
from interventions.models.interventions import AWAITED

S = Status


@dataclass(frozen=True)
class Chapter:
    """A state: its name, what is told when it begins, and what comes next. `look` and `icon` are those of states."""

    name: Promise
    told: Promise
    following: Promise
    icon: str
    look: str = ""


CHAPTERS: dict[str, Chapter] = {
    S.RECEIVED: Chapter(
        _("Reçue"),
        _("Nous avons reçu la demande."),
        _("Un agent va la lire et décider de la suite avec vous."),
        "inbox",
        "warn",
    ),
    S.QUALIFIED: Chapter(
        _("Prise en charge"),
        _("Un agent s’occupe de la demande."),
        _("Nous choisissons l’entreprise qui viendra."),
        "person-check",
        "active",
    ),
    S.DISPATCHED: Chapter(
        _("Confiée à une entreprise"),
        _("Nous avons confié la demande à une entreprise."),
        _("L’entreprise doit nous répondre. Nous la relançons si elle tarde."),
        "send",
        "active",
    ),
    S.ACCEPTED: Chapter(
        _("Acceptée par l’entreprise"),
        _("L’entreprise a accepté."),
        _("Elle vient directement, ou un rendez-vous est fixé avec vous."),
        "hand-thumbs-up",
        "active",
    ),
    S.APPOINTMENT: Chapter(
        _("Rendez-vous pris"),
        _("Un rendez-vous est pris."),
        _("L’entreprise vient à l’heure dite. Quelqu’un doit pouvoir lui ouvrir."),
        "calendar-event",
        "active",
    ),
    S.ON_SITE: Chapter(
        _("Quelqu’un est sur place"),
        _("L’entreprise est arrivée."),
        _("Elle travaille. Nous saurons bientôt si tout est réglé."),
        "geo-alt",
        "active",
    ),
    S.NO_ACCESS: Chapter(
        _("Personne n’a pu ouvrir"),
        _("L’entreprise est venue et n’a pas pu entrer."),
        _("Dites-nous quand quelqu’un sera là : un autre passage sera fixé."),
        "lock",
        "late",
    ),
    S.FOLLOW_ON: Chapter(
        _("Il faut revenir"),
        _("L’entreprise est venue, et doit revenir."),
        _("Il manque une pièce ou un autre métier. Nous organisons la suite."),
        "arrow-repeat",
        "warn",
    ),
    S.DONE: Chapter(
        _("Travail fait"),
        _("L’entreprise dit que le travail est fait."),
        _("Nous vérifions, puis la demande sera terminée."),
        "check2",
        "done",
    ),
    S.REOPENED: Chapter(
        _("Reprise"),
        _("La demande est reprise : ce n’était pas réglé."),
        _("Un agent s’en occupe à nouveau."),
        "arrow-repeat",
        "warn",
    ),
    S.CLOSED: Chapter(
        _("Terminée"),
        _("La demande est terminée."),
        _("Vous n’avez plus rien à faire."),
        "check-circle",
        "done",
    ),
    S.REFUSED: Chapter(
        _("Pas de notre ressort"),
        _("Cette demande n’est pas de notre ressort."),
        _("Appelez-nous si vous ne savez pas à qui vous adresser."),
        "arrow-return-right",
    ),
    S.CANCELLED: Chapter(
        _("Annulée"),
        _("La demande est annulée."),
        _("Le problème est toujours là ? Signalez-le à nouveau."),
        "x-circle",
    ),
}
PROMISED = AWAITED - {S.RECEIVED, S.REOPENED, S.APPOINTMENT}  # no agent has confirmed an hour in the others
BY_TENANT: dict[str, Promise] = {
    S.REOPENED: _("Vous nous avez dit que le problème est toujours là."),
    S.CANCELLED: _("Vous avez annulé la demande."),
}
ANSWERED: dict[str, Promise] = {
    Appointment.Answer.CONFIRMED: _("Vous avez confirmé le rendez-vous."),
    Appointment.Answer.MOVED: _("Vous avez demandé un autre moment."),
    Appointment.Answer.CANCELLED: _("Vous avez annulé le rendez-vous."),
}
NO_LONGER = _("Le rendez-vous n’a plus lieu. Nous cherchons un autre moment.")
ELSEWHERE_AFTER = frozenset({S.DISPATCHED, S.ACCEPTED, S.APPOINTMENT})
ELSEWHERE = _("Nous avons confié la demande à une autre entreprise.")


@dataclass(frozen=True)
class Request:
    """An intervention as its person sees it."""

    intervention: Intervention
    chapter: Chapter
    theirs: bool  # else they reported it for another, and follow its state only
    appointment: Appointment | None
    new_messages: int
    promised_by: datetime | None  # when somebody should be there
    is_late: bool


@dataclass(frozen=True)
class Step:
    at: datetime
    icon: str
    told: Promise
    appointment: Appointment | None = None


def requests_of(interventions: QuerySet[Intervention], *, person: Person, now: datetime) -> list[Request]:
    """Two queries, however many there are."""
    new = Q(messages__person=person, messages__author__isnull=False, messages__read_at=None)
    found = interventions.select_related("residence").prefetch_related("appointments")
    return [
        request_of(each, person=person, new_messages=each.new_messages, now=now)
        for each in found.annotate(new_messages=Count("messages", new))
    ]


def request_of(intervention: Intervention, *, person: Person, new_messages: int, now: datetime) -> Request:
    theirs = intervention.is_dealt_with(person)
    promised_by = intervention.on_site_by if theirs and intervention.status in PROMISED else None
    return Request(
        intervention,
        CHAPTERS[intervention.status],
        theirs=theirs,
        appointment=awaited_appointment(intervention, now=now) if theirs else None,
        new_messages=new_messages if theirs else 0,
        promised_by=promised_by,
        is_late=promised_by is not None and promised_by < now,
    )


def story_of(intervention: Intervention) -> list[Step]:
    """For the person it is for, the newest first."""
    appointments = {each.made_at: each for each in intervention.appointments.all()}
    answers = {each.answered_at: each for each in appointments.values() if each.answered_at}
    steps = [step_of(each, appointments=appointments, answers=answers) for each in intervention.transitions.all()]
    steps += [
        Step(at, "calendar-check", ANSWERED[each.answer])
        for at, each in answers.items()
        if each.answer == Appointment.Answer.CONFIRMED
    ]
    return sorted(steps, key=lambda step: step.at)[::-1]


def step_of(
    transition: Transition, *, appointments: dict[datetime, Appointment], answers: dict[datetime, Appointment]
) -> Step:
    to, at = transition.to_status, transition.at
    chapter = CHAPTERS[to]
    told = chapter.told
    if transition.by_tenant and at in answers:
        told = ANSWERED[answers[at].answer]
    elif transition.by_tenant:
        told = BY_TENANT.get(to, told)
    elif transition.from_status == S.APPOINTMENT and to == S.ACCEPTED:
        told = NO_LONGER
    elif to == S.DISPATCHED and transition.from_status in ELSEWHERE_AFTER:
        told = ELSEWHERE
    return Step(at, chapter.icon, told, appointments.get(at) if to == S.APPOINTMENT else None)
