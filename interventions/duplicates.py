"""Before a second intervention is opened for one leak: those already open nearby."""

from dataclasses import dataclass

from django.db.models import Case, IntegerField, Value, When

from interventions.models import Dwelling, Intervention, Residence
from interventions.problems import PROBLEMS, Problem

NEARNESS = {1: "Même logement", 2: "Même escalier", 3: "Même résidence"}


@dataclass(frozen=True)
class Duplicate:
    intervention: Intervention
    where: str


def possible_duplicates(
    problem: Problem | None, *, residence: Residence, dwelling: Dwelling | None, limit: int = 5
) -> list[Duplicate]:
    """
    Open interventions of the dwelling, the staircase or the residence with a problem of the same trade, nearest first.

    Without a problem yet, whatever is open there. Only a hint: the agent decides whether it is the same.
    """
    nearness = [When(dwelling=dwelling, then=Value(1))] if dwelling is not None else []
    if dwelling is not None and dwelling.staircase:
        nearness.append(When(dwelling__staircase=dwelling.staircase, then=Value(2)))
    found = (
        Intervention.objects.open()
        .unrestricted()
        .filter(residence=residence)
        .annotate(nearness=Case(*nearness, default=Value(3), output_field=IntegerField()))
        .select_related("dwelling", "residence", "incident")
        .order_by("nearness", "-opened_at")
    )
    if problem is not None:
        same_trade = [other.code for other in PROBLEMS if other.trade == problem.trade]
        found = found.filter(problem_code__in=same_trade)
    return [Duplicate(intervention=item, where=NEARNESS[item.nearness]) for item in found[:limit]]
