"""
What interventions add up to once they have ended, month by month and landlord by landlord: numbers and nothing else.

They are counted as they end, in the same transaction, so that the purge never waits for a report and takes nothing
away from them; every night what a load or a restored backup brought in is counted too. A mark on the row says that it
is in the figures: counting twice changes nothing. Who objected to being counted, or whose data are restricted, is left
out from then on.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Count, DateField, QuerySet
from django.db.models.functions import TruncMonth

from interventions.models import Incident, Intervention, MonthlyBreakdown
from interventions.problems import PROBLEMS, PROBLEMS_BY_CODE, Priority
from privacy.objections import stopped_among
from privacy.restriction import restricted_among
from privacy.retention.due import PARIS, paris_day

Criterion = MonthlyBreakdown.Criterion

# The purposes whose objectors are not counted.
FIGURES = ("client_figures", "improvement", "quality")

# The work should be done within, counted from the call. The time to arrive is the landlord's own (`Instruction`).
FINISH_TARGETS = {
    Priority.EMERGENCY: timedelta(hours=24),
    Priority.URGENT: timedelta(days=3),
    Priority.NORMAL: timedelta(days=30),
}
# Bounds in minutes: each number is of what took less, and not less than the bound before. Of those where somebody
# came, and of those that were closed; the others have no such time.
ARRIVAL_BOUNDS = (30, 60, 120, 240, 1440, 4320)
FINISH_BOUNDS = (240, 1440, 4320, 10080, 43200)
LONGER = "longer"
REPEATED_WITHIN = timedelta(days=30)  # of the end of the same equipment's last failure

IN_TIME, LATE, NOBODY = "in_time", "late", "nobody"

# One row for each intervention, what it is counted under in the columns.
FACTS = """
SELECT i.landlord_id AS landlord, date_trunc('month', i.closed_at AT TIME ZONE 'Europe/Paris')::date AS month,
    kinds.trade AS trade, i.status AS outcome,
    CASE WHEN arrived_at IS NULL THEN 'nobody' WHEN arrived_at <= i.suggested_on_site_by THEN 'in_time'
        ELSE 'late' END || '/' || i.priority AS arrival,
    (%(arrival)s::text[])[1 + width_bucket(minutes.to_arrive, %(arrival_bounds)s::numeric[])] AS arrival_time,
    CASE WHEN done_at <= i.opened_at + targets.target THEN 'in_time' WHEN done_at IS NOT NULL THEN 'late' END AS finish,
    (%(finish)s::text[])[1 + width_bucket(minutes.to_finish, %(finish_bounds)s::numeric[])] AS finish_time,
    to_char(i.opened_at AT TIME ZONE 'Europe/Paris', 'ID-HH24') AS hour,
    i.residence_id::text AS residence
FROM interventions_intervention AS i
JOIN unnest(%(problems)s::text[], %(trades)s::text[]) AS kinds (problem, trade) ON kinds.problem = i.problem_code
JOIN unnest(%(priorities)s::text[], %(targets)s::interval[]) AS targets (priority, target)
    ON targets.priority = i.priority
CROSS JOIN LATERAL (
    SELECT min(at) FILTER (WHERE to_status IN ('on_site', 'no_access')) AS arrived_at,
        coalesce(max(at) FILTER (WHERE to_status = 'done'), i.closed_at) AS ended_at
    FROM interventions_transition WHERE intervention_id = i.id) AS steps
CROSS JOIN LATERAL (SELECT CASE WHEN i.status = 'closed' THEN ended_at END AS done_at) AS work
CROSS JOIN LATERAL (
    SELECT extract(epoch FROM arrived_at - i.opened_at) / 60 AS to_arrive,
        extract(epoch FROM done_at - i.opened_at) / 60 AS to_finish) AS minutes
WHERE i.id = ANY(%(ids)s::bigint[])
"""
CELLS = """
facts CROSS JOIN LATERAL (VALUES ('arrival', arrival), ('arrival_time', arrival_time), ('finish', finish),
    ('finish_time', finish_time), ('hour', hour), ('residence', residence)) AS cell (criterion, value)
WHERE cell.value IS NOT NULL
"""
ADD = f"""
WITH facts AS MATERIALIZED ({FACTS}),
figures AS (
    INSERT INTO interventions_monthlyfigure AS held (landlord_id, month, trade, outcome, count)
    SELECT landlord, month, trade, outcome, count(*) FROM facts GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (landlord_id, month, trade, outcome) DO UPDATE SET count = held.count + excluded.count)
INSERT INTO interventions_monthlybreakdown AS held (landlord_id, month, criterion, value, count)
SELECT landlord, month, cell.criterion, cell.value, count(*) FROM {CELLS} GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
ON CONFLICT (landlord_id, month, criterion, value) DO UPDATE SET count = held.count + excluded.count
"""
TAKE_BACK = f"""
WITH facts AS MATERIALIZED ({FACTS}),
figures AS (
    UPDATE interventions_monthlyfigure AS held SET count = held.count - 1 FROM facts
    WHERE (held.landlord_id, held.month, held.trade, held.outcome)
        = (facts.landlord, facts.month, facts.trade, facts.outcome))
UPDATE interventions_monthlybreakdown AS held SET count = held.count - 1 FROM {CELLS}
AND (held.landlord_id, held.month, held.criterion, held.value) = (landlord, facts.month, cell.criterion, cell.value)
"""
ADD_FAILURE = """
INSERT INTO interventions_monthlybreakdown AS held (landlord_id, month, criterion, value, count)
VALUES (%s, %s, 'equipment', %s, 1)
ON CONFLICT (landlord_id, month, criterion, value) DO UPDATE SET count = held.count + 1
"""


class Figure(NamedTuple):
    """What a number of `MonthlyFigure` is about."""

    landlord: int
    month: date
    trade: str
    outcome: str


def count_ended(ended: Intervention) -> None:
    """One more. Two that end at the same instant wait for each other, and both count."""
    count(Intervention.objects.uncounted().filter(pk=ended.pk))


@transaction.atomic
def count(uncounted: QuerySet[Intervention]) -> int:
    """Count them, or leave them out for good. Returns how many there were."""
    waiting = uncounted.select_for_update(of=("self",)).values_list("pk", "occupant", "reported_by")
    found = {pk: people for pk, *people in waiting}
    hidden = not_to_be_counted({person for people in found.values() for person in people if person is not None})
    left_out = [pk for pk, people in found.items() if hidden.intersection(people)]
    counted = [pk for pk, people in found.items() if not hidden.intersection(people)]
    if left_out:
        Intervention.objects.filter(pk__in=left_out).update(left_out_of_figures=True)
    if counted:
        Intervention.objects.filter(pk__in=counted).update(counted=True)
        execute(ADD, counted)
    return len(found)


def not_to_be_counted(people: set[int]) -> set[int]:
    """Those of them who objected to figures, or whose data are restricted."""
    if not people:
        return set()
    return restricted_among(people) | stopped_among(people, purposes=FIGURES)


def count_reopened(ended: Intervention) -> None:
    """It is about to be reopened: it had not ended after all, and will count when it does."""
    if Intervention.objects.filter(pk=ended.pk, counted=True).update(counted=False):
        execute(TAKE_BACK, [ended.pk])
    Intervention.objects.filter(pk=ended.pk, left_out_of_figures=True).update(left_out_of_figures=False)


def execute(statement: str, ids: Iterable[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"ids": list(ids), **PARAMETERS})


PARAMETERS: dict[str, Any] = {
    "problems": [problem.code for problem in PROBLEMS],
    "trades": [problem.trade.value for problem in PROBLEMS],
    "priorities": [priority.value for priority in FINISH_TARGETS],
    "targets": list(FINISH_TARGETS.values()),
    "arrival_bounds": list(ARRIVAL_BOUNDS),
    "arrival": [*map(str, ARRIVAL_BOUNDS), LONGER],
    "finish_bounds": list(FINISH_BOUNDS),
    "finish": [*map(str, FINISH_BOUNDS), LONGER],
}


@transaction.atomic
def count_failure(incident: Incident) -> None:
    """A failure of equipment that is over, the first for long or one more."""
    current = Incident.objects.select_for_update(of=("self",)).select_related("equipment", "residence")
    ended = current.filter(pk=incident.pk, closed_at__isnull=False, counted=False).first()
    if ended is None or ended.closed_at is None:
        return
    Incident.objects.filter(pk=ended.pk).update(counted=True)
    if ended.equipment is None:
        return
    before = Incident.objects.filter(
        equipment=ended.equipment, closed_at__gt=ended.opened_at - REPEATED_WITHIN, closed_at__lte=ended.opened_at
    )
    value = f"{ended.equipment.kind}/{'again' if before.exclude(pk=ended.pk).exists() else 'first'}"
    with connection.cursor() as cursor:
        cursor.execute(ADD_FAILURE, [ended.residence.landlord_id, paris_day(ended.closed_at).replace(day=1), value])


def top_up(*, batch: int = 5000) -> int:
    """Every night: what ended without being counted. Returns how many were looked at; run again, it finds none."""
    total = 0
    while found := count(Intervention.objects.uncounted().order_by("pk")[:batch]):
        total += found
    for incident in Incident.objects.filter(closed_at__isnull=False, counted=False).order_by("closed_at", "pk"):
        count_failure(incident)
    return total


def recount(interventions: QuerySet[Intervention]) -> Counter[Figure]:
    """What those that ended add up to: the figures themselves, as long as the purge has taken none."""
    month = TruncMonth("closed_at", output_field=DateField(), tzinfo=PARIS)
    ended = interventions.exclude(closed_at=None).exclude(left_out_of_figures=True).order_by()
    found: Counter[Figure] = Counter()
    for landlord, month_on, problem, outcome, number in ended.values_list(
        "landlord", month, "problem_code", "status"
    ).annotate(number=Count("pk")):
        found[Figure(landlord, month_on, PROBLEMS_BY_CODE[problem].trade.value, outcome)] += number
    return found
