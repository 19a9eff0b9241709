"""One failure, many callers: an incident gathers their interventions and ends them together."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from interventions.lifecycle import advance
from interventions.models import Equipment, Incident, Intervention, Residence, Status
from interventions.problems import Problem


class IncidentClosed(Exception):
    """It ended already. The message says so in French."""


@transaction.atomic
def open_incident(
    problem: Problem, *, residence: Residence, equipment: Equipment | None, by: User, now: datetime
) -> Incident:
    """Open an umbrella and gather under it the residence's open interventions with the same problem."""
    incident = Incident.objects.create(
        residence=residence, equipment=equipment, problem_code=problem.code, opened_at=now, opened_by=by
    )
    Intervention.objects.open().filter(residence=residence, problem_code=problem.code, incident=None).update(
        incident=incident
    )
    return incident


@transaction.atomic
def close_incident(incident: Incident, *, reason: str, by: User, now: datetime) -> int:
    """
    Close it with all its open interventions, and return how many these were.

    Raises IncidentClosed when it was closed already.
    """
    current = Incident.objects.select_for_update(of=("self",)).get(pk=incident.pk)
    if current.closed_at:
        raise IncidentClosed("Cet incident est déjà clos.")
    members = list(Intervention.objects.select_for_update(of=("self",)).open().filter(incident=current).order_by("pk"))
    for member in members:
        advance(member, to=Status.CLOSED, by=by, now=now, version=member.version, reason=reason)
    current.closed_at = now
    current.save(update_fields=["closed_at"])
    return len(members)
