"""
How many interventions ended, by landlord, month, trade and outcome: numbers and nothing else.

They are counted as interventions end, in the same transaction, so that the purge never waits for a report and takes
nothing away from them. Who objected to being counted, or whose data are restricted, is left out from then on.
"""

from collections import Counter
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, DateField, F, QuerySet
from django.db.models.functions import TruncMonth

from interventions.models import Intervention, MonthlyFigure
from interventions.problems import PROBLEMS_BY_CODE
from privacy.objections import is_stopped
from privacy.restriction import is_restricted

PARIS = ZoneInfo("Europe/Paris")

# The purposes whose objectors are not counted.
FIGURES = ("client_figures", "improvement", "quality")

ADD_ONE = """
INSERT INTO interventions_monthlyfigure AS held (landlord_id, month, trade, outcome, count) VALUES (%s, %s, %s, %s, 1)
ON CONFLICT (landlord_id, month, trade, outcome) DO UPDATE SET count = held.count + 1
"""


class Figure(NamedTuple):
    """What a number is about."""

    landlord: int
    month: date
    trade: str
    outcome: str

    @classmethod
    def of(cls, ended: Intervention) -> "Figure":
        assert ended.closed_at is not None
        month = ended.closed_at.astimezone(PARIS).date().replace(day=1)
        return cls(ended.landlord_id, month, ended.problem.trade.value, ended.status)


def count_ended(ended: Intervention) -> None:
    """One more. Two that end at the same instant wait for each other, and both count."""
    people = (ended.occupant_id, ended.reported_by_id)
    if is_stopped(*people, purposes=FIGURES) or is_restricted(*people):
        Intervention.objects.filter(pk=ended.pk).update(left_out_of_figures=True)
        return
    with connection.cursor() as cursor:
        cursor.execute(ADD_ONE, Figure.of(ended))


def count_reopened(ended: Intervention) -> None:
    """It is about to be reopened: it had not ended after all, and will count when it does."""
    if ended.left_out_of_figures:
        Intervention.objects.filter(pk=ended.pk).update(left_out_of_figures=False)
        return
    landlord, month, trade, outcome = Figure.of(ended)
    MonthlyFigure.objects.filter(landlord=landlord, month=month, trade=trade, outcome=outcome, count__gt=0).update(
        count=F("count") - 1
    )


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
