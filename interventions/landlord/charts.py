"""Drawings of published tables. What is not published is not drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

from interventions.publication import Table

WIDTH, HEIGHT = 10, 100  # of a bar's place
LEVELS = 5


@dataclass(frozen=True)
class Bar:
    label: str
    number: int | None
    x: int
    y: int
    height: int


@dataclass(frozen=True)
class Bars:
    bars: list[Bar]
    width: int
    most: int


def bars(labels: Sequence[str], numbers: Sequence[int | None], *, most: int = 0) -> Bars:
    """Standing, as high as the largest allows, or as `most` does."""
    top = most or max((number for number in numbers if number is not None), default=0) or 1
    drawn = []
    for index, (label, number) in enumerate(zip(labels, numbers, strict=True)):
        height = -(-HEIGHT * (number or 0) // top)  # rounded up: what is published has a bar
        drawn.append(Bar(label, number, WIDTH * index, HEIGHT - height, height))
    return Bars(drawn, WIDTH * len(drawn), top)


def heat(table: Table) -> list[tuple[str, list[tuple[int | None, int]]]]:
    """Each line with its numbers, and how warm each is: 1 to 5, 0 where it is not published."""
    most = max((number for line in table.lines for number in line.cells if number is not None), default=1)
    return [
        (line.label, [(number, 0 if number is None else -(-LEVELS * number // most)) for number in line.cells])
        for line in table.lines
    ]
