"""Rows go with all that hangs from them, in the database, and their files are queued in the same transaction."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Model, Q, QuerySet

from privacy.declarations import Dataset
from privacy.registry import Registry
from privacy.retention import files


@dataclass(frozen=True)
class Taken:
    counts: Counter[str]  # rows by model, all that went along included
    files: int


def delete(dataset: Dataset, ids: list[int], *, registry: Registry, now: datetime) -> Taken:
    """To be called in a transaction."""
    rows = dataset.model._base_manager
    for link in registry.links_within(dataset):
        newest = ids
        while newest:
            newest = list(rows.filter(**{f"{link}__any": newest}).exclude(pk__any=ids).values_list("pk", flat=True))
            ids = [*ids, *newest]
    # Children first, the deepest before the others: the database would take them along, one row after the other.
    doomed = [
        (branch.dataset, branch.dataset.model._base_manager.filter(**{f"{branch.path}__any": ids}))
        for branch in reversed([*registry.branches(dataset)])
    ]
    counts: Counter[str] = Counter()
    queued = 0
    with append_only_lets_go():
        for owner, going in [*doomed, (dataset, rows.filter(pk__any=ids))]:
            queued += files.queue(paths(going, owner.files), now=now)
            counts[owner.name] += going._raw_delete(using=connection.alias)
    return Taken(+counts, queued)


@contextmanager
def append_only_lets_go() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL privacy.purging = 'on'")
    yield  # an error takes the setting back with the transaction
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL privacy.purging = 'off'")


def paths(rows: "QuerySet[Model]", fields: Iterable[str]) -> list[files.Stored]:
    found = []
    for name in fields:
        storage = files.storage_name(rows.model, name)
        held = rows.exclude(Q(**{name: ""})).values_list(name, flat=True)
        found += [files.Stored(storage, path) for path in held if path]
    return found
