"""
Withdrawal of consent (GDPR article 7(3)): one call, as giving it is, and it acts before that returns. What stood on the
consent alone is deleted by what apps registered with `consent.on_withdrawal`.
"""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Model

from privacy import consent
from privacy.models import ConsentEvent, RightsRequest
from privacy.policy import Purpose
from privacy.retention.due import paris_day
from privacy.rights import workflow
from privacy.rights.objection import close_with, people
from privacy.rights.workflow import RequestError

Channel = ConsentEvent.Channel

DONE = (
    "Vous avez retiré votre accord pour «\N{NO-BREAK SPACE}{purpose}\N{NO-BREAK SPACE}». C’est fait"
    "\N{NO-BREAK SPACE}: cet usage a cessé le {day}, et ce que seul cet accord permettait de garder est supprimé. "
    "Ce qui a été fait avant reste valable."
)
# A public form is on the site.
CHANNELS = {channel: RightsRequest.Channel(channel) for channel in Channel.values if channel != Channel.SITE}
CHANNELS[Channel.SITE] = RightsRequest.Channel.FORM
SAID_BY = {request_channel: channel for channel, request_channel in CHANNELS.items()}


@dataclass(frozen=True)
class Plan:
    purpose: Purpose
    is_given: bool


@transaction.atomic
def withdraw(
    person: Model,
    *,
    purpose: str,
    channel: str,
    by: AbstractBaseUser | None,
    now: datetime,
    source: Model | None = None,
) -> RightsRequest:
    """
    Take it back, done and answered at once. `by` is who noted it, None when the person did so themselves.

    Raises NoConsentNeeded for what rests on something else.
    """
    consent.check_needs_consent(purpose)
    request = workflow.receive(
        person,
        right=RightsRequest.Right.WITHDRAWAL,
        channel=CHANNELS[Channel(channel)],
        received_on=paris_day(now),
        purpose=purpose,
        identity=RightsRequest.Identity.KNOWN if by else RightsRequest.Identity.SIGNED_IN,
        by=by,
        now=now,
    )
    carry_out(request, by=by, now=now, source=source)
    return request


@transaction.atomic
def carry_out(
    request: RightsRequest, *, by: AbstractBaseUser | None, now: datetime, source: Model | None = None
) -> None:
    """There is nothing to weigh: done and answered in one go."""
    workflow.acknowledge(request, by=by, now=now)
    if not request.decided_at:  # asked by letter already, it was joined to that
        workflow.decide(request, outcome=RightsRequest.Outcome.GRANTED, by=by, now=now)
    execute(request, by=by, now=now, source=source)
    close_with(request, DONE, now=now)
    request.refresh_from_db()


def plan(request: RightsRequest, *, now: datetime) -> Plan:
    given = [consent.is_given(person, purpose=request.purpose) for person in people(request)]
    return Plan(purpose=consent.CONSENTS[request.purpose], is_given=any(given))


@transaction.atomic
def execute(
    request: RightsRequest, *, by: AbstractBaseUser | None, now: datetime, source: Model | None = None
) -> dict[str, int]:
    """For all records of who asks. Raises RequestError for a purpose that needs no consent, or before a decision."""
    workflow.check_granted(workflow.unanswered(request))
    if request.purpose not in consent.CONSENTS:
        raise RequestError("Dites quel accord est retiré, parmi ceux qui se donnent.")
    records = people(request)
    for person in records:
        consent.withdraw(
            person,
            purpose=request.purpose,
            channel=SAID_BY[RightsRequest.Channel(request.channel)],
            by=by,
            now=now,
            source=source,
        )
    counts = {"records": len(records)}
    workflow.note_executed(request, by=by, now=now, **counts)
    return counts
