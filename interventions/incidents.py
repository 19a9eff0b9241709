"""One failure, many callers: an incident gathers their interventions and ends them together."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from interventions import statistics
from interventions.lifecycle import advance
from interventions.models import Equipment, Incident, Intervention, Residence, Status
from interventions.problems import Problem


class IncidentError(Exception):
    """The message says why, in French."""


class IncidentClosed(IncidentError):
    """It ended already."""


class AlreadyOpen(IncidentError):
    """The same failure of the same residence has its incident."""


class EquipmentElsewhere(IncidentError):
    pass


@transaction.atomic
def open_incident(
    problem: Problem, *, residence: Residence, equipment: Equipment | None, by: User, now: datetime
) -> Incident:
    """
    Open an umbrella and gather under it the residence's open interventions with the same problem.

    Raises AlreadyOpen when there is one, EquipmentElsewhere when the equipment is another residence's.
    """
    if equipment is not None and equipment.residence_id != residence.pk:
        raise EquipmentElsewhere("Cet équipement est dans une autre résidence.")
    Residence.objects.select_for_update(of=("self",), no_key=True).get(pk=residence.pk)  # two at once wait here
    if Incident.objects.open().filter(residence=residence, equipment=equipment, problem_code=problem.code).exists():
        raise AlreadyOpen("Un incident est déjà ouvert pour cette panne\N{NO-BREAK SPACE}: rattachez-y les appels.")
    incident = Incident.objects.create(
        residence=residence, equipment=equipment, problem_code=problem.code, opened_at=now, opened_by=by
    )
    same = Intervention.objects.open().unrestricted().filter(residence=residence, problem_code=problem.code)
    same.filter(incident=None).update(incident=incident)
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
    open_members = Intervention.objects.open().unrestricted().filter(incident=current).order_by("pk")
    members = list(open_members.select_for_update(of=("self",)))
    for member in sorted(members, key=lambda member: member.problem.trade):  # figures are locked in one order
        advance(member, to=Status.CLOSED, by=by, now=now, version=member.version, reason=reason)
    current.closed_at = now
    current.save(update_fields=["closed_at"])
    statistics.count_failure(current)
    return len(members)
