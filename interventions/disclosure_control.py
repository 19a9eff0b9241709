"""
Which cells of a table may be published so that nobody is recognised in it.

A cell under 5 is hidden, zero among them, and with it the cells that would give it away by subtraction. A table with
its totals is a flow: what a column gives goes into rows, and from there into their totals. A hidden cell cannot be
computed when the flow could also go round a circle of hidden cells through it: one more here, one less there, and all
that is published stays what it is (D. Gusfield, A graph theoretic approach to statistical data security, 1988).
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count

SMALLEST = 5


@dataclass(frozen=True)
class Cell:
    """A number between two relations: it adds to the one it goes to as it takes from the one it comes from."""

    source: Hashable
    target: Hashable
    number: int


Key = Hashable
Circle = tuple[int, list[Key]]  # what it hides beyond what is hidden, and its cells


def cells_to_hide(cells: Mapping[Key, Cell]) -> set[Key]:
    """
    Those under 5, and the fewest counts beside them that keep each of them unknown.

    The sum of what leaves a relation is the sum of what reaches it; only two may be known from elsewhere: where all
    begins and where all ends.
    """
    hidden = {key for key, cell in cells.items() if cell.number < SMALLEST}
    steps = steps_of(cells)
    safe: set[Key] = set()
    for key in [key for key in cells if key in hidden]:
        if key not in safe:
            circle = cheapest_circle(key, cells, steps, hidden)
            hidden.update(circle)
            safe.update(circle)
    return hidden


Steps = Mapping[Hashable, Sequence[tuple[Key, Hashable]]]


def steps_of(cells: Mapping[Key, Cell]) -> Steps:
    """From each relation to the next: forth where a cell may grow, back where it may shrink. None falls below zero."""
    steps: dict[Hashable, list[tuple[Key, Hashable]]] = {}
    for key, cell in cells.items():
        steps.setdefault(cell.source, []).append((key, cell.target))
        steps.setdefault(cell.target, [])
        if cell.number > 0:
            steps[cell.target].append((key, cell.source))
    return steps


def cheapest_circle(key: Key, cells: Mapping[Key, Cell], steps: Steps, hidden: set[Key]) -> list[Key]:
    """The circle through this cell that hides the smallest counts beyond what is hidden."""
    cell = cells[key]
    ends = [(cell.target, cell.source)] + ([(cell.source, cell.target)] if cell.number else [])
    found = [way for start, end in ends for way in ways(start, end, key, cells, steps, hidden)]
    assert found, "a table whose every total is known has a circle through each of its cells"
    return [key, *min(found, key=lambda way: way[0])[1]]


def ways(
    start: Hashable, end: Hashable, without: Key, cells: Mapping[Key, Cell], steps: Steps, hidden: set[Key]
) -> Iterator[Circle]:
    """The cheapest way between two relations, or none (E. Dijkstra). Of two that cost the same, the shorter."""
    order = count()
    waiting: list[tuple[int, int, int, Hashable, tuple]] = [(0, 0, next(order), start, ())]
    seen = set()
    while waiting:
        cost, length, _, node, path = heappop(waiting)
        if node == end:
            keys: list[Key] = []
            while path:
                key, path = path
                keys.append(key)
            yield cost, keys
            return
        if node in seen:
            continue
        seen.add(node)
        for key, next_node in steps.get(node, ()):
            if key != without and next_node not in seen:
                more = 0 if key in hidden else cells[key].number
                heappush(waiting, (cost + more, length + 1, next(order), next_node, (key, path)))
