"""
Everything of every declared dataset and file about one person, over that person's several records.

Other people are masked by their role, staff is "Agent", companies are named. A text in which anybody may be named is
shown as far as whoever read it again lets it: that is `Show`.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache, cached_property, lru_cache
from threading import get_ident
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import ForeignKey, Model, QuerySet

from privacy.declarations import Dataset
from privacy.encrypted_files import ClearFile
from privacy.models import MatchedRecord, RequestCopy, RightsRequest
from privacy.registry import Registry
from privacy.registry import registry as declared
from privacy.retention.due import paris_day
from privacy.rights.copies import without_doubles
from privacy.statements import Written
from privacy.subjects import (
    Holding,
    Piece,
    Standing,
    holdings,
    joined,
    pieces_of,
    rows_about,
    standing_of,
    told,
)

AT_ONCE = 500  # rows
MASKED = "[…]"
ENDINGS = {
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "image/jpeg": "jpg",
    "application/pdf": "pdf",
}


@dataclass(frozen=True)
class FreeText:
    """`shared`: other people are in the row, and the field is not declared to be this person’s alone."""

    dataset: Dataset
    object_id: int
    field: str
    text: str
    shared: bool


Show = Callable[[FreeText], str | None]  # what of the text is told; None: nothing


def unless_shared(found: FreeText) -> str | None:
    """Where nobody reads texts again: those of rows with other people in them stay out."""
    return None if found.shared else found.text


@dataclass(frozen=True)
class Enclosed:
    """A file to go along, under this name."""

    name: str
    clear: ClearFile


@dataclass(frozen=True)
class Gathered:
    """One row about the person, in words, with its files."""

    pk: Any
    row: Any
    piece: Piece
    files: list[Enclosed]


class Whole:
    """A person, with the other records of theirs: merged into it, or recognised by the DPO."""

    def __init__(self, person: Model, *, request: RightsRequest | None = None, registry: Registry = declared) -> None:
        self.person, self.registry = person, registry
        self.scope = handed_over(request)
        self.also = frozenset(other_records(person, request))

    @classmethod
    def of(cls, request: RightsRequest) -> "Whole":
        assert request.person is not None, "an erased person has no data"
        return cls(request.person, request=request)

    @cached_property
    def account(self) -> int | None:
        """The number of the person’s own login."""
        logins = self.registry.datasets.get(get_user_model())
        return rows_about(logins, self.person, also=self.also).values_list("pk", flat=True).first() if logins else None

    def owns(self, account: Any) -> bool:
        return bool(account.is_authenticated and account.pk == self.account)

    def takes_in(self, dataset: Dataset) -> bool:
        return self.scope is None or dataset.name in self.scope

    def holdings(self, *, now: datetime) -> list[Holding]:
        held = holdings(self.person, also=self.also, now=now, registry=self.registry)
        return [holding for holding in held if self.takes_in(holding.dataset)]

    @cached_property
    def counts(self) -> list[tuple[Dataset, int]]:
        """How many rows there are, in one statement, of the datasets that have any; what is due may be among them."""
        datasets, sql = counting(self.registry)
        with connection.cursor() as cursor:
            cursor.execute(sql, [self._people] * sql.count("%s"))
            held = [(datasets[number], count) for number, count in cursor.fetchall()]
        return [(dataset, count) for dataset, count in held if self.takes_in(dataset)]

    def fetched(self, dataset: Dataset, *, now: datetime) -> list[Any]:
        """As `rows`, at once and faster."""
        where = (dataset, self.registry, self._standing, paris_day(now), get_ident())
        return written_rows(*where).fetch(self._people)

    def rows(self, dataset: Dataset, *, now: datetime) -> QuerySet[Any]:
        people = [self.person.pk, *self.also]
        return rows_told(dataset, people, standing=self._standing, registry=self.registry, today=paris_day(now))

    @property
    def _people(self) -> str:
        """As PostgreSQL writes an array."""
        return f"{{{','.join(map(str, [self.person.pk, *sorted(self.also)]))}}}"

    @cached_property
    def _standing(self) -> Standing:
        return standing_of(self.person, also=self.also)


def handed_over(request: RightsRequest | None) -> frozenset[str] | None:
    """After a death only what was chosen (Loi Informatique et Libertés, article 85); in one's lifetime everything."""
    if request is None or request.right != RightsRequest.Right.POST_MORTEM:
        return None
    return frozenset(request.scope)


def rows_told(
    dataset: Dataset, people: Collection[int], *, standing: Standing, registry: Registry, today: date
) -> QuerySet[Any]:
    """The dataset’s rows about any of these records, without the copies of what is still there itself."""
    found: QuerySet[Any] = pieces_of(dataset, people, standing=standing, today=today, registry=registry)
    if dataset.reads_with:
        found = found.select_related(*joined(dataset), *dataset.reads_with)
    if dataset.model is RequestCopy:
        return without_doubles(found, models=[each.model for each in registry.datasets.values() if each.reads])
    return found


NOBODY = -(2**62)  # no record’s number


@lru_cache(maxsize=512)
def written_rows(dataset: Dataset, registry: Registry, standing: Standing, today: date, thread: int) -> Written:
    rows = rows_told(dataset, [NOBODY], standing=standing, registry=registry, today=today)
    return Written(rows, stand_in=f"{{{NOBODY}}}")


def other_records(person: Model, request: RightsRequest | None) -> set[int]:
    """The numbers of records merged into the person’s or into one of theirs, and of those that the DPO matched."""
    known, newest = {person.pk}, {person.pk}
    if request is not None:
        newest |= set(MatchedRecord.objects.filter(request=request).values_list("person", flat=True))
    merges = [
        field.name
        for field in type(person)._meta.get_fields()
        if isinstance(field, ForeignKey) and field.related_model is type(person)
    ]
    while newest:
        known |= newest
        newest = {
            pk
            for name in merges
            for pk in type(person)._base_manager.filter(**{f"{name}__in": newest}).values_list("pk", flat=True)
        } - known
    return known - {person.pk}


@cache
def counting(registry: Registry) -> tuple[list[Dataset], str]:
    """The statement of `Whole.counts`, written once: all its parameters are the numbers of the person’s records."""
    datasets = [dataset for dataset in registry.datasets.values() if dataset.subjects]
    counts = []
    for number, dataset in enumerate(datasets):
        by_role = [
            dataset.model._base_manager.filter(**{f"{'pk' if path == 'self' else path}__any": [0]})
            .order_by()
            .values("pk")
            for path in dataset.subjects.values()
        ]
        theirs = " UNION ".join(rows.query.sql_with_params()[0] for rows in by_role)
        counts.append(f"SELECT {number}, count(*) FROM ({theirs}) AS theirs HAVING count(*) > 0")
    return datasets, " UNION ALL ".join(counts)


def gathered(whole: Whole, dataset: Dataset, *, count: int, show: Show, now: datetime) -> Iterator[Gathered]:
    """The dataset’s rows about the person, the latest first; many of them one batch after the other."""
    many = count > AT_ONCE
    rows = whole.rows(dataset, now=now).iterator(AT_ONCE) if many else whole.fetched(dataset, now=now)
    for row in rows:
        piece = told(row, dataset, whole.person, account=whole.account, also=whole.also, checked=True)
        if shown := {text.field: show(text) for text in free_texts(row, dataset, piece)}:
            facts = [
                replace(fact, value=shown[fact.name], masked=shown[fact.name] is None) if fact.name in shown else fact
                for fact in piece.facts
            ]
            piece = replace(piece, facts=facts)
        yield Gathered(row.pk, row, piece, list(enclosed(row, dataset, piece)))


def free_texts(row: Any, dataset: Dataset, piece: Piece) -> Iterator[FreeText]:
    for fact in piece.facts:
        if fact.name in named_free_texts(dataset):
            shared = bool(piece.others) and not dataset.is_own(fact.name, piece.roles)
            yield FreeText(dataset, row.pk, fact.name, str(getattr(row, fact.name)), shared)


@cache
def named_free_texts(dataset: Dataset) -> frozenset[str]:
    return frozenset(filter(dataset.is_free_text, dataset.personal_fields))


def enclosed(row: Any, dataset: Dataset, piece: Piece) -> Iterator[Enclosed]:
    """The row’s files, but those in which it is somebody else who is heard or seen."""
    for name in dataset.reads:
        if getattr(row, name) and (not piece.others or dataset.is_own(name, piece.roles)):
            yield enclosed_as(row, dataset, name)


def enclosed_as(row: Any, dataset: Dataset, name: str) -> Enclosed:
    clear = dataset.reads[name](row)
    ending = ENDINGS.get(clear.content_type, "bin")
    return Enclosed(f"fichiers/{dataset.model._meta.model_name}-{row.pk}.{ending}", clear)


def with_free_text(registry: Registry) -> list[Dataset]:
    return [
        dataset
        for dataset in registry.datasets.values()
        if dataset.subjects
        and any(dataset.is_free_text(name) for data in dataset.data if not data.technical for name in data.fields)
    ]
