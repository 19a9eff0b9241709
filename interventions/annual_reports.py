"""
The annual report: a landlord's year as it was published, copied once what ended in it can no longer be reopened, and
before the first of its interventions is due for deletion (on 1 March of the next year).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from interventions.models import AnnualReport, Landlord, MonthlyFigure
from interventions.publication import Line, Publication, Table, compute
from privacy.pdf import pdf
from privacy.retention.due import paris_day

FROZEN_FROM = (2, 1)  # 1 February: thirty days after the year's last end (`lifecycle.REOPEN_WITHIN`)
HIDDEN = "n. p."  # non publié


def freeze_due(*, now: datetime) -> int:
    """Every night: each landlord's years that are over and not frozen yet. Returns how many were."""
    today = paris_day(now)
    over = today.year - (1 if (today.month, today.day) >= FROZEN_FROM else 2)
    counted = MonthlyFigure.objects.filter(count__gt=0, month__year__lte=over).order_by()
    done = set(AnnualReport.objects.values_list("landlord", "year"))
    waiting = sorted(set(counted.values_list("landlord", "month__year").distinct()) - done)
    landlords = Landlord.objects.in_bulk({landlord for landlord, _ in waiting})
    for landlord, year in waiting:
        freeze(landlords[landlord], year=year, now=now)
    return len(waiting)


def freeze(landlord: Landlord, *, year: int, now: datetime) -> AnnualReport:
    """Twice at once, it is frozen once."""
    figures = compute(landlord, year=year, today=paris_day(now)).as_json()
    report, _ = AnnualReport.objects.get_or_create(
        landlord=landlord, year=year, defaults={"frozen_at": now, "figures": figures}
    )
    return report


# On paper and for spreadsheets ----------------------------------------------------------------------------------------


def as_pdf(report: AnnualReport) -> bytes:
    """The same bytes each time."""
    published = Publication.from_json(report.figures)
    return pdf(
        "landlord_year",
        {
            "landlord": report.landlord.name,
            "year": report.year,
            "frozen_on": paris_day(report.frozen_at).isoformat(),
            "total": published.total,
            "months": published.months,
            "volume": published.volume,
            "shares": published.shares_in_time("arrivals", "in_time", "late"),
            "in_time": {
                "arrivals": published.share_in_time("arrivals", "in_time", "late"),
                "ends": published.share_in_time("ends", "in_time", "late"),
            },
            "tables": {key: on_paper(table) for key, table in published.tables.items()},
        },
    )


def on_paper(table: Table) -> dict[str, Any]:
    return {
        "title": table.title,
        "columns": table.columns,
        "lines": [
            {"label": line.label, "level": line.level, "cells": line.cells, "total": line.total} for line in table.lines
        ],
        "sums": table.sums,
        "total": table.total,
    }


HEADINGS = ("Tableau", "Partie de", "Ligne", "Période", "Nombre")


def as_rows(published: Publication) -> Iterator[tuple[Any, ...]]:
    """Every number on a row of its own, for spreadsheets."""
    yield HEADINGS
    for month, number in zip(published.months, published.volume, strict=True):
        yield "Interventions terminées", "", "Toutes", month, number
    yield "Interventions terminées", "", "Toutes", "Année", shown(published.total)
    for table in published.tables.values():
        for line, parts in table.parts:
            yield from rows_of(table, line)
            for part in parts:
                yield from rows_of(table, part, part_of=line.label)


def rows_of(table: Table, line: Line, *, part_of: str = "") -> Iterator[tuple[Any, ...]]:
    for column, number in zip(table.columns, line.cells, strict=True):
        yield table.title, part_of, line.label, column, shown(number)
    if len(table.columns) > 1 and table.key != "hours":
        yield table.title, part_of, line.label, "Année", shown(line.total)


def shown(number: int | None) -> int | str:
    return HIDDEN if number is None else number
