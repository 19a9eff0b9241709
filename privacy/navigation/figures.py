"""
What visits and answers add up to, month by month: numbers that stay when the rows go.

A figure only ever grows. What the purge takes leaves it as it was, and counting twice changes nothing.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import connection, transaction
from django.db.models import Sum

from privacy.models import AudienceFigure, ChoiceFigure
from privacy.policy import ROWS_BY_KEY
from privacy.retention.due import paris_day

SMALLEST = 5  # under that, a number might say something about somebody: it is not kept
CHARTED_MONTHS = ROWS_BY_KEY["navigation"].period.months

COUNT_VISITS = """
INSERT INTO privacy_audiencefigure AS held (month, page, count)
SELECT date_trunc('month', at AT TIME ZONE 'Europe/Paris')::date, page, count(*)
FROM privacy_visit GROUP BY 1, 2 HAVING count(*) >= %s ORDER BY 1, 2
ON CONFLICT (month, page) DO UPDATE SET count = GREATEST(held.count, excluded.count)
"""
COUNT_CHOICES = """
INSERT INTO privacy_choicefigure AS held (month, accepted, refused)
SELECT date_trunc('month', chosen_at AT TIME ZONE 'Europe/Paris')::date,
       count(*) FILTER (WHERE audience), count(*) FILTER (WHERE NOT audience)
FROM privacy_cookiechoice GROUP BY 1 HAVING count(*) >= %s ORDER BY 1
ON CONFLICT (month) DO UPDATE SET accepted = GREATEST(held.accepted, excluded.accepted),
                                  refused = GREATEST(held.refused, excluded.refused)
"""


@transaction.atomic
def count_audience() -> None:
    with connection.cursor() as cursor:
        cursor.execute(COUNT_VISITS, [SMALLEST])
        cursor.execute(COUNT_CHOICES, [SMALLEST])


@dataclass(frozen=True)
class Month:
    """A month of the chart: its numbers, and its bar in the units of the drawing."""

    on: date
    visits: int
    accepted: int
    refused: int
    x: int
    y: int
    height: int

    @property
    def share(self) -> int | None:
        """How many of a hundred answers were yes."""
        answers = self.accepted + self.refused
        return round(100 * self.accepted / answers) if answers else None


def audience(*, now: datetime) -> dict[str, Any]:
    """For the DPO and the supervisor: the last months, oldest first, and their pages, most seen first."""
    this_month = paris_day(now).replace(day=1)
    days = [this_month - relativedelta(months=back) for back in reversed(range(CHARTED_MONTHS))]
    charted = AudienceFigure.objects.filter(month__gte=days[0])
    visits = dict(charted.values_list("month").annotate(Sum("count")))
    answers = ChoiceFigure.objects.filter(month__gte=days[0]).in_bulk(field_name="month")
    most = max(visits.values(), default=0) or 1
    months = []
    for index, day in enumerate(days):
        height = -(-100 * visits.get(day, 0) // most)  # rounded up: a month with a visit has a bar
        said = answers.get(day)
        months.append(
            Month(
                day,
                visits.get(day, 0),
                accepted=said.accepted if said else 0,
                refused=said.refused if said else 0,
                x=10 * index,
                y=100 - height,
                height=height,
            )
        )
    pages = charted.values("page").annotate(seen=Sum("count")).order_by("-seen", "page")
    return {
        "months": months,
        "width": 10 * len(months),
        "visits": sum(visits.values()),
        "most": max(visits.values(), default=0),
        "pages": list(pages.values_list("page", "seen")),
        "smallest": SMALLEST,
    }
