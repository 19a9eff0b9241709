"""
Two hundred landlords drawn by chance: no published number is under five, and none that is hidden can be computed.

The attacker is a linear program, which shares nothing with what hides: it knows every published number, that each
count is a whole number of zero or more, and how the tables add up, all together.
"""

from collections import Counter
from datetime import date, datetime, timedelta
from math import ceil, floor
from random import Random

import pytest
from scipy.optimize import linprog  # type: ignore[import-untyped]
from scipy.sparse import lil_array  # type: ignore[import-untyped]

from interventions.disclosure_control import SMALLEST, Cell, cells_to_hide
from interventions.models import AnnualReport, Intervention, MonthlyBreakdown, MonthlyFigure
from interventions.problems import PRIORITY_ORDER, PROBLEMS, Trade
from interventions.publication import Line, Publication, Table, compute, publish
from interventions.statistics import ARRIVAL_BOUNDS, FINISH_BOUNDS, LONGER, top_up
from privacy.retention.due import PARIS
from privacy.retention.purge import purge
from tests.factories import InterventionFactory, LandlordFactory, ResidenceFactory, TransitionFactory

pytestmark = pytest.mark.django_db

YEAR = 2025
TODAY = date(2026, 1, 20)
DATA_SETS = 200


def draw(seed, *, landlord, residences):
    """The figures of a year of chance: large or small, even or all at once. Each unit is in every table."""
    rng = Random(seed)
    size = int(rng.choice((0, 6, 20, 60, 200, 800)) * rng.uniform(0.5, 1.5))
    months = rng.choice((range(1, 13), range(1, 13), range(3, 8), (11,)))
    trades = rng.sample(list(Trade), rng.randint(1, len(Trade)))
    weights = [rng.expovariate(1) ** 2 + 0.01 for _ in residences]
    work, details = Counter(), Counter()
    for _ in range(size):
        month = date(YEAR, rng.choice(months), 1)
        trade = rng.choices(trades, [2.0**-rank for rank in range(len(trades))])[0]
        outcome = rng.choices(("closed", "refused", "cancelled"), (80, 8, 12))[0]
        arrival = rng.choices(("in_time", "late", "nobody"), (70, 15, 15))[0] if outcome != "refused" else "nobody"
        priority = rng.choices(PRIORITY_ORDER, (1, 3, 6))[0]
        work[month, trade.value, outcome] += 1
        details[month, "arrival", f"{arrival}/{priority}"] += 1
        if arrival != "nobody":
            details[month, "arrival_time", rng.choice([*map(str, ARRIVAL_BOUNDS), LONGER])] += 1
        if outcome == "closed":
            details[month, "finish", rng.choices(("in_time", "late"), (9, 1))[0]] += 1
            details[month, "finish_time", rng.choice([*map(str, FINISH_BOUNDS), LONGER])] += 1
        details[month, "hour", f"{rng.randint(1, 7)}-{min(23, int(rng.gauss(14, 5)) % 24):02}"] += 1
        details[month, "residence", str(rng.choices(residences, weights)[0].pk)] += 1
    for _ in range(int(size * rng.uniform(0, 0.2))):
        kind = rng.choice(("lift", "lift", "boiler", "entrance"))
        details[date(YEAR, rng.choice(months), 1), "equipment", f"{kind}/{rng.choice(('first', 'again'))}"] += 1
    MonthlyFigure.objects.filter(landlord=landlord).delete()
    MonthlyBreakdown.objects.filter(landlord=landlord).delete()
    MonthlyFigure.objects.bulk_create(
        MonthlyFigure(landlord=landlord, month=month, trade=trade, outcome=outcome, count=number)
        for (month, trade, outcome), number in work.items()
    )
    MonthlyBreakdown.objects.bulk_create(
        MonthlyBreakdown(landlord=landlord, month=month, criterion=criterion, value=value, count=number)
        for (month, criterion, value), number in details.items()
    )
    return size


class Attacker:
    """What is known of a publication's cells: numbers, and sums that have to come out."""

    def __init__(self, publication):
        self.known, self.names, self.equations = {}, {}, []
        for table in publication.tables.values():
            self.read(table, publication)

    def cell(self, *name):
        return self.names.setdefault(name, len(self.names))

    def tell(self, number, *name):
        cell = self.cell(*name)
        if number is not None:
            self.known[cell] = number
        return cell

    def read(self, table, publication):
        """Each number of a table, and that rows and columns add up to what stands at their end."""
        key, several = table.key, len(table.columns) > 1
        if key in ("arrival_times", "finish_times"):
            parts = [self.tell(line.total, key, line.key) for line in table.lines]
            whole = {"arrival_times": ("arrivals", ("in_time", "late")), "finish_times": ("ends", ("closed",))}[key]
            self.equations.append((parts, [self.cell(whole[0], row, "total") for row in whole[1]], 0))
            return
        for line in table.lines:
            cells = [self.tell(number, key, line.key, at) for at, number in enumerate(line.cells)]
            if key != "hours":
                total = self.tell(line.total, key, line.key, "total")
                self.equations.append((cells, [total], 0))
        tops = [line.key for line, _ in table.parts]
        for at in range(len(table.columns)) if table.sums else ():
            self.equations.append(([self.cell(key, top, at) for top in tops], [], table.sums[at]))
        everything = [self.cell(key, top, at) for top in tops for at in range(len(table.columns))]
        self.equations.append((everything, [], table.total))
        for top, parts in table.parts:
            for at in [*range(len(table.columns)), "total"] if parts else ():
                self.equations.append(
                    ([self.cell(key, part.key, at) for part in parts], [self.cell(key, top.key, at)], 0)
                )
        if several and table.sums:
            assert table.sums == publication.volume

    def solve(self, aims):
        """The numbers that fit all that is known, where the aims are least."""
        found = linprog(aims, A_eq=self.matrix, b_eq=self.sums, bounds=self.limits, method="highs")
        assert found.status == 0, found.message
        return found.x

    def computed(self):
        """The hidden cells that can be only one whole number."""
        cells = len(self.names)
        self.sums = [number for _, _, number in self.equations]
        self.matrix = lil_array((len(self.equations), cells))
        for row, (plus, minus, _) in enumerate(self.equations):
            for sign, terms in ((1, plus), (-1, minus)):
                for cell in terms:
                    self.matrix[row, cell] += sign
        self.matrix = self.matrix.tocsr()
        self.limits = [(self.known.get(cell, 0), self.known.get(cell)) for cell in range(cells)]
        suspects = {cell for cell in range(cells) if cell not in self.known}
        if not suspects:
            return []
        # Most are seen to be two things by chance; of the others, the least and the most are asked one by one.
        rng = Random(0)
        first = self.solve([0] * cells)
        for _ in range(6):
            other = self.solve([rng.uniform(-1, 1) for _ in range(cells)])
            suspects = {cell for cell in suspects if round(other[cell]) == round(first[cell])}
        return [name for name, cell in self.names.items() if cell in suspects and self.is_one_number(cell)]

    def is_one_number(self, cell):
        aims = [0] * len(self.names)
        aims[cell] = 1
        least = ceil(self.solve(aims)[cell] - 1e-6)
        aims[cell] = -1
        return floor(self.solve(aims)[cell] + 1e-6) <= least


def numbers_of(publication):
    yield from publication.volume
    for table in publication.tables.values():
        yield from (number for number in (table.total, *table.sums) if number is not None)
        for line in table.lines:
            yield from (number for number in (line.total, *line.cells) if number is not None)


def make_estate():
    """One landlord and its residences: three in a town, two in another, one alone in its own, one without."""
    landlord = LandlordFactory()
    sectors = ("Cambrai", "Cambrai", "Cambrai", "Caudry", "Caudry", "Le Cateau", "")
    return landlord, [ResidenceFactory(landlord=landlord, sector=sector) for sector in sectors]


@pytest.mark.parametrize("first", range(0, DATA_SETS, 50))
def test_nothing_under_five_is_published_and_nothing_hidden_can_be_computed(first):
    landlord, residences = make_estate()
    shown = 0
    for seed in range(first, first + 50):
        size = draw(seed, landlord=landlord, residences=residences)
        publication = compute(landlord, year=YEAR, today=TODAY)

        assert min(numbers_of(publication), default=SMALLEST) >= SMALLEST, seed
        attacker = Attacker(publication)
        assert attacker.computed() == [], seed
        assert publication.total == (size if size >= SMALLEST else None)
        shown += len(attacker.known)
    assert shown > 1000  # and there is something to read


def test_the_attacker_finds_what_a_total_gives_away():
    lines = (
        Line("plumbing", "Plomberie", (7, 9), 16),
        Line("lift", "Ascenseur", (None, 8), None),  # 2, and 10 with the other month
    )
    table = Table("trades", "Métiers", ("janv.", "févr."), lines, (9, 17), 26)
    publication = Publication(YEAR, table.columns, table.sums, 26, {"trades": table})

    assert attacked(publication) == {("trades", "lift", 0), ("trades", "lift", "total")}


def attacked(publication):
    return set(Attacker(publication).computed())


def test_a_small_number_takes_with_it_what_would_give_it_away():
    months = {("plumbing", 1): 7, ("plumbing", 2): 9, ("lift", 1): 2, ("lift", 2): 8}
    cells = {(trade, month): Cell(month, trade, number) for (trade, month), number in months.items()}
    cells |= {(trade, 0): Cell(trade, "year", number) for trade, number in (("plumbing", 16), ("lift", 10))}

    hidden = cells_to_hide(cells)

    assert ("lift", 1) in hidden
    assert len(hidden) == 4  # two months of two trades, or one month with both totals
    assert hidden == {("lift", 1), ("lift", 2), ("plumbing", 1), ("plumbing", 2)}


def test_nothing_is_hidden_where_nothing_is_small():
    assert cells_to_hide({"one": Cell("from", "to", 5), "two": Cell("from", "to", 12)}) == set()


def make_interventions(landlord, residences):
    """Forty that ended in the year, in all sorts of ways."""
    rng = Random(11)
    for rank in range(40):
        opened_at = datetime(YEAR, rank % 12 + 1, 3, rank % 24, tzinfo=PARIS)
        ended = InterventionFactory(
            residence=rng.choice(residences),
            problem_code=rng.choice(PROBLEMS[:6]).code,
            suggested_priority=rng.choice(PRIORITY_ORDER),
            opened_at=opened_at,
            suggested_on_site_by=opened_at + timedelta(hours=4),
            status=rng.choice(("closed", "closed", "closed", "cancelled")),
            closed_at=opened_at + timedelta(days=2),
        )
        if rank % 3:
            TransitionFactory(intervention=ended, to_status="on_site", at=opened_at + timedelta(hours=rank % 8))


@pytest.mark.django_db(transaction=True)
def test_the_purge_takes_nothing_from_what_is_published():
    landlord, residences = make_estate()
    make_interventions(landlord, residences)
    assert top_up() == 40
    before = compute(landlord, year=YEAR, today=TODAY)
    assert before.total == 40

    purge(now=datetime(YEAR + 3, 1, 1, tzinfo=PARIS), commit=True)

    assert not Intervention.objects.exists()
    assert compute(landlord, year=YEAR, today=TODAY) == before


def test_counting_what_was_counted_changes_nothing():
    landlord, residences = make_estate()
    make_interventions(landlord, residences)
    top_up(batch=7)
    once = compute(landlord, year=YEAR, today=TODAY)

    assert top_up() == 0
    assert compute(landlord, year=YEAR, today=TODAY) == once


def test_what_was_published_comes_back_the_same_from_its_report():
    landlord, residences = make_estate()
    draw(3, landlord=landlord, residences=residences)
    live = compute(landlord, year=YEAR, today=TODAY)
    assert live.total
    AnnualReport.objects.create(
        landlord=landlord, year=YEAR, frozen_at=datetime(2026, 2, 1, tzinfo=PARIS), figures=live.as_json()
    )
    MonthlyFigure.objects.all().delete()

    assert publish(landlord, year=YEAR, today=TODAY) == live
