"""A landlord's file, read and saved by thousands of lines."""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.db import DataError, IntegrityError, transaction
from django.db.models import Model

from interventions.estate_import.lines import EstateLine, Refused, read_line
from interventions.estate_import.planning import Described, Outcome, Plan
from interventions.estate_import.reading import EstateFile, cells_of
from interventions.models import Landlord

CHUNK = 2_000


@dataclass
class Summary:
    lines: int = 0
    refused: int = 0
    unchanged: int = 0
    created: Counter[type[Model]] = field(default_factory=Counter)
    changed: Counter[type[Model]] = field(default_factory=Counter)

    def count(self, outcome: Outcome) -> None:
        self.lines += 1
        self.refused += bool(outcome.refusal)
        self.unchanged += not (outcome.refusal or outcome.created or outcome.changed)
        self.created.update(outcome.created.keys())
        self.changed.update(outcome.changed.keys())


def import_estate(
    landlord: Landlord, file: EstateFile, *, commit: bool, now: datetime, tell: Callable[[list[Outcome]], None]
) -> Summary:
    """
    Bring `landlord`'s residences, dwellings, tenancies and tenants to what `file` says; `planning` has the rules.

    A bad line is refused alone. With `commit` the lines are saved by chunks, so an interrupted import is finished by
    running it again; without it, all is done and rolled back. `tell` is given each chunk's outcomes.
    """
    summary = Summary()
    described = Described()
    with contextlib.nullcontext() if commit else transaction.atomic():
        for chunk in _chunks(file):
            outcomes = _import_chunk(landlord, chunk, file, described=described, now=now)
            for outcome in outcomes:
                summary.count(outcome)
            tell(outcomes)
        if not commit:
            transaction.set_rollback(True)
    return summary


def _import_chunk(
    landlord: Landlord, texts: list[tuple[int, str]], file: EstateFile, *, described: Described, now: datetime
) -> list[Outcome]:
    outcomes, lines = [], []
    for number, text in texts:
        try:
            lines.append(read_line(number, cells_of(text, file.layout)))
        except Refused as error:
            outcomes.append(Outcome(number, refusal=str(error)))
    outcomes += _save(landlord, lines, described=described, now=now)
    return sorted(outcomes, key=lambda outcome: outcome.number)


def _save(landlord: Landlord, lines: list[EstateLine], *, described: Described, now: datetime) -> list[Outcome]:
    """What the database refuses for a reason that `read_line` does not know is narrowed down to its line by halves."""
    if not lines:
        return []
    try:
        with transaction.atomic():
            # Two imports of one landlord take turns.
            Landlord.objects.select_for_update(no_key=True).get(pk=landlord.pk)
            plan = Plan(landlord, lines, described=described, now=now)
            outcomes = [plan.add(line) for line in lines]
            newly_described = plan.save()
    except (DataError, IntegrityError):
        if len(lines) == 1:
            return [Outcome(lines[0].number, refusal="la base de données ne peut pas l’enregistrer")]
        half = len(lines) // 2
        return [
            *_save(landlord, lines[:half], described=described, now=now),
            *_save(landlord, lines[half:], described=described, now=now),
        ]
    described.add(newly_described)
    return outcomes


def _chunks(lines: Iterable[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    iterator = iter(lines)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
