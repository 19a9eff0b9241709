"""
The one way of a request, whatever the right: received, acknowledged, identity established, decided, executed, the
recipients told, answered (GDPR article 12). What a right does is in its own file; `rights.acts` finds it.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Model

from privacy import journal
from privacy.models import RequestStep, RightsRequest
from privacy.retention.due import paris_day
from privacy.rights import grounds
from privacy.rights.deadlines import due_on

Right = RightsRequest.Right
Identity = RightsRequest.Identity
Outcome = RightsRequest.Outcome
Kind = RequestStep.Kind


class RequestError(Exception):
    """A step that was not taken. The message says why, in French, for the DPO."""


class TooLate(RequestError):
    """The legal time for this step has passed."""


class IdentityMissing(RequestError):
    def __init__(self) -> None:
        super().__init__("L’identité n’est pas encore établie : rien n’est remis ni effacé avant.")


Effect = Callable[[RightsRequest], object]
on_receipt_effects: list[Callable[..., object]] = []


def on_receipt(effect: Callable[..., object]) -> None:
    """``effect(request, now=…)`` runs in the transaction that receives a request: what is about to go is copied."""
    on_receipt_effects.append(effect)


step_effects: dict[Kind, list[Callable[..., object]]] = {}


def after(step: Kind, effect: Callable[..., object]) -> None:
    """``effect(request, by=…, now=…)`` runs in the transaction of this step, when it is a change of the request."""
    step_effects.setdefault(step, []).append(effect)


@transaction.atomic
def receive(
    person: Model | None,
    *,
    right: str,
    channel: str,
    received_on: date,
    wish: str = "",
    scope: Iterable[str] = (),
    purpose: str = "",
    restriction_reason: str = "",
    requester: str = RightsRequest.Requester.SELF,
    requester_name: str = "",
    reply_to: str = "",
    identity: str = Identity.UNPROVED,
    by: AbstractBaseUser | None,
    now: datetime,
) -> RightsRequest:
    """
    Write a request down, as of the day it arrived. The same right asked again while open is joined to the first one,
    whose clock goes on. `by` is None when the person asks themselves; `person` is None until a record is found for them
    (`find_person`), and then `reply_to` says where to answer.

    Raises RequestError for a day that is still to come.
    """
    if received_on > paris_day(now):
        raise RequestError("Le jour de réception est encore à venir.")
    earlier = same_one(person, right=right, purpose=purpose) if person else None
    if earlier is not None:
        join(earlier, wish=wish, scope=scope, received_on=received_on, identity=identity)
        note(earlier, Kind.JOINED, by=by, now=now)
        return earlier
    request = RightsRequest.objects.create(
        person_id=person.pk if person else None,
        right=Right(right),
        channel=RightsRequest.Channel(channel),
        received_on=received_on,
        entered_by_id=by.pk if by else None,
        requester=RightsRequest.Requester(requester),
        requester_name=requester_name,
        reply_to=reply_to,
        wish=wish,
        scope=list(scope),
        purpose=purpose,
        restriction_reason=restriction_reason,
        identity=Identity(identity),
    )
    note(request, Kind.RECEIVED, by=by, now=now)
    if person:
        for effect in on_receipt_effects:
            effect(request, now=now)
    return request


def same_one(person: Model, *, right: str, purpose: str) -> RightsRequest | None:
    """What this person asks already, locked. Nobody else can ask for them meanwhile."""
    type(person)._base_manager.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
    open_ones = RightsRequest.objects.open().select_for_update(of=("self",))
    return open_ones.filter(person=person.pk, right=right, purpose=purpose).order_by("pk").first()


@transaction.atomic
def find_person(request: RightsRequest, person: Model, *, by: AbstractBaseUser, now: datetime) -> RightsRequest:
    """
    Whose request it is, found after its receipt. What the receipt does by itself happens now. Returns the request that
    goes on: the earlier one where the person asks the same already.

    Raises RequestError when it has its person.
    """
    current = unanswered(request)
    if not current.awaits_person:
        raise RequestError("Cette demande a déjà sa personne.")
    earlier = same_one(person, right=current.right, purpose=current.purpose)
    if earlier is not None:
        join(
            earlier,
            wish=current.wish,
            scope=current.scope,
            received_on=current.received_on,
            identity=current.identity,
        )
        note(earlier, Kind.JOINED, by=by, now=now)
        current.delete()
        return earlier
    change(current, Kind.PERSON_FOUND, by=by, now=now, details={"person": person.pk}, person_id=person.pk)
    for effect in on_receipt_effects:
        effect(current, now=now)
    return current


def join(request: RightsRequest, *, wish: str, scope: Iterable[str], received_on: date, identity: str) -> None:
    """The first day counts, both wishes stand, and the wider scope is the one meant."""
    scope = list(scope)
    if wish and wish not in request.wish:
        request.wish = f"{request.wish}\n\n{wish}".strip()
    request.scope = sorted({*request.scope, *scope}) if request.scope and scope else []
    request.received_on = min(request.received_on, received_on)
    request.identity = request.identity or Identity(identity)
    request.save(update_fields=["wish", "scope", "received_on", "identity"])


@transaction.atomic
def acknowledge(request: RightsRequest, *, by: AbstractBaseUser | None, now: datetime) -> None:
    current = locked(request)
    if current.acknowledged_at is None:
        change(current, Kind.ACKNOWLEDGED, by=by, now=now, acknowledged_at=now)


@transaction.atomic
def ask_identity(request: RightsRequest, *, reason: str, by: AbstractBaseUser, now: datetime) -> None:
    """The clock stands still from today. Raises RequestError without a reasoned doubt (article 12(6))."""
    current = unanswered(request)
    if not reason.strip():
        raise RequestError("Dites par écrit pourquoi vous doutez : sans cela, rien ne peut être demandé.")
    if current.identity:
        raise RequestError("L’identité est déjà établie.")
    if current.identity_asked_on:
        raise RequestError("La question a déjà été posée.")
    change(current, Kind.IDENTITY_ASKED, by=by, now=now, identity_asked_on=paris_day(now), identity_reason=reason)


@transaction.atomic
def prove_identity(request: RightsRequest, *, how: str, by: AbstractBaseUser | None, now: datetime) -> None:
    """The clock goes on."""
    current = unanswered(request)
    answered_on = paris_day(now) if current.is_suspended else current.identity_answered_on
    change(
        current,
        Kind.IDENTITY_PROVED,
        by=by,
        now=now,
        details={"how": how},
        identity=Identity(how),
        identity_answered_on=answered_on,
    )


@transaction.atomic
def extend(request: RightsRequest, *, reason: str, by: AbstractBaseUser, now: datetime) -> None:
    """
    Two more months, told to the person with the reason. Raises TooLate once the first month is over (article 12(3)),
    RequestError without a reason or the second time.
    """
    current = unanswered(request)
    today = paris_day(now)
    if current.extended_on:
        raise RequestError("Cette demande a déjà été prolongée.")
    if not reason.strip():
        raise RequestError("Dites pourquoi : la complexité de la demande, ou leur nombre.")
    if today > current.due_on(today=today):
        raise TooLate(f"Le délai pour prolonger est passé depuis le {due_on(current.received_on):%d/%m/%Y}.")
    change(current, Kind.EXTENDED, by=by, now=now, extended_on=today, extension_reason=reason)


@transaction.atomic
def decide(
    request: RightsRequest, *, outcome: str, ground: str = "", by: AbstractBaseUser | None, now: datetime
) -> None:
    """
    Granted, in part or refused, the last two on one of the legal grounds of that right.

    Raises IdentityMissing when it would be granted to nobody knows whom, RequestError for a ground the right has not.
    """
    current = unanswered(request)
    if current.decided_at:
        raise RequestError("Cette demande est déjà décidée.")
    if outcome != Outcome.GRANTED and ground not in grounds.of(current.right):
        raise RequestError("Choisissez un motif que la loi prévoit pour ce droit.")
    if outcome != Outcome.REFUSED and not current.identity:
        raise IdentityMissing
    change(
        current,
        Kind.DECIDED,
        by=by,
        now=now,
        details={"outcome": outcome},
        outcome=Outcome(outcome),
        ground="" if outcome == Outcome.GRANTED else ground,
        decided_at=now,
    )


@transaction.atomic
def find_nobody(request: RightsRequest, *, by: AbstractBaseUser, now: datetime) -> None:
    """
    Nothing is held of who asks: that is what is left to answer, and it takes no proof of who they are.

    Raises RequestError when it has its person, or is decided.
    """
    current = unanswered(request)
    if not current.awaits_person or current.decided_at:
        raise RequestError("Cette demande a déjà sa personne, ou sa décision.")
    outcome = Outcome.GRANTED
    change(current, Kind.DECIDED, by=by, now=now, details={"outcome": outcome}, outcome=outcome, decided_at=now)
    change(current, Kind.EXECUTED, by=by, now=now, details={"nothing_held": True}, executed_at=now)


@transaction.atomic
def note_executed(request: RightsRequest, *, by: AbstractBaseUser | None, now: datetime, **details: Any) -> None:
    """What was granted is done; `details` are counts and codes. Raises RequestError before a decision."""
    current = unanswered(request)
    check_granted(current)
    if current.executed_at is None:
        change(current, Kind.EXECUTED, by=by, now=now, details=details, executed_at=now)


@transaction.atomic
def answer(request: RightsRequest, *, by: AbstractBaseUser | None, now: datetime) -> None:
    """The person has their answer: the case is over, and its evidence free again. Raises RequestError too early."""
    current = unanswered(request)
    if not current.decided_at:
        raise RequestError("Décidez d’abord.")
    if current.outcome != Outcome.REFUSED and current.executed_at is None:
        raise RequestError("Ce qui est accordé n’est pas encore exécuté.")
    change(current, Kind.ANSWERED, by=by, now=now, answered_at=now)


# Each step ------------------------------------------------------------------------------------------------------------


def locked(request: RightsRequest) -> RightsRequest:
    return RightsRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)


def check_granted(request: RightsRequest) -> None:
    if not request.decided_at or request.outcome == Outcome.REFUSED:
        raise RequestError("Rien n’a été accordé.")


def unanswered(request: RightsRequest) -> RightsRequest:
    current = locked(request)
    if current.answered_at:
        raise RequestError("Cette demande a déjà sa réponse.")
    return current


def change(
    request: RightsRequest,
    kind: RequestStep.Kind,
    *,
    by: AbstractBaseUser | None,
    now: datetime,
    details: dict[str, Any] | None = None,
    **fields: Any,
) -> None:
    for name, value in fields.items():
        setattr(request, name, value)
    request.save(update_fields=list(fields))
    note(request, kind, by=by, now=now, **(details or {}))
    for effect in step_effects.get(kind, []):
        effect(request, by=by, now=now)


def note(
    request: RightsRequest, kind: RequestStep.Kind, *, by: AbstractBaseUser | None, now: datetime, **details: Any
) -> RequestStep:
    """In the request's history and, when it is staff who act, in the staff journal."""
    if by is not None:
        journal.record(request, action="rights", by=by, now=now, step=kind.value, **details)
    return RequestStep.objects.create(request=request, kind=kind, at=now, by_id=by.pk if by else None, details=details)
