"""
What the person an intervention is for decides on the portal. What the desk has to act on reaches it as a message too,
in their words.
"""

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from interventions.lifecycle import REOPEN_WITHIN, TRANSITIONS, LifecycleError, advance
from interventions.messages import write_to_desk
from interventions.models import Appointment, Intervention, Status

GIVEN_UP = frozenset({Appointment.Answer.MOVED, Appointment.Answer.CANCELLED})


class MovedOn(Exception):
    """The intervention is no longer as the person read it. Nothing was changed."""


def awaited_appointment(intervention: Intervention, *, now: datetime) -> Appointment | None:
    """The one in force, until it is over."""
    if intervention.status != Status.APPOINTMENT:
        return None
    latest = max(intervention.appointments.all(), key=lambda each: (each.made_at, each.pk), default=None)
    return latest if latest is not None and latest.ends_at > now else None


def may_cancel(intervention: Intervention) -> bool:
    """While nobody is there: work that has begun is not undone by a click."""
    return Status.CANCELLED in TRANSITIONS[Status(intervention.status)]


def may_reopen(intervention: Intervention, *, now: datetime) -> bool:
    if intervention.status == Status.DONE:
        return True
    ended_at = intervention.closed_at
    return intervention.status == Status.CLOSED and ended_at is not None and now <= ended_at + REOPEN_WITHIN


@transaction.atomic
def confirm_appointment(intervention: Intervention, *, appointment: int, now: datetime) -> None:
    """`appointment` is the one they have read. Raises MovedOn. Said twice, it is said once."""
    found = hold_appointment(intervention, appointment=appointment, now=now)
    if found.answer != Appointment.Answer.CONFIRMED:
        answer(found, Appointment.Answer.CONFIRMED, now=now)


@transaction.atomic
def give_up_appointment(
    intervention: Intervention,
    *,
    appointment: int,
    answered: Appointment.Answer,
    person: Person,
    words: str,
    now: datetime,
) -> None:
    """
    They ask for another time, or cancel: the intervention waits for a new appointment. Raises MovedOn. Sent twice, it
    is done once.
    """
    assert answered in GIVEN_UP
    if intervention.appointments.filter(pk=appointment, answer=answered).exists():
        return
    found = hold_appointment(intervention, appointment=appointment, now=now)
    answer(found, answered, now=now)
    current = found.intervention
    advance(
        current,
        to=Status.ACCEPTED,
        by=None,
        by_tenant=True,
        now=now,
        version=current.version,
        reason=str(answered.label),
    )
    write_to_desk(current, person=person, text=words, now=now)


def hold_appointment(intervention: Intervention, *, appointment: int, now: datetime) -> Appointment:
    current = Intervention.objects.select_for_update(of=("self",)).get(pk=intervention.pk)
    found = awaited_appointment(current, now=now)
    if found is None or found.pk != appointment:
        raise MovedOn
    found.intervention = current
    return found


def answer(appointment: Appointment, answered: Appointment.Answer, *, now: datetime) -> None:
    appointment.answer, appointment.answered_at = answered, now
    appointment.save(update_fields=["answer", "answered_at"])


@transaction.atomic
def cancel_request(intervention: Intervention, *, version: int, person: Person, words: str, now: datetime) -> None:
    """They need nobody any more. Raises MovedOn. Sent twice, it is done once."""
    if is_done(intervention, to=Status.CANCELLED):
        return
    step_back(intervention, to=Status.CANCELLED, version=version, reason="Annulée par le locataire", now=now)
    write_to_desk(intervention, person=person, text=words, now=now)


@transaction.atomic
def reopen(intervention: Intervention, *, version: int, person: Person, words: str, now: datetime) -> None:
    """
    It is still broken. Raises MovedOn, also when thirty days have passed since it was closed. Sent twice, it is done
    once.
    """
    if is_done(intervention, to=Status.REOPENED):
        return
    if not may_reopen(intervention, now=now):
        raise MovedOn
    step_back(intervention, to=Status.REOPENED, version=version, reason="Toujours en panne, dit le locataire", now=now)
    write_to_desk(intervention, person=person, text=words, now=now)


def is_done(intervention: Intervention, *, to: Status) -> bool:
    """Whether this was their own last step already."""
    last = intervention.transitions.last()
    return last is not None and last.by_tenant and last.to_status == to


def step_back(intervention: Intervention, *, to: Status, version: int, reason: str, now: datetime) -> None:
    try:
        advance(intervention, to=to, by=None, by_tenant=True, now=now, version=version, reason=reason)
    except LifecycleError as error:
        raise MovedOn from error
