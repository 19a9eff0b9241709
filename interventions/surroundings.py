"""What whoever answers must know of a place: its dangers, and what was reported there."""

from datetime import date

from accounts.models import Person
from interventions.models import Dwelling, Intervention, Residence, SafetyAlert

LAST = 8  # interventions

# Beside every sheet of the desk. Written by hand: they read no more than what is shown, and made by the ORM they took
# longer to build than to run. The interventions are those that are `remembered`; a danger is told whoever it is about.

ALERTS = """
    SELECT id, kind, instruction, expires_on
    FROM interventions_safetyalert
    WHERE %(on)s BETWEEN starts_on AND expires_on
      AND (person_id = %(person)s OR residence_id = %(residence)s OR dwelling_id = %(dwelling)s
           OR dwelling_id = ANY (ARRAY(SELECT id FROM interventions_dwelling WHERE residence_id = %(whole_residence)s)))
"""
INTERVENTIONS = """
    SELECT id, problem_code, status, opened_at, closed_at
    FROM interventions_intervention
    WHERE {place}_id = %(place)s AND id IS DISTINCT FROM %(but)s
      AND ((priority = 'emergency' AND closed_at IS NULL)
           OR NOT ARRAY[occupant_id, reported_by_id]
              && ARRAY(SELECT person_id FROM privacy_restriction WHERE lifted_at IS NULL))
      AND (closed_at IS NULL
           OR NOT ARRAY[occupant_id, reported_by_id]
              && ARRAY(SELECT person_id FROM privacy_objection WHERE purpose = 'history' AND ended_at IS NULL))
    ORDER BY opened_at DESC LIMIT %(last)s
"""


def alerts_about(
    place: Dwelling | Residence | None = None, *, person: Person | None = None, on: date
) -> list[SafetyAlert]:
    """Those of that day on a dwelling or the residence around it, on a residence or any dwelling of it, on a person."""
    asked = {"on": on, "person": person and person.pk, "residence": None, "dwelling": None, "whole_residence": None}
    match place:
        case Dwelling():
            asked |= {"dwelling": place.pk, "residence": place.residence_id}
        case Residence():
            asked |= {"residence": place.pk, "whole_residence": place.pk}
    return list(SafetyAlert.objects.raw(ALERTS, asked))


def last_interventions(place: Dwelling | Residence, *, but: Intervention | None = None) -> list[Intervention]:
    """The last ones there, the newest first, without the one that is looked at."""
    asked = {"place": place.pk, "but": but and but.pk, "last": LAST}
    return list(Intervention.objects.raw(INTERVENTIONS.format(place=place._meta.model_name), asked))
