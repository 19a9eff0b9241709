"""Medians of three interleaved rounds, and the table of what came out."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any, TypeVar

from django.db import connection

ROUNDS = 3
Asked = TypeVar("Asked")


@dataclass(frozen=True)
class Figure:
    """One line of the table. Without a bound it is told and not judged."""

    what: str
    ours: float
    reference: float | None = None
    unit: str = "ms"
    at_most: float | None = None
    at_least: float | None = None

    @property
    def judged(self) -> float:
        """The ratio, or the figure itself where it stands alone."""
        return self.ours / self.reference if self.reference else self.ours

    @property
    def holds(self) -> bool:
        return not (
            (self.at_most is not None and self.judged > self.at_most)
            or (self.at_least is not None and self.judged < self.at_least)
        )

    @property
    def cells(self) -> tuple[str, ...]:
        bound = next((f"{sign} {value:g}" for sign, value in (("≤", self.at_most), ("≥", self.at_least)) if value), "")
        return (
            self.what,
            f"{self.ours:.2f} {self.unit}",
            f"{self.reference:.2f} {self.unit}" if self.reference else "",
            f"{self.judged:.2f}" if self.reference else "",
            bound,
            ("tenu" if self.holds else "MANQUÉ") if bound else "",
        )


HEADINGS = ("quoi", "nous", "référence", "rapport", "borne", "verdict")


def print_table(figures: Iterable[Figure]) -> None:
    rows = [HEADINGS, *(figure.cells for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    for row in rows:
        cells = zip(row, widths, strict=True)
        print("  ".join(f"{cell:<{width}}" if not at else f"{cell:>{width}}" for at, (cell, width) in enumerate(cells)))


def beside(
    questions: list[Asked], ours: Callable[[Asked], Any], reference: Callable[[Asked], Any]
) -> tuple[float, float]:
    """The milliseconds of a call of each, asked in turn."""
    rounds = []
    for _ in range(ROUNDS):
        times = [(_milliseconds(ours, question), _milliseconds(reference, question)) for question in questions]
        rounds.append([median(column) for column in zip(*times, strict=True)])
    return median(ours for ours, _ in rounds), median(reference for _, reference in rounds)


def sql_p95(questions: list[Asked], ours: Callable[[Asked], Any]) -> float:
    """The milliseconds that a call spends in the database, in 95 calls of 100."""
    rounds = []
    for _ in range(ROUNDS):
        times = []
        for question in questions:
            with sql_time() as statements:
                ours(question)
            times.append(sum(statements))
        rounds.append(quantiles(times, n=20)[-1])
    return median(rounds)


@contextmanager
def sql_time() -> Iterator[list[float]]:
    statements: list[float] = []

    def timed(execute: Callable[..., Any], *arguments: Any) -> Any:
        started_at = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            statements.append((time.perf_counter() - started_at) * 1000)

    with connection.execute_wrapper(timed):
        yield statements


def _milliseconds(call: Callable[[Asked], Any], question: Asked) -> float:
    started_at = time.perf_counter()
    call(question)
    return (time.perf_counter() - started_at) * 1000
