"""
Restriction (GDPR article 18): begun in one of the cases of its first paragraph, lifted only once the person was told.
What it hides and freezes meanwhile is in `privacy.restriction`.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Model
from django.urls import reverse

from privacy import journal, ledger, outbox
from privacy.addresses import addresses_of
from privacy.models import Letter, OutgoingMessage, Restriction, RightsRequest
from privacy.rights import workflow
from privacy.rights.objection import people
from privacy.rights.workflow import RequestError
from privacy.subjects import Holding, holdings

Reason = Restriction.Reason
ASKED_FOR = {reason.value: reason for reason in (Reason.ACCURACY, Reason.UNLAWFUL, Reason.CLAIMS, Reason.OBJECTION)}


class NotToldYet(RequestError):
    def __init__(self) -> None:
        super().__init__(
            "La personne doit d’abord être prévenue\N{NO-BREAK SPACE}: "
            "la limitation se lève quand l’annonce est partie."
        )


class NobodyToTell(RequestError):
    def __init__(self) -> None:
        super().__init__(
            "Aucune adresse ni aucun portable connus\N{NO-BREAK SPACE}: écrivez une lettre de fin de limitation."
        )


@dataclass(frozen=True)
class Plan:
    """What it locks. `already`: those in force for this person."""

    locked: list[Holding]
    already: list[Restriction]


def plan(request: RightsRequest, *, now: datetime) -> Plan:
    records = people(request)
    numbers = [person.pk for person in records]
    return Plan(
        locked=holdings(records[0], also=numbers, now=now) if records else [],
        already=list(Restriction.objects.active().filter(person__in=numbers)),
    )


@transaction.atomic
def execute(request: RightsRequest, *, by: AbstractBaseUser | None, now: datetime, reason: str = "") -> dict[str, int]:
    """Lock all records of who asks, for the `reason` they gave or the DPO found. Raises RequestError without one."""
    workflow.check_granted(workflow.unanswered(request))
    case = ASKED_FOR.get(reason or request.restriction_reason)
    if case is None:
        raise RequestError("Choisissez lequel des quatre cas de l’article 18 est celui de cette demande.")
    begun = [begin(person, reason=case, request=request, by=by, now=now) for person in people(request)]
    counts = {"restrictions": len(begun)}
    workflow.note_executed(request, by=by, now=now, reason=case.value, **counts)
    return counts


@transaction.atomic
def begin(
    person: Model,
    *,
    reason: Reason,
    request: RightsRequest | None = None,
    by: AbstractBaseUser | None,
    now: datetime,
) -> Restriction:
    """Lock the record, at once. For the same reason again, it is the same restriction."""
    type(person)._base_manager.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
    known = Restriction.objects.active().filter(person=person.pk, reason=reason).first()
    if known is not None:
        return known
    restriction = Restriction.objects.create(
        person_id=person.pk, reason=reason, request=request, started_at=now, started_by_id=by.pk if by else None
    )
    ledger.note(ledger.RESTRICTION, person, how=reason.value, now=now)
    journal.record(restriction, action="restrict", by=by, now=now, person=person.pk, reason=reason.value)
    return restriction


@transaction.atomic
def announce_lifting(restriction: Restriction, *, by: AbstractBaseUser, now: datetime) -> OutgoingMessage:
    """
    Tell the person that it is about to end (article 18(3)), by message. Raises NobodyToTell: then a letter of kind
    LIFTING to the request does, once it is sent.
    """
    current = active(restriction)
    to = next(iter(addresses_of(current.person)), None)
    if to is None:
        raise NobodyToTell
    link = outbox.absolute(reverse(settings.LOGIN_URL))
    current.notice = outbox.send("restriction_ends", to=to, person=current.person, link=link, now=now)
    current.save(update_fields=["notice"])
    journal.record(current, action="announce_lifting", by=by, now=now, person=current.person_id)
    return current.notice


def told_at(restriction: Restriction) -> datetime | None:
    """When the announcement left: the message, or a letter to the request."""
    if restriction.notice is not None and restriction.notice.sent_at is not None:
        return restriction.notice.sent_at
    letters = Letter.objects.filter(kind=Letter.Kind.LIFTING, sent_at__gte=restriction.started_at)
    letter = letters.filter(request=restriction.request_id).order_by("sent_at").first()
    return letter.sent_at if letter and restriction.request_id else None


@transaction.atomic
def lift(restriction: Restriction, *, by: AbstractBaseUser, now: datetime) -> None:
    """Raises NotToldYet before the announcement left, RequestError when it is lifted already."""
    current = active(restriction)
    announced_at = told_at(current)
    if announced_at is None or announced_at > now:
        raise NotToldYet
    current.told_at, current.lifted_at = announced_at, now
    current.save(update_fields=["told_at", "lifted_at"])
    ledger.note(ledger.LIFTING, current.person, how=current.reason, now=now)
    journal.record(current, action="lift_restriction", by=by, now=now, person=current.person_id)


def active(restriction: Restriction) -> Restriction:
    """Locked. Raises RequestError."""
    found = Restriction.objects.active().select_for_update(of=("self",)).select_related("person", "notice")
    current = found.filter(pk=restriction.pk).first()
    if current is None:
        raise RequestError("Cette limitation est déjà levée.")
    return current


def begin_again(person: Model, *, purpose: str, how: str, at: datetime) -> None:
    """What the ledger tells, once more in a restored database."""
    begin(person, reason=Reason(how), by=None, now=at)


def lift_again(person: Model, *, purpose: str, how: str, at: datetime) -> None:
    """They were told before the first time."""
    Restriction.objects.active().filter(person=person.pk, reason=how, started_at__lte=at).update(
        told_at=at, lifted_at=at
    )
