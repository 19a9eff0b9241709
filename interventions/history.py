"""What was reported of a place."""

from interventions.models import Dwelling, Intervention, Residence

ROWS = 8

# Beside every sheet of the desk: made by the ORM it took longer to build than to run.
HISTORY = """
    SELECT id, problem_code, status, opened_at, closed_at
    FROM interventions_intervention
    WHERE {place}_id = %(place)s AND id IS DISTINCT FROM %(but)s
    ORDER BY opened_at DESC LIMIT %(rows)s
"""


def last_interventions(place: Dwelling | Residence, *, but: Intervention | None = None) -> list[Intervention]:
    """The last ones there, the newest first, without the one that is looked at. Only what a line tells is read."""
    statement = HISTORY.format(place=place._meta.model_name)
    asked = {"place": place.pk, "but": but.pk if but else None, "rows": ROWS}
    return list(Intervention.objects.raw(statement, asked))
