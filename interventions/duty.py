"""The landlord's duty manager (cadre d'astreinte): who is on duty, and what is decided beyond the instructions."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from interventions import extracts, spending
from interventions.lifecycle import note_event
from interventions.models import DutyCall, DutyDecision, DutyShift, Intervention, Landlord, LandlordContact
from privacy import disclosure
from privacy.locks import only_one
from privacy.restriction import Restricted


class DutyError(Exception):
    """Nothing was changed. The message says why, in French."""


# The rota -------------------------------------------------------------------------------------------------------------


def on_duty(landlord: Landlord | int, *, now: datetime) -> list[DutyShift]:
    """Whoever is on duty now, the first to call first."""
    return list(DutyShift.objects.of(landlord).at(now).select_related("contact").order_by("rank", "starts_at", "pk"))


@transaction.atomic
def keep_shift(shift: DutyShift) -> DutyShift:
    """Save a new or a changed shift. Raises DutyError when its rank is taken for a part of it, or nobody answers."""
    only_one("duty")
    if not shift.contact.number:
        raise DutyError("Ce contact n’a pas de numéro\N{NO-BREAK SPACE}: personne ne pourrait l’appeler.")
    there = DutyShift.objects.of(shift.contact.landlord_id).between(shift.starts_at, shift.ends_at)
    other = there.filter(rank=shift.rank).exclude(pk=shift.pk).select_related("contact").first()
    if other is not None:
        raise DutyError(f"{other.contact.name} a déjà le rang {other.rank} à ce moment. Changez l’heure ou le rang.")
    shift.save()
    return shift


# A decision -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def ask(intervention: Intervention, *, question: str, by: User, now: datetime) -> DutyDecision:
    """
    Note what the duty manager has to decide, before calling. An expense that waits is decided with it.

    Raises DutyError where a question waits already or the job is over, Restricted, DisclosureRefused.
    """
    current = Intervention.objects.select_for_update(of=("self",)).select_related("landlord").get(pk=intervention.pk)
    if not current.is_open:
        raise DutyError("Cette intervention est terminée\N{NO-BREAK SPACE}: il n’y a plus rien à décider.")
    if current.is_restricted():
        raise Restricted
    if current.duty_decisions.filter(decided_at=None).exists():
        raise DutyError("Une question attend déjà la décision du cadre d’astreinte.")
    disclosure.give(extracts.DUTY, current, to=current.landlord, by=by, now=now)
    approval = current.approvals.pending().filter(duty_decision=None).first()
    asked = DutyDecision.objects.create(
        intervention=current, approval=approval, question=question, asked_at=now, asked_by=by
    )
    note_event(Intervention.objects.filter(pk=current.pk), now=now)
    return asked


def whom_to_call(decision: DutyDecision, *, now: datetime) -> list[LandlordContact]:
    """
    Those on duty who have not been called in vain, by rank, then the landlord's other contacts who have a number. When
    nobody answered, all of them once more.
    """
    landlord = decision.intervention.landlord_id
    duty = [shift.contact for shift in on_duty(landlord, now=now)]
    others = LandlordContact.objects.filter(landlord=landlord).exclude(number="").order_by("-approves_spending", "pk")
    everybody = list(dict.fromkeys([*duty, *others]))
    in_vain = set(decision.calls.filter(reached=False).values_list("contact", flat=True))
    return [contact for contact in everybody if contact.pk not in in_vain] or everybody


@transaction.atomic
def note_no_answer(decision: DutyDecision, *, contact: LandlordContact, by: User, now: datetime) -> DutyCall:
    """Called in vain. Raises DutyError when it is decided meanwhile."""
    current = waiting(decision)
    call = DutyCall.objects.create(decision=current, contact=contact, called_at=now, reached=False, by=by)
    note_event(Intervention.objects.filter(pk=current.intervention_id), now=now)
    return call


@transaction.atomic
def decide(
    decision: DutyDecision,
    *,
    contact: LandlordContact,
    answer: DutyDecision.Answer,
    words: str,
    by: User,
    now: datetime,
) -> None:
    """
    What the duty manager said. An expense that was asked for is so accepted or refused; anything else leaves it open.

    Raises DutyError when it was decided before, or another decision does not say what it is.
    """
    current = waiting(decision)
    if answer == DutyDecision.Answer.OTHER and not words:
        raise DutyError("Dites ce que le cadre d’astreinte a décidé.")
    DutyCall.objects.create(decision=current, contact=contact, called_at=now, reached=True, by=by)
    current.answer, current.words, current.decided_at, current.noted_by = answer, words, now, by
    current.save(update_fields=["answer", "words", "decided_at", "noted_by"])
    if current.approval and current.approval.is_pending and answer != DutyDecision.Answer.OTHER:
        spending.decide(current.approval, approved=answer == DutyDecision.Answer.APPROVED, by=by, now=now)
    note_event(Intervention.objects.filter(pk=current.intervention_id), now=now)


def waiting(decision: DutyDecision) -> DutyDecision:
    """The question, locked, as long as nobody has answered it."""
    found = DutyDecision.objects.select_for_update(of=("self",)).select_related("approval").get(pk=decision.pk)
    if found.decided_at:
        raise DutyError("La décision est déjà notée.")
    return found
