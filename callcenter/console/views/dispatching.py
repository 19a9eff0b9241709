"""What the desk sees of a provider's answer, and of what it sent."""

from datetime import datetime
from typing import Any

from callcenter.thread import Line
from interventions import dispatch
from interventions.models import Intervention, Status
from interventions.problems import Priority
from interventions.reaching import addresses_of


def how_it_was_sent(intervention: Intervention, thread: list[Line], *, now: datetime) -> dict[str, Any]:
    """
    The living link and when it was opened, the last word about an expense, and whom to send instead where the provider
    has refused or has not answered in time.
    """
    with_provider = intervention.is_with_provider
    link = intervention.links.filter(ended_at=None).first() if with_provider else None
    steps = [line for line in thread if line.to_status]
    declined = intervention.status == Status.QUALIFIED and bool(steps) and steps[0].by_provider
    silent = intervention.status == Status.DISPATCHED and is_silent(intervention, steps, now=now)
    provider = intervention.provider
    return {
        "living_link": link,
        "reached": with_provider and provider and addresses_of(provider, numbers=[provider.number]),
        "arrives_at": steps[0].arrives_at if steps and intervention.status == Status.ACCEPTED else None,
        "approval": intervention.approvals.last() if any(line.kind == "spending_asked" for line in thread) else None,
        "sent_at": steps[0].at if silent or declined else None,
        "declined": declined,
        "instead": dispatch.next_candidate(intervention, now=now) if silent or declined else None,
    }


def is_silent(intervention: Intervention, steps: list[Line], *, now: datetime) -> bool:
    return bool(steps) and steps[0].at <= now - dispatch.ANSWER_WITHIN[Priority(intervention.priority)]


def sent_by_provider(intervention: Intervention) -> dict[str, Any]:
    """Photos and signatures, where there was a provider."""
    if intervention.provider_id is None:
        return {}
    return {
        "work_photos": list(intervention.photos.from_provider()),
        "signatures": list(intervention.signatures.select_related("image")),
    }
