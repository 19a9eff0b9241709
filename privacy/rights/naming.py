"""Where a person is named in texts: what the DPO reads again before an erasure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, Field, Model, Q

from privacy.declarations import Category, Dataset
from privacy.registry import Registry
from privacy.subjects import label_of

MOST = 200  # rows of a dataset that name a person; a name that common is looked for by hand


@dataclass(frozen=True)
class Text:
    """A row with words, or a file, that stays. `shared`: the person was in it; otherwise it only seems to name them."""

    dataset: Dataset
    pk: int
    words: dict[str, str]
    shared: bool


@dataclass
class Known:
    """What a person goes by: their names, each record's together, and their numbers and addresses."""

    names: set[tuple[str, ...]] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)


def known_by(subject: Dataset, people: Iterable[int], *, registry: Registry) -> Known:
    """From what people provide of themselves in their own row and in those that are about them alone."""
    people = list(people)
    found = Known()
    for row in subject.model._base_manager.filter(pk__in=people):
        said = [str(getattr(row, name)).strip() for name in short_fields(subject, Category.IDENTITY)]
        if words := tuple(word for word in said if len(word) > 1):
            found.names.add(words)
    for dataset in registry.datasets.values():
        fields = [*short_fields(dataset, Category.CONTACT), *short_fields(dataset, Category.CONNECTION)]
        if len(dataset.subjects) == 1 and fields:
            (path,) = dataset.subjects.values()
            rows = dataset.model._base_manager.filter(**{f"{'pk' if path == 'self' else path}__in": people})
            for name in fields:
                found.addresses.update(rows.exclude(**{name: ""}).values_list(name, flat=True))
    return found


def short_fields(dataset: Dataset, category: Category) -> list[str]:
    """What people say of themselves in a word: a name, a number, an address."""
    names = [name for data in dataset.data if data.category is category and data.provided for name in data.fields]
    fields = [dataset.model._meta.get_field(name) for name in names]
    return [found.name for found in fields if isinstance(found, CharField) and not found.choices]


def to_review(shared: Iterable[tuple[Dataset, set[Any]]], known: Known, *, registry: Registry) -> list[Text]:
    """The rows that stay with words in them: those that the person is in, then those that name them."""
    found = []
    for dataset, pks in shared:
        if any_words(dataset):
            rows = dataset.model._base_manager.filter(pk__any=sorted(pks)).order_by("pk")
            found += [text for row in rows if (text := text_of(row, dataset, shared=True)).words]
    about = {(dataset.name, pk) for dataset, pks in shared for pk in pks}
    for dataset in registry.datasets.values():
        naming = dataset.model._base_manager.filter(names(dataset, known)).order_by("pk")[:MOST]
        found += [text_of(row, dataset, shared=False) for row in naming if (dataset.name, row.pk) not in about]
    return found


def any_words(dataset: Dataset) -> bool:
    return bool(dataset.files or free_texts(dataset))


def free_texts(dataset: Dataset) -> list[str]:
    return [name for name in dataset.personal_fields if dataset.is_free_text(name)]


def text_of(row: Model, dataset: Dataset, *, shared: bool) -> Text:
    words = {}
    for name in [*free_texts(dataset), *dataset.files]:
        found = dataset.model._meta.get_field(name)
        assert isinstance(found, Field)
        if value := getattr(row, name):
            words[label_of(found, dataset)] = "" if name in dataset.files else str(value)
    return Text(dataset, row.pk, words, shared)


def names(dataset: Dataset, known: Known) -> Q:
    """That one of its texts holds all of somebody's names, or one of their addresses or numbers."""
    found = Q(pk__in=[])
    for name in free_texts(dataset):
        for words in known.names:
            said = Q()
            for word in words:
                said &= Q(**{f"{name}__iregex": rf"\m{re.escape(word)}\M"})
            found |= said
        for address in known.addresses:
            found |= Q(**{f"{name}__iregex": spelled(address)})
    return found


def spelled(address: str) -> str:
    """A number however its digits are grouped, with or without its country; an address as it is."""
    if not address.startswith("+"):
        return re.escape(address)
    return "[ .-]*".join(address[-9:])
