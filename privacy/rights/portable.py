"""
What a person may take along (GDPR article 20): what they provided themselves, where the basis is consent or a contract.
As JSON of a published schema, the same as CSV, and their files. Values are those of the database, not words about them.
"""

import csv
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BooleanField,
    DateField,
    DateTimeField,
    Field,
    ForeignKey,
    IntegerField,
    JSONField,
)
from django.urls import reverse

from privacy.declarations import Data, Dataset
from privacy.outbox import absolute
from privacy.policy import CONSENT, CONTRACT, PURPOSES
from privacy.registry import Registry
from privacy.registry import registry as declared
from privacy.rights.archive import Archive, Draft
from privacy.rights.document import Contents, FileLine, Tick, put
from privacy.rights.gather import AT_ONCE, Enclosed, Whole, enclosed_as
from privacy.subjects import declared_person, is_for_machines, label_of, roles_in

VERSION = 1
DRAFT_2020_12 = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True)
class Portable:
    """The part of a dataset that goes along."""

    dataset: Dataset
    fields: tuple["Field[Any, Any]", ...]
    files: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.dataset.model._meta.label_lower

    @property
    def columns(self) -> list[str]:
        return [found.name for found in self.fields] + (["files"] if self.files else [])


def is_portable(data: Data) -> bool:
    return data.provided and not data.technical and PURPOSES[data.purpose].basis in (CONSENT, CONTRACT)


def portables(registry: Registry = declared) -> list[Portable]:
    people = (declared_person(), get_user_model())
    found = []
    for dataset in registry.datasets.values():
        names = [name for data in dataset.data if is_portable(data) for name in data.fields] if dataset.subjects else []
        fields = [each for each in map(dataset.model._meta.get_field, names) if isinstance(each, Field)]
        portable = Portable(
            dataset,
            tuple(each for each in fields if not is_for_machines(each) and each.related_model not in people),
            tuple(name for name in names if name in dataset.reads),
        )
        if portable.fields or portable.files:
            found.append(portable)
    return found


def portable_archive(whole: Whole, *, now: datetime, tick: Tick = lambda: None, contents: Contents) -> Iterator[bytes]:
    """The ZIP that answers a request for portability, piece by piece; `contents` is filled on the way."""
    archive, data = Archive(now=now), Draft()
    held = {dataset.name: count for dataset, count in whole.counts}
    with ExitStack() as closing:
        closing.callback(data.close)
        said = {"schema": schema_address(), "version": VERSION, "made_at": now.isoformat()}
        data.write(json.dumps(said)[:-1] + ', "datasets": {')
        written = 0
        for portable in portables(whole.registry):
            if portable.dataset.name not in held:
                continue
            table = Draft()
            closing.callback(table.close)
            lines = csv.DictWriter(Writer(table), portable.columns)
            lines.writeheader()
            data.write(f"{',' if written else ''}\n{json.dumps(portable.name)}: [")
            written += 1
            for row in whole.rows(portable.dataset, now=now).iterator(chunk_size=AT_ONCE):
                tick()
                mine, others = roles_in(row, portable.dataset, whole.person, also=whole.also)
                values = values_of(row, portable, mine=mine, shared=bool(others))
                named: list[FileLine] = []
                for each in files_of(row, portable, mine=mine, shared=bool(others)):
                    yield from put(archive, each, lines=named, contents=contents)
                if names := [line.name for line in named if not line.unreadable]:
                    values["files"] = names
                if values:
                    first = not contents.rows[portable.name]
                    data.write(f"{'' if first else ','}\n{json.dumps(values, ensure_ascii=False)}")
                    lines.writerow({name: as_cell(value) for name, value in values.items()})
                    contents.rows[portable.name] += 1
            data.write("]")
            yield from archive.add(f"csv/{portable.name}.csv", table.pieces())
        data.write("\n}}\n")
        yield from archive.add("donnees.json", data.pieces())
        yield from archive.add(
            "schema.json", [json.dumps(schema(whole.registry), indent=2, ensure_ascii=False).encode()]
        )
        yield from archive.end()


class Writer:
    """A draft as csv writes to it."""

    def __init__(self, draft: Draft) -> None:
        self.write = draft.write


def values_of(row: Any, portable: Portable, *, mine: list[str], shared: bool) -> dict[str, Any]:
    """What is not empty. Nothing of a row that one of us wrote, nor of what is not theirs alone in a shared one."""
    dataset = portable.dataset
    if dataset.by_us and getattr(row, dataset.by_us) is not None:
        return {}
    values = {}
    for found in portable.fields:
        if not shared or dataset.is_own(found.name, mine):
            value = getattr(row, found.name)
            if value not in (None, "", [], {}):
                values[found.name] = as_value(value, found)
    return values


def files_of(row: Any, portable: Portable, *, mine: list[str], shared: bool) -> Iterator[Enclosed]:
    for name in portable.files:
        if getattr(row, name) and (not shared or portable.dataset.is_own(name, mine)):
            yield enclosed_as(row, portable.dataset, name)


def as_value(value: Any, found: "Field[Any, Any]") -> Any:
    if isinstance(found, ForeignKey) or isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, (date, datetime)) else value


def as_cell(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict, bool)) else str(value)


# The schema -----------------------------------------------------------------------------------------------------------


def schema_address() -> str:
    return absolute(reverse("privacy:portability_schema"))


def schema(registry: Registry) -> dict[str, Any]:
    """Of `donnees.json`, as JSON Schema. Each CSV has the same columns; lists and objects are JSON in their cells."""
    return {
        "$schema": DRAFT_2020_12,
        "$id": schema_address(),
        "title": "Données fournies par la personne (RGPD, article 20)",
        "type": "object",
        "required": ["schema", "version", "made_at", "datasets"],
        "additionalProperties": False,
        "properties": {
            "schema": {"type": "string", "format": "uri"},
            "version": {"const": VERSION},
            "made_at": {"type": "string", "format": "date-time"},
            "datasets": {
                "type": "object",
                "additionalProperties": False,
                "properties": {portable.name: table_schema(portable) for portable in portables(registry)},
            },
        },
    }


def table_schema(portable: Portable) -> dict[str, Any]:
    properties = {found.name: field_schema(found, portable.dataset) for found in portable.fields}
    if portable.files:
        names = {"type": "array", "items": {"type": "string"}}
        properties["files"] = {"title": "Fichiers joints, par leur nom dans l’archive", **names}
    items = {"type": "object", "additionalProperties": False, "properties": properties}
    return {"title": portable.dataset.label, "type": "array", "items": items}


def field_schema(found: "Field[Any, Any]", dataset: Dataset) -> dict[str, Any]:
    return {"title": label_of(found, dataset), **type_of(found)}


def type_of(found: "Field[Any, Any]") -> dict[str, Any]:
    match found:
        case ArrayField():
            return {"type": "array", "items": type_of(found.base_field)}
        case JSONField():
            return {}
        case ForeignKey():
            return {"type": "string"}
        case BooleanField():
            return {"type": "boolean"}
        case DateTimeField():
            return {"type": "string", "format": "date-time"}
        case DateField():
            return {"type": "string", "format": "date"}
        case IntegerField():
            return {"type": "integer"}
    codes = [code for code, _ in found.flatchoices if code]
    return {"type": "string", "enum": codes} if codes else {"type": "string"}
