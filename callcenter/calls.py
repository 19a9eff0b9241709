"""A call, from the first ring to its outcome."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Person, User
from callcenter import consents, recordings
from callcenter.models import Call, Callback
from callcenter.notices import CURRENT_NOTICE
from interventions.models import DialledNumber, Intervention, Landlord
from privacy.restriction import refuse_if_restricted
from privacy.rights import information

RING_BACK_WITHIN = timedelta(minutes=15)


class CallError(Exception):
    """Something that cannot be done with this call. The message says why, in French."""


class OutcomeMissing(CallError):
    """The agent's former call has no outcome yet."""

    def __init__(self, unfinished: Call) -> None:
        super().__init__("Donnez d’abord une issue à votre appel précédent.")
        self.unfinished = unfinished


class AlreadyAnswered(CallError):
    """Somebody else took it, or the caller hung up."""


def landlord_dialled(number: str) -> Landlord | None:
    found = DialledNumber.objects.select_related("landlord").filter(number=number).first() if number else None
    return found.landlord if found else None


def refuse_without_outcome(agent: User) -> None:
    """Until this transaction ends the same agent begins no other call."""
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=agent.pk)
    unfinished = Call.objects.unfinished_by(agent).first()
    if unfinished is not None:
        raise OutcomeMissing(unfinished)


@transaction.atomic
def ring(*, from_number: str, to_number: str, external_id: str | None, now: datetime) -> Call:
    """An incoming call begins to ring. The same `external_id` told twice is one call."""
    fields = {
        "from_number": from_number,
        "to_number": to_number,
        "landlord": landlord_dialled(to_number),
        "started_at": now,
    }
    if external_id is None:
        return Call.objects.create(**fields)
    call, _ = Call.objects.get_or_create(external_id=external_id, defaults=fields)
    return call


@transaction.atomic
def answer(call: Call, *, by: User, now: datetime) -> Call:
    """Raises OutcomeMissing when `by` has a call without outcome, AlreadyAnswered when it rings no more."""
    refuse_without_outcome(by)
    taken = Call.objects.ringing().filter(pk=call.pk).update(agent=by, answered_at=now)
    if not taken:
        raise AlreadyAnswered("Un collègue a déjà pris cet appel, ou la personne a raccroché.")
    call.refresh_from_db()
    return call


@transaction.atomic
def start(*, direction: Call.Direction, number: str, landlord: Landlord | None, by: User, now: datetime) -> Call:
    """A call that no telephone system announced: typed in by the agent, in or out. Raises OutcomeMissing."""
    refuse_without_outcome(by)
    inbound = direction == Call.Direction.INBOUND
    return Call.objects.create(
        direction=direction,
        from_number=number if inbound else "",
        to_number="" if inbound else number,
        landlord=landlord,
        agent=by,
        started_at=now,
        answered_at=now,
    )


def known_callers(number: str) -> list[Person]:
    """Who is known under the number that rings. Several people may share one."""
    if not number:
        return []
    return list(Person.objects.current().unrestricted().filter(phones__number=number).order_by("name_key")[:5])


def refuse_unless_own(call: Call, by: User) -> None:
    if call.agent_id != by.pk:
        raise CallError("Cet appel est celui d’un collègue.")


@transaction.atomic
def identify(
    call: Call,
    *,
    caller: Person | None,
    on_behalf_of: Person | None,
    relation: str,
    by: User,
    landlord: Landlord | None = None,
) -> Call:
    """
    Say who speaks, and for whom.

    Raises CallError when both are the same person, the link between them is missing, or the call is another agent's;
    Restricted for who has their data so: a call about an emergency goes on without a name.
    """
    refuse_unless_own(call, by)
    refuse_if_restricted(caller, on_behalf_of)
    if caller is not None and caller == on_behalf_of:
        raise CallError("Qui appelle et pour qui : ce sont deux personnes différentes.")
    if on_behalf_of is not None and not relation:
        raise CallError("Dites quel est le lien entre la personne qui appelle et celle pour qui elle appelle.")
    call.caller = caller
    call.on_behalf_of = on_behalf_of
    call.relation = relation if on_behalf_of is not None else ""
    call.landlord = landlord or call.landlord
    known = known_callers(call.other_number) if caller is not None else []
    call.number_matched = caller in known if known else None
    call.save(update_fields=["caller", "on_behalf_of", "relation", "landlord", "number_matched"])
    consents.tell_ledger(call, by=by)
    information.take_back(call, but=on_behalf_of)
    if on_behalf_of is not None:
        information.owe(on_behalf_of, source=call, now=call.answered_at or call.started_at)
    tell_caller(call, by=by)
    return call


@transaction.atomic
def give_notice(call: Call, *, by: User, now: datetime) -> Call:
    """The agent has said the current privacy notice aloud. Raises CallError when it is another agent's call."""
    refuse_unless_own(call, by)
    call.notice_version, call.notice_at = CURRENT_NOTICE, now
    call.save(update_fields=["notice_version", "notice_at"])
    tell_caller(call, by=by)
    return call


def tell_caller(call: Call, *, by: User) -> None:
    """The notice was said to who calls: if somebody else had spoken of them before, they know now."""
    if call.caller is not None and call.notice_at is not None:
        information.mark_told(call.caller, how=information.How.CALL, by=by, now=call.notice_at)


@transaction.atomic
def note_recording_answer(call: Call, *, answer: Call.RecordingAnswer, by: User, now: datetime) -> Call:
    """What the caller said to being recorded. No answer is a refusal: nothing is recorded without one."""
    refuse_unless_own(call, by)
    call.recording_answer, call.recording_answered_at = answer, now
    call.save(update_fields=["recording_answer", "recording_answered_at"])
    consents.tell_ledger(call, by=by)
    if answer == Call.RecordingAnswer.REFUSED:
        recordings.delete_without_consent([call.pk], by=by, now=now)
    return call


@transaction.atomic
def pause_recording(call: Call, *, by: User, now: datetime) -> Call:
    """What is said from now on is nobody's to keep, such as a card number. Paused already, it stays so."""
    current = being_recorded(call, by=by)
    if not current.is_paused:
        current.recording_pauses.append([now.isoformat(), None])
        current.save(update_fields=["recording_pauses"])
    return current


@transaction.atomic
def resume_recording(call: Call, *, by: User, now: datetime) -> Call:
    current = being_recorded(call, by=by)
    if current.is_paused:
        current.recording_pauses[-1][1] = now.isoformat()
        current.save(update_fields=["recording_pauses"])
    return current


def being_recorded(call: Call, *, by: User) -> Call:
    """The call, locked. Raises CallError when it is another agent's, is over, or its caller did not agree."""
    current = Call.objects.select_for_update(of=("self",)).get(pk=call.pk)
    refuse_unless_own(current, by)
    if current.is_over or current.recording_answer != Call.RecordingAnswer.ACCEPTED:
        raise CallError("Cet appel n’est pas, ou n’est plus, enregistré.")
    return current


def link_intervention(call: Call, *, intervention: Intervention, suggested: bool = False, by: User) -> Call:
    """`suggested`: as a duplicate of what was about to be opened. Raises CallError when it is another agent's call."""
    refuse_unless_own(call, by)
    call.intervention = intervention
    call.landlord_id = intervention.landlord_id
    call.joined_duplicate = suggested
    call.save(update_fields=["intervention", "landlord", "joined_duplicate"])
    return call


@transaction.atomic
def finish(call: Call, *, outcome: Call.Outcome, promised_at: datetime | None, by: User, now: datetime) -> Call:
    """
    Hang up if nobody did, and say what came of the call.

    Raises CallError when it is another agent's, has an outcome already, was answered and yet called missed, or a
    callback lacks its promised time.
    """
    current = Call.objects.select_for_update(of=("self",)).get(pk=call.pk)
    refuse_unless_own(current, by)
    if outcome == Call.Outcome.MISSED:
        raise CallError("Un appel décroché n’est pas un appel manqué\N{NO-BREAK SPACE}: choisissez une autre issue.")
    if current.outcome:
        raise CallError(f"Cet appel a déjà une issue : {current.get_outcome_display().lower()}.")
    if outcome == Call.Outcome.INTERVENTION and current.intervention_id is None:
        raise CallError("Aucune intervention n’est liée à cet appel : ouvrez-la ou choisissez une autre issue.")
    if outcome == Call.Outcome.CALLBACK:
        if promised_at is None or promised_at <= now:
            raise CallError("Dites quand vous avez promis de rappeler, dans le futur.")
        Callback.objects.create(call=current, owner=by, promised_at=promised_at)
    current.outcome = outcome
    current.ended_at = current.ended_at or now
    current.save(update_fields=["outcome", "ended_at"])
    if outcome == Call.Outcome.EMERGENCY_SERVICES:
        recordings.delete_without_consent([current.pk], by=by, now=now)
    return current


@transaction.atomic
def hang_up(call: Call, *, now: datetime) -> Call:
    """The line went dead. Nobody had answered: it is a missed call, to ring back within a quarter of an hour."""
    current = Call.objects.select_for_update(of=("self",)).get(pk=call.pk)
    if current.is_over:
        return current
    current.ended_at = now
    if current.answered_at is None:
        current.outcome = Call.Outcome.MISSED
        Callback.objects.create(call=current, promised_at=now + RING_BACK_WITHIN)
    current.save(update_fields=["ended_at", "outcome"])
    return current


def take_callback(callback: Callback, *, by: User, promised_at: datetime) -> Callback:
    """`by` will ring back, at the time it promises. Raises CallError when a colleague already rang back."""
    if not Callback.objects.filter(pk=callback.pk, done_at=None).update(owner=by, promised_at=promised_at):
        raise CallError("Un collègue a déjà rappelé.")
    callback.refresh_from_db()
    return callback


@transaction.atomic
def ring_back(callback: Callback, *, by: User, now: datetime) -> Call:
    """
    Call the number back: the callback is done, an outgoing call begins.

    Raises OutcomeMissing, or CallError when a colleague already rang back or the number was hidden; Restricted.
    """
    current = Callback.objects.select_for_update(of=("self",)).select_related("call").get(pk=callback.pk)
    if current.done_at:
        raise CallError("Un collègue a déjà rappelé.")
    if not current.call.other_number:
        raise CallError("Le numéro était masqué : impossible de rappeler.")
    refuse_if_restricted(current.call.caller_id, current.call.on_behalf_of_id)
    new = start(
        direction=Call.Direction.OUTBOUND,
        number=current.call.other_number,
        landlord=current.call.landlord,
        by=by,
        now=now,
    )
    new.caller_id, new.on_behalf_of_id = current.call.caller_id, current.call.on_behalf_of_id
    new.relation, new.intervention_id = current.call.relation, current.call.intervention_id
    new.save(update_fields=["caller", "on_behalf_of", "relation", "intervention"])
    current.done_at, current.done_by = now, by
    current.save(update_fields=["done_at", "done_by"])
    return new


def give_up_callback(callback: Callback, *, by: User, now: datetime) -> None:
    """Nobody can or need be rung back (hidden number, the caller rang again)."""
    Callback.objects.filter(pk=callback.pk, done_at=None).update(done_at=now, done_by=by)
