"""
A landlord's year in published tables: the one place where figures leave the house.

Pages, reports and exports show these tables, or sums of what these tables show, and nothing counted elsewhere: so no
two of them can be subtracted from each other. Small rows are gathered, months of few interventions are joined, and
what is left under 5 is hidden with what would give it away (`disclosure_control`). The totals of a month are always
published, so that the tables, which share them, tell no more together than one by one.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from itertools import pairwise
from typing import Any

from interventions.disclosure_control import SMALLEST, Cell, cells_to_hide
from interventions.models import AnnualReport, Equipment, Landlord, MonthlyBreakdown, MonthlyFigure, Residence
from interventions.problems import PRIORITY_ORDER, Trade
from interventions.statistics import (
    ARRIVAL_BOUNDS,
    FINISH_BOUNDS,
    IN_TIME,
    LATE,
    LONGER,
    NOBODY,
    REPEATED_WITHIN,
)

Criterion = MonthlyBreakdown.Criterion

NBSP = "\N{NO-BREAK SPACE}"
MONTHS = ("janv.", "févr.", "mars", "avril", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
BANDS = (1, 2, 3, 4, 6)  # hours; the narrowest in which half of the cells may be shown
OTHERS = "others"


@dataclass(frozen=True)
class Line:
    """A row of a table. None is a number that is not published; `level` 1 is part of the last line of level 0."""

    key: str
    label: str
    cells: tuple[int | None, ...]
    total: int | None
    level: int = 0


@dataclass(frozen=True)
class Table:
    key: str
    title: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    sums: tuple[int, ...]  # of the columns; none where they are not published
    total: int | None

    def line(self, key: str) -> Line:
        return next(line for line in self.lines if line.key == key)

    @property
    def parts(self) -> list[tuple[Line, list[Line]]]:
        """Each line of level 0, with those that are part of it."""
        found: list[tuple[Line, list[Line]]] = []
        for line in self.lines:
            if line.level == 0:
                found.append((line, []))
            else:
                found[-1][1].append(line)
        return found

    @property
    def hides(self) -> bool:
        return any(None in (*line.cells, line.total) for line in self.lines)


@dataclass(frozen=True)
class Publication:
    """Empty while a year has fewer than five interventions."""

    year: int
    months: tuple[str, ...]
    volume: tuple[int, ...]
    total: int | None
    tables: dict[str, Table]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def share_in_time(self, table: str, in_time: str, late: str) -> int | None:
        """How many of a hundred came or were done within their target, where both numbers are published."""
        if table not in self.tables:
            return None
        return share(self.tables[table].line(in_time).total, self.tables[table].line(late).total)

    def shares_in_time(self, table: str, in_time: str, late: str) -> list[int | None]:
        """The same, month by month."""
        if table not in self.tables:
            return []
        lines = self.tables[table].line(in_time).cells, self.tables[table].line(late).cells
        return [share(*numbers) for numbers in zip(*lines, strict=True)]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Publication":
        def table(held: Mapping[str, Any]) -> Table:
            lines = tuple(Line(**{**line, "cells": tuple(line["cells"])}) for line in held["lines"])
            return Table(**{**held, "columns": tuple(held["columns"]), "lines": lines, "sums": tuple(held["sums"])})

        tables = {key: table(held) for key, held in data["tables"].items()}
        return cls(data["year"], tuple(data["months"]), tuple(data["volume"]), data["total"], tables)


def share(part: int | None, rest: int | None) -> int | None:
    return None if part is None or rest is None else round(100 * part / (part + rest))


def publish(landlord: Landlord, *, year: int, today: date) -> Publication:
    """The year as its report froze it, or as it stands today."""
    report = AnnualReport.objects.filter(landlord=landlord, year=year).first()
    return Publication.from_json(report.figures) if report else compute(landlord, year=year, today=today)


def published_years(landlord: Landlord, *, today: date) -> list[int]:
    """Those that something is known of, and this one, the latest first."""
    counted = MonthlyFigure.objects.filter(landlord=landlord).values_list("month__year", flat=True).distinct()
    frozen = AnnualReport.objects.filter(landlord=landlord).values_list("year", flat=True)
    return sorted({today.year, *counted, *frozen}, reverse=True)


def compute(landlord: Landlord, *, year: int, today: date) -> Publication:
    of_year = {"landlord": landlord, "month__year": year, "count__gt": 0}
    work = MonthlyFigure.objects.filter(**of_year).values_list("month", "trade", "outcome", "count")
    trades: Counts = Counter()
    ends: Counts = Counter()
    for month, trade, outcome, number in work:
        trades[trade, month.month] += number
        ends[outcome, month.month] += number
    found: dict[str, Counts] = {criterion: Counter() for criterion in Criterion}
    for month, criterion, value, number in MonthlyBreakdown.objects.filter(**of_year).values_list(
        "month", "criterion", "value", "count"
    ):
        found[criterion][value, month.month] += number

    until = today.month if year == today.year else 12
    volume: Counter[int] = Counter()
    for (_, ended_in), number in trades.items():
        volume[ended_in] += number
    total = volume.total()
    if total < SMALLEST:
        return Publication(year, (), (), None, {})
    columns = joined_months(volume, until=max(until, *volume))
    ends.update(found[Criterion.FINISH])
    finish_times = Times(
        "finish_times",
        "Temps jusqu’à la fin des travaux",
        frozenset({"closed"}),
        time_rows(FINISH_BOUNDS),
        found[Criterion.FINISH_TIME],
    )
    arrival_times = Times(
        "arrival_times",
        "Temps d’arrivée",
        frozenset({IN_TIME, LATE}),
        time_rows(ARRIVAL_BOUNDS),
        found[Criterion.ARRIVAL_TIME],
    )
    arrivals = found[Criterion.ARRIVAL]
    tables = [
        *tabulate("trades", "Métiers", gathered(Trade.choices, trades, others="Autres métiers"), trades, columns),
        *tabulate("ends", "Issue et délai des travaux", END_ROWS, ends, columns, times=finish_times),
        *tabulate("arrivals", "Arrivée sur place", ARRIVAL_ROWS, arrivals, columns, times=arrival_times),
        *residences_table(landlord, found[Criterion.RESIDENCE], columns),
        *hours_table(found[Criterion.HOUR]),
        *equipment_table(found[Criterion.EQUIPMENT]),
    ]
    return Publication(
        year,
        tuple(column.label for column in columns),
        tuple(sum(volume[month] for month in column.keys) for column in columns),
        total,
        {table.key: table for table in tables},
    )


# What the rows are ----------------------------------------------------------------------------------------------------

Counts = Counter[tuple[str, int]]  # of a value, in a month


@dataclass(frozen=True)
class Column:
    label: str
    keys: tuple[int, ...]


@dataclass(frozen=True)
class Node:
    """A row: the values that it counts, or the rows that it is made of."""

    key: str
    label: str
    values: frozenset[str]
    children: tuple["Node", ...] = ()


def in_words(minutes: int) -> str:
    if minutes < 60:
        return f"{minutes}{NBSP}min"
    return f"{minutes // 60}{NBSP}h" if minutes <= 1440 else f"{minutes // 1440}{NBSP}jours"


def time_rows(bounds: Sequence[int]) -> list["Node"]:
    """Moins de 30 min, de 30 min à 1 h… 3 jours et plus."""
    words = [in_words(bound) for bound in bounds]
    between = [f"De {first} à {last}" for first, last in pairwise(words)]
    labels = [f"Moins de {words[0]}", *between, f"{words[-1]} et plus"]
    return nodes(zip([*map(str, bounds), LONGER], labels, strict=True))


def nodes(choices: Iterable[tuple[str, str]]) -> list[Node]:
    return [Node(value, label, frozenset({value})) for value, label in choices]


def with_parts(key: str, label: str, parts: Sequence[Node]) -> Node:
    return Node(key, label, frozenset().union(*(part.values for part in parts)), tuple(parts))


ARRIVAL_ROWS = [
    with_parts(arrival, label, nodes((f"{arrival}/{priority}", priority.label) for priority in PRIORITY_ORDER))
    for arrival, label in (
        (IN_TIME, "Dans le délai"),
        (LATE, "Après le délai"),
        (NOBODY, "Personne ne s’est déplacé"),
    )
]
END_ROWS = [
    with_parts("closed", "Closes", nodes([(IN_TIME, "Dans le délai"), (LATE, "Après le délai")])),
    *nodes([("refused", "Hors périmètre"), ("cancelled", "Annulées")]),
]


def gathered(choices: Iterable[tuple[str, str]], counts: Counts, *, others: str) -> list[Node]:
    """The rows of five and more in the year, and all the small ones as one, with as many as it takes to be five."""
    return gather(nodes(choices), partial(in_the_year, of_year(counts)), others=others)


def of_year(counts: Counts) -> Counter[str]:
    found: Counter[str] = Counter()
    for (value, _), number in counts.items():
        found[value] += number
    return found


def in_the_year(totals: Counter[str], row: Node) -> int:
    return sum(totals[value] for value in row.values)


def gather(rows: Sequence[Node], number_of: Callable[[Node], int], *, others: str) -> list[Node]:
    small: list[Node] = []
    for row in sorted(rows, key=lambda row: (number_of(row), row.key)):
        if number_of(row) >= SMALLEST and (not small or sum(map(number_of, small)) >= SMALLEST):
            break
        small.append(row)
    large = sorted((row for row in rows if row not in small), key=number_of, reverse=True)
    if not small:
        return large
    values = frozenset().union(*(row.values for row in small))
    return [*large, Node(f"{OTHERS}:{small[0].key}", others if large else "Ensemble", values)]


def joined_months(volume: Mapping[int, int], *, until: int) -> list[Column]:
    """Months, joined to the next until five interventions ended in them."""
    joined: list[list[int]] = [[]]
    for month in range(1, until + 1):
        joined[-1].append(month)
        if sum(volume.get(each, 0) for each in joined[-1]) >= SMALLEST:
            joined.append([])
    last = joined.pop()
    if last:
        joined[-1] += last
    return [
        Column(MONTHS[months[0] - 1] + (f"–{MONTHS[months[-1] - 1]}" if len(months) > 1 else ""), tuple(months))
        for months in joined
    ]


# The tables -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Times:
    """The rows of this table share, over the year, the total of some rows of another: how long these took."""

    key: str
    title: str
    of: frozenset[str]
    rows: Sequence[Node]
    counts: Counts


def tabulate(
    key: str,
    title: str,
    rows: Sequence[Node],
    counts: Counts,
    columns: Sequence[Column],
    *,
    times: Times | None = None,
    with_sums: bool = True,
) -> Iterator[Table]:
    """
    The table and that of its `times`, hidden in together; none where a column has too little. Without sums, those of
    the columns are not published.
    """
    every = [each for column in columns for each in column.keys]
    several = len(columns) > 1
    sums = tuple(sum(number(row, counts, column.keys) for row in rows) for column in columns)
    if min(sums if with_sums else [sum(sums)]) < SMALLEST:
        return

    cells: dict[Hashable, Cell] = {}
    for row in rows:
        end = "times" if times and row.key in times.of else "end"
        parts_end = ("parts", row.key) if row.children and several else end
        for at, column in enumerate(columns):
            begin: Hashable = ("column", at) if with_sums else "column"
            if row.children:
                cells[row.key, at] = Cell(begin, ("part", row.key, at), number(row, counts, column.keys))
                begin = ("part", row.key, at)
            for part in row.children or (row,):
                through = ("row", part.key) if several else parts_end
                cells[part.key, at] = Cell(begin, through, number(part, counts, column.keys))
        if several:
            for part in row.children or (row,):
                cells[part.key, "total"] = Cell(("row", part.key), parts_end, number(part, counts, every))
            if row.children:
                cells[row.key, "total"] = Cell(parts_end, end, number(row, counts, every))
    for row in times.rows if times else ():
        cells["times", row.key] = Cell("times", "end", number(row, times.counts, every))  # type: ignore[union-attr]
    hidden = cells_to_hide(cells)

    def shown(*place: Hashable) -> int | None:
        return None if place in hidden else cells[place].number

    def line(row: Node, level: int) -> Line:
        numbers = tuple(shown(row.key, at) for at in range(len(columns)))
        return Line(row.key, row.label, numbers, shown(row.key, "total" if several else 0), level)

    yield Table(
        key,
        title,
        tuple(column.label for column in columns),
        tuple(line(each, level) for row in rows for level, each in [(0, row), *((1, part) for part in row.children)]),
        sums if with_sums else (),
        sum(sums),
    )
    if times:
        lines = [(row, shown("times", row.key)) for row in times.rows]
        whole_year = tuple(Line(row.key, row.label, (found,), found) for row, found in lines)
        yield Table(times.key, times.title, ("Année",), whole_year, (), None)


def number(row: Node, counts: Counts, keys: Iterable[int]) -> int:
    return sum(counts[value, each] for value in row.values for each in keys)


def residences_table(landlord: Landlord, counts: Counts, columns: Sequence[Column]) -> Iterator[Table]:
    """By sector, then by residence."""
    number_of = partial(in_the_year, of_year(counts))
    sectors: dict[str, list[Node]] = {}
    for pk, name, sector in Residence.objects.filter(landlord=landlord).values_list("pk", "name", "sector"):
        sectors.setdefault(sector, []).append(Node(str(pk), name, frozenset({str(pk)})))
    by_value = {value: node for residences in sectors.values() for node in residences for value in node.values}
    rows = [
        Node(f"sector:{sector}", sector or "Sans secteur", frozenset().union(*(each.values for each in residences)))
        for sector, residences in sorted(sectors.items())
    ]
    groups = []
    for group in gather(rows, number_of, others="Autres secteurs"):
        parts = gather([by_value[value] for value in sorted(group.values)], number_of, others="Autres résidences")
        groups.append(Node(group.key, group.label, group.values, tuple(parts) if len(parts) > 1 else ()))
    yield from tabulate("residences", "Secteurs et résidences", groups, counts, columns)


def hours_table(counts: Counts) -> Iterator[Table]:
    """A week of hours, as narrow as may be: half of its cells shown. Neither days nor hours have a total."""
    calls = of_year(counts)
    if calls.total() < SMALLEST:
        return
    for width in BANDS:
        grid = {
            (day, begins): sum(calls[f"{day}-{hour:02}"] for hour in range(begins, begins + width))
            for day in range(1, 8)
            for begins in range(0, 24, width)
        }
        hidden = cells_to_hide({place: Cell("begin", "end", number) for place, number in grid.items()})
        if len(hidden) <= len(grid) / 2:
            break
    begins_at = range(0, 24, width)
    lines = tuple(
        Line(
            str(day),
            name.capitalize(),
            tuple(None if (day, begins) in hidden else grid[day, begins] for begins in begins_at),
            None,
        )
        for day, name in enumerate(DAYS, start=1)
    )
    columns = tuple(f"{begins}{NBSP}h" if width == 1 else f"{begins}–{begins + width}{NBSP}h" for begins in begins_at)
    yield Table("hours", "Jour et heure des appels", columns, lines, (), calls.total())


FIRST, AGAIN = 1, 2


def equipment_table(counts: Counts) -> Iterator[Table]:
    """Failures of what dwellings share: those that came back within a month beside the others."""
    failures: Counts = Counter()
    for (value, _), number in counts.items():
        kind, _, rank = value.partition("/")
        failures[kind, AGAIN if rank == "again" else FIRST] += number
    columns = [
        Column("Premières pannes", (FIRST,)),
        Column(f"Revenues sous {REPEATED_WITHIN.days}{NBSP}jours", (AGAIN,)),
    ]
    kinds = gathered(Equipment.Kind.choices, failures, others="Autres équipements")
    yield from tabulate("equipment", "Pannes d’équipement", kinds, failures, columns, with_sums=False)
