"""The one door of an intervention's life: it is opened here, and only `advance` changes its status."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Person, User
from interventions import attestations, notices, personal_links, provider_links, statistics, stays, webhooks
from interventions.models import (
    Appointment,
    Dwelling,
    Incident,
    Intervention,
    Provider,
    Residence,
    Status,
    Transition,
)
from interventions.models.interventions import ENDED, WITHOUT_PROVIDER
from interventions.problems import Priority, Problem
from interventions.triage import Suggestion
from privacy import disclosure
from privacy.restriction import Restricted, refuse_if_restricted

S = Status

TRANSITIONS: dict[Status, tuple[Status, ...]] = {
    S.RECEIVED: (S.QUALIFIED, S.REFUSED, S.CANCELLED, S.CLOSED),
    S.QUALIFIED: (S.DISPATCHED, S.REFUSED, S.CANCELLED, S.CLOSED),
    S.DISPATCHED: (S.ACCEPTED, S.DISPATCHED, S.QUALIFIED, S.CANCELLED, S.CLOSED),
    S.ACCEPTED: (S.ON_SITE, S.APPOINTMENT, S.DISPATCHED, S.QUALIFIED, S.CANCELLED, S.CLOSED),
    S.APPOINTMENT: (S.ON_SITE, S.APPOINTMENT, S.ACCEPTED, S.NO_ACCESS, S.DISPATCHED, S.CANCELLED, S.CLOSED),
    S.ON_SITE: (S.DONE, S.NO_ACCESS, S.FOLLOW_ON, S.CLOSED),
    S.NO_ACCESS: (S.APPOINTMENT, S.ON_SITE, S.DISPATCHED, S.CANCELLED, S.CLOSED),
    S.FOLLOW_ON: (S.DISPATCHED, S.APPOINTMENT, S.CANCELLED, S.CLOSED),
    S.DONE: (S.CLOSED, S.FOLLOW_ON, S.REOPENED),
    S.REOPENED: (S.QUALIFIED, S.DISPATCHED, S.REFUSED, S.CANCELLED, S.CLOSED),
    S.CLOSED: (S.REOPENED,),
    S.REFUSED: (S.REOPENED,),
    S.CANCELLED: (S.REOPENED,),
}

# Say why for these; closing needs no word after the work was done.
REASON_NEEDED = frozenset({S.REFUSED, S.CANCELLED, S.REOPENED, S.NO_ACCESS, S.FOLLOW_ON, S.CLOSED})

# Somebody was there, or should have been: what was promised for the first visit says nothing of the next.
PROMISED_AGAIN_AFTER = frozenset({S.NO_ACCESS, S.FOLLOW_ON, S.REOPENED})
REOPEN_WITHIN = timedelta(days=30)  # of its end: by the tenant, who reports it anew later
APPOINTMENT_MADE = "Rendez-vous pris"
NEW_PROMISE = "Nouveau passage promis"
SAY_WHY = "Dites pourquoi vous vous écartez de la priorité ou du délai suggérés."


class LifecycleError(Exception):
    """A step that was not taken. The message says why, in French, for the person who asked for it."""


class ForbiddenTransition(LifecycleError):
    def __init__(self, from_status: str, to_status: str) -> None:
        super().__init__(
            f"Une intervention « {Status(from_status).label} » ne peut pas passer à « {Status(to_status).label} »."
        )


class MissingDetail(LifecycleError):
    """The step needs a reason, a provider or an appointment that was not given."""


class StaleIntervention(LifecycleError):
    """Somebody else changed it since the asker read it."""

    def __init__(self, last: Transition | None) -> None:
        who = last.who if last else "Quelqu’un"
        what = f" (« {last.get_to_status_display()} »)" if last else ""
        super().__init__(
            f"{who} a modifié cette intervention entre-temps{what}. Rien n’a été écrasé : relisez-la, puis recommencez."
        )


class AlreadyFollowed(LifecycleError):
    """A colleague took it over since the asker read it."""

    def __init__(self, owner: User | None) -> None:
        who = owner.display_name if owner else "Plus personne"
        super().__init__(f"{who} suit désormais cette intervention. Rien n’a été changé.")


@dataclass(frozen=True)
class Slot:
    """When the provider will come."""

    starts_at: datetime
    ends_at: datetime


@transaction.atomic
def open_intervention(
    problem: Problem,
    *,
    suggestion: Suggestion,
    residence: Residence,
    dwelling: Dwelling | None,
    occupant: Person | None,
    reported_by: Person | None,
    contact_number: str,
    answers: Mapping[str, bool],
    description: str,
    priority: Priority,
    on_site_by: datetime,
    override_reason: str,
    incident: Incident | None,
    duplicates: int = 0,
    by: User,
    now: datetime,
) -> Intervention:
    """
    Open an intervention that an agent has qualified: the suggestion and what the agent confirmed are both kept, and how
    many possible `duplicates` the agent was shown.

    Raises MissingDetail when the agent departs from the suggestion without a reason, or when `dwelling` or `incident`
    belongs to another residence; Restricted for people whose data are, unless it is an emergency.
    """
    departs = priority != suggestion.priority or on_site_by != suggestion.on_site_by
    if departs and not override_reason:
        raise MissingDetail(SAY_WHY)
    if priority != Priority.EMERGENCY:
        refuse_if_restricted(occupant, reported_by)
    if dwelling is not None and dwelling.residence_id != residence.pk:
        raise MissingDetail("Ce logement n’est pas dans cette résidence.")
    if incident is not None:
        hold_open(incident, residence_id=residence.pk)
    intervention = Intervention.objects.create(
        landlord_id=residence.landlord_id,
        residence=residence,
        dwelling=dwelling,
        occupant=occupant,
        reported_by=reported_by,
        contact_number=contact_number,
        problem_code=problem.code,
        answers=dict(answers),
        description=description,
        suggested_priority=suggestion.priority,
        priority=priority,
        suggested_on_site_by=suggestion.on_site_by,
        on_site_by=on_site_by,
        suggested_action=suggestion.action,
        suggested_duplicates=duplicates,
        override_reason=override_reason if departs else "",
        owner=by,
        incident=incident,
        opened_at=now,
        last_event_at=now,
    )
    step = Transition.objects.create(intervention=intervention, to_status=Status.RECEIVED, at=now, by=by)
    webhooks.note_step(step, landlord_id=residence.landlord_id)
    return advance(intervention, to=Status.QUALIFIED, by=by, now=now, version=intervention.version)


@transaction.atomic
def receive_report(
    problem: Problem,
    *,
    suggestion: Suggestion,
    residence: Residence,
    dwelling: Dwelling | None,
    occupant: Person | None,
    reported_by: Person,
    contact_number: str,
    answers: Mapping[str, bool],
    description: str,
    availability: Sequence[str],
    now: datetime,
) -> Intervention:
    """
    Keep what a tenant reported on the portal. It waits on the board, as received, for an agent to confirm what the
    script suggests or to override it (`qualify`): no priority is decided without a person.

    Raises MissingDetail when the dwelling is in another residence, Restricted as `open_intervention` does.
    """
    if suggestion.priority != Priority.EMERGENCY:
        refuse_if_restricted(occupant, reported_by)
    if dwelling is not None and dwelling.residence_id != residence.pk:
        raise MissingDetail("Ce logement n’est pas dans cette résidence.")
    intervention = Intervention.objects.create(
        landlord_id=residence.landlord_id,
        residence=residence,
        dwelling=dwelling,
        occupant=occupant,
        reported_by=reported_by,
        contact_number=contact_number,
        problem_code=problem.code,
        answers=dict(answers),
        description=description,
        availability=list(availability),
        suggested_priority=suggestion.priority,
        priority=suggestion.priority,
        suggested_on_site_by=suggestion.on_site_by,
        on_site_by=suggestion.on_site_by,
        suggested_action=suggestion.action,
        opened_at=now,
        last_event_at=now,
    )
    step = Transition.objects.create(
        intervention=intervention, to_status=Status.RECEIVED, at=now, by_tenant=True, reason="Signalée sur le portail"
    )
    webhooks.note_step(step, landlord_id=residence.landlord_id)
    return intervention


@transaction.atomic
def qualify(
    intervention: Intervention,
    *,
    priority: Priority,
    on_site_by: datetime,
    override_reason: str,
    by: User,
    now: datetime,
    version: int,
) -> Intervention:
    """
    An agent confirms what was suggested for a received intervention, or decides otherwise, and follows it from now on.

    Raises MissingDetail when departing from the suggestion without a reason, and what `advance` raises.
    """
    departs = priority != intervention.suggested_priority or on_site_by != intervention.suggested_on_site_by
    if departs and not override_reason:
        raise MissingDetail(SAY_WHY)
    current = advance(intervention, to=Status.QUALIFIED, by=by, now=now, version=version)
    current.priority, current.on_site_by = priority, on_site_by
    current.override_reason = override_reason if departs else ""
    current.owner = by
    current.save(update_fields=["priority", "on_site_by", "override_reason", "owner"])
    return current


@transaction.atomic
def advance(
    intervention: Intervention,
    *,
    to: Status,
    by: User | None,
    now: datetime,
    version: int,
    reason: str = "",
    provider: Provider | None = None,
    suggested_provider: Provider | None = None,
    slot: Slot | None = None,
    promise: datetime | None = None,
    by_tenant: bool = False,
    by_provider: bool = False,
    arrives_at: datetime | None = None,
) -> Intervention:
    """
    Take one step of `TRANSITIONS`. `by` is None for the system, for the tenant (`by_tenant`, on the portal) and for the
    provider (`by_provider`, on its page); `version` is the one the asker has read. `arrives_at` is what a provider says
    as it accepts: the promise to the tenant stays, an agent may change it.

    An appointment is the new promise, until its end; another step may bring one in `promise`. What was suggested
    stays beside it. A dispatch sends the provider a link, an end takes it away, calls off nights at a hotel and is
    counted. What `rota` suggested is kept beside the provider that was chosen, who has a reason when it is another. The
    tenant is told of what concerns them (`notices`).

    Raises ForbiddenTransition for a step the table does not have, MissingDetail for one that lacks its reason,
    provider or slot, StaleIntervention when somebody else was quicker, Restricted when the data of whom it is for are
    and it is no emergency.
    """
    current = Intervention.objects.select_for_update(of=("self",)).get(pk=intervention.pk)
    if current.is_restricted():
        raise Restricted
    if current.version != version:
        raise StaleIntervention(current.transitions.select_related("by").last())
    if to not in TRANSITIONS[Status(current.status)]:
        raise ForbiddenTransition(current.status, to)
    if to == Status.DISPATCHED and provider is None:
        raise MissingDetail("Choisissez le prestataire.")
    departs = to == Status.DISPATCHED and suggested_provider not in (None, provider)
    if departs and not reason:
        raise MissingDetail("Dites pourquoi vous vous écartez du prestataire suggéré.")
    if to == Status.APPOINTMENT and (slot is None or slot.ends_at <= slot.starts_at):
        raise MissingDetail("Donnez le début et la fin du rendez-vous, dans cet ordre.")
    gives_up_appointment = (current.status, to) == (Status.APPOINTMENT, Status.ACCEPTED)
    declined = to == Status.QUALIFIED and current.is_with_provider
    needs_reason = to in REASON_NEEDED and (current.status, to) != (Status.DONE, Status.CLOSED)
    if (needs_reason or gives_up_appointment or declined) and not reason:
        raise MissingDetail(f"Dites pourquoi : « {to.label} » demande une raison.")

    if current.closed_at is not None:
        statistics.count_reopened(current)
        disclosure.resume(current)
    step = Transition.objects.create(
        intervention=current,
        from_status=current.status,
        to_status=to,
        at=now,
        by=by,
        by_tenant=by_tenant,
        by_provider=by_provider,
        arrives_at=arrives_at,
        provider=provider if to == Status.DISPATCHED else None,
        suggested_provider=suggested_provider if to == Status.DISPATCHED else None,
        reason=reason,
    )
    webhooks.note_step(step, landlord_id=current.landlord_id)
    if to == Status.DISPATCHED and provider is not None:
        current.provider = provider
        provider_links.send_link(current, provider=provider, by=by, now=now)
    elif to in WITHOUT_PROVIDER:
        provider_links.end_links(current, now=now)
        current.provider = None if declined else current.provider
    if to == Status.APPOINTMENT and slot is not None:
        promise = slot.ends_at
    if promise is not None and promise != current.on_site_by:
        current.on_site_by = promise
        current.override_reason = current.override_reason or (APPOINTMENT_MADE if slot else NEW_PROMISE)
    if to == Status.APPOINTMENT and slot is not None and by is not None:
        Appointment.objects.create(
            intervention=current, starts_at=slot.starts_at, ends_at=slot.ends_at, made_at=now, made_by=by
        )
    current.status = to
    current.closed_at = now if to in ENDED else None
    current.last_event_at = now
    current.version += 1
    current.save(
        update_fields=[
            *("status", "provider", "on_site_by", "override_reason", "closed_at", "last_event_at", "version"),
        ]
    )
    if current.closed_at is not None:
        statistics.count_ended(current)
        disclosure.end(current, now=now)
        stays.end_with(current, by=by, now=now)
        personal_links.keep_following(current, until=now + REOPEN_WITHIN, now=now)
    if to == Status.DISPATCHED or to in WITHOUT_PROVIDER:
        attestations.ask_those_who_left(current, now=now)
    notices.tell_of_step(current, step=step, now=now)
    return current


def note_event(interventions: QuerySet[Intervention], *, now: datetime) -> None:
    """Something was said or written: they are not dormant. The version stays, so nobody's form grows stale."""
    interventions.filter(last_event_at__lt=now).update(last_event_at=now)


@transaction.atomic
def take_over(intervention: Intervention, *, seen_owner: int | None, by: User, now: datetime) -> None:
    """
    `by` follows it from now on. Raises AlreadyFollowed when it is no longer `seen_owner` who does, Restricted.

    The version stays: who follows it makes nobody's form stale.
    """
    current = Intervention.objects.select_for_update(of=("self",)).select_related("owner").get(pk=intervention.pk)
    if current.owner_id not in (seen_owner, by.pk):
        raise AlreadyFollowed(current.owner)
    if current.is_restricted():
        raise Restricted
    Intervention.objects.filter(pk=current.pk).update(owner=by)
    note_event(Intervention.objects.filter(pk=current.pk), now=now)


def hold_open(incident: Incident, *, residence_id: int) -> None:
    """Keep an incident from being closed until this transaction ends. Raises MissingDetail when it does not fit."""
    if not Incident.objects.select_for_update().open().filter(pk=incident.pk, residence=residence_id).exists():
        raise MissingDetail("Cet incident est clos, ou concerne une autre résidence.")


@transaction.atomic
def attach_to_incident(intervention: Intervention, *, incident: Incident) -> None:
    """Raises MissingDetail when the incident is closed or is another residence's."""
    hold_open(incident, residence_id=intervention.residence_id)
    Intervention.objects.filter(pk=intervention.pk).update(incident=incident)
