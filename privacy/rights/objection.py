"""Objection (GDPR article 21): the purpose stops when the request comes in; what must be weighed is weighed after."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Model

from privacy import objections
from privacy.addresses import addresses_of
from privacy.models import Letter, Objection, RightsRequest
from privacy.policy import PURPOSES, SOLICITING, Purpose
from privacy.retention.due import paris_day
from privacy.rights import workflow
from privacy.rights.erasure import people_of
from privacy.rights.readers import is_address
from privacy.rights.workflow import RequestError

Right = RightsRequest.Right

DONE_AT_ONCE = (
    "Vous vous êtes opposé à l’usage de vos données pour «\N{NO-BREAK SPACE}{purpose}\N{NO-BREAK SPACE}». C’est fait"
    "\N{NO-BREAK SPACE}: cet usage a cessé le {day}, sans que vous ayez à dire pourquoi."
)


@dataclass(frozen=True)
class Plan:
    """What upholding it does. `at_once`: nothing is weighed. `suppressed`: addresses that are solicited no more."""

    purpose: Purpose
    at_once: bool
    objections: list[Objection]
    suppressed: int


def receive(request: RightsRequest, *, now: datetime) -> None:
    """
    Stop the purpose while the request goes its way; where there is nothing to weigh and no doubt who asks, it is also
    carried out and answered. Raises RequestError for a purpose that one cannot object to.
    """
    if request.right != Right.OBJECTION:
        return
    if request.purpose not in objections.OBJECTABLE:
        raise RequestError("Dites à quel usage la personne s’oppose, parmi ceux qui l’admettent.")
    for person in people(request):
        objections.begin(person, purpose=request.purpose, request=request, now=now)
    if request.purpose in objections.AT_ONCE and request.identity:
        workflow.acknowledge(request, by=None, now=now)
        workflow.decide(request, outcome=RightsRequest.Outcome.GRANTED, by=None, now=now)
        execute(request, by=None, now=now)
        close_with(request, DONE_AT_ONCE, now=now)
        request.refresh_from_db()


def close_with(request: RightsRequest, text: str, *, now: datetime) -> None:
    """The answer is there to be read at once: on the portal and, for who said where to answer them, by a link."""
    from privacy.rights import letters  # which needs `people`

    written = text.format(purpose=PURPOSES[request.purpose].label, day=f"{paris_day(now):%d/%m/%Y}")
    letter = Letter(request=request, kind=Letter.Kind.ANSWER, text=written, written_at=now, sent_at=now)
    if is_address(request.reply_to):
        letters.hand_out(letter, to=request.reply_to, now=now)
    else:
        letter.save()
    workflow.answer(request, by=None, now=now)


def plan(request: RightsRequest, *, now: datetime) -> Plan:
    solicited = [address for person in people(request) for address in addresses_of(person)]
    return Plan(
        purpose=PURPOSES[request.purpose],
        at_once=request.purpose in objections.AT_ONCE,
        objections=list(request.objections.all()),
        suppressed=len(solicited) if request.purpose in SOLICITING else 0,
    )


@transaction.atomic
def execute(request: RightsRequest, *, by: AbstractBaseUser | None, now: datetime) -> dict[str, int]:
    """Uphold it. Raises RequestError before a decision."""
    workflow.check_granted(workflow.unanswered(request))
    counts = {"objections": 0, "suppressed": 0}
    for person in people(request):
        objection = objections.begin(person, purpose=request.purpose, request=request, now=now)
        for name, number in objections.uphold(objection, by=by, now=now).items():
            counts[name] += number
    workflow.note_executed(request, by=by, now=now, **counts)
    return counts


def override_if_refused(request: RightsRequest, *, by: AbstractBaseUser | None, now: datetime) -> None:
    if request.right == Right.OBJECTION and request.outcome == RightsRequest.Outcome.REFUSED:
        for objection in request.objections.standing().select_related("person"):
            objections.override(objection, ground=request.ground, now=now)


def people(request: RightsRequest) -> list[Model]:
    """All records of who asks."""
    if request.person is None:
        return []
    return list(type(request.person)._base_manager.filter(pk__in=people_of(request.person, request)).order_by("pk"))
