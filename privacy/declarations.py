"""
How an app says, once, what personal data it holds: in its `personal_data.py`, which the registry discovers.

Every duty reads these declarations: the purge, the reports, the checks, later access, erasure and the register.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django import forms
from django.db.models import Field, ForeignKey, Model, Q, TextField
from django.utils.translation import gettext_noop as _

from privacy.encrypted_files import ClearFile
from privacy.policy import ROWS_BY_KEY, Period, Row


class Category(StrEnum):
    """Categories of data, as section 3 of the policy names them."""

    IDENTITY = _("Identification")
    CONTACT = _("Coordonnées")
    CONNECTION = _("Connexion")
    NAVIGATION = _("Navigation")
    INTERVENTION = _("Intervention")
    HISTORY = _("Historique")
    RECORDING = _("Enregistrement")
    ACCOUNTING = _("Facturation")
    PROOF = _("Preuve")


@dataclass(frozen=True)
class Data:
    """Some fields of one category, held for one purpose (a key of `policy.PURPOSES`)."""

    category: Category
    purpose: str
    fields: tuple[str, ...]
    provided: bool  # by the person, and so portable (article 20), or derived by us
    technical: bool  # a secret, a hash or a number for machines: named to the person, never shown

    def __init__(
        self, category: Category, purpose: str, fields: str, *, provided: bool = False, technical: bool = False
    ) -> None:
        object.__setattr__(self, "category", category)
        object.__setattr__(self, "purpose", purpose)
        object.__setattr__(self, "fields", tuple(fields.split()))
        object.__setattr__(self, "provided", provided)
        object.__setattr__(self, "technical", technical)


@dataclass(frozen=True)
class Expiry:
    """
    When rows go: one row of the policy, the field its clock is in, and which rows that is about.

    `clock` may lead through relations. Where it may be null, `fallback` is the clock of those rows, with the period
    `fallback_period` (the row's own if left out). `period` replaces the row's for rows that must go sooner. `shorter`
    leads to a number of months in a contract, which only ever shortens. A date in the clock counts from the end of
    that day.
    """

    row: str
    clock: str
    fallback: str = ""
    fallback_period: Period | None = None
    period: Period | None = None
    where: Q = field(default_factory=Q)
    shorter: str = ""
    also: tuple[str, ...] = ()  # further rows of the policy that the same deletion carries out
    while_null: str = ""  # why a row whose clock is null is not over yet
    catches_up: bool = False  # on rows that another rule of the model counts
    key: str = ""  # names the rule where a model has several

    @property
    def policy_row(self) -> Row:
        return ROWS_BY_KEY[self.row]


WHOLE_ROW = "*"


@dataclass(frozen=True)
class Stays:
    """
    Rows that outlive the erasure of their person, who is cut from them while `emptied` is overwritten.

    `ground` is the one of article 17(3) on which the rest is kept, a key of `rights.grounds`. Without one, what is
    left tells of nobody.
    """

    ground: str = ""
    emptied: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Dataset:
    """
    The personal data of one model.

    `subjects`: role → path to the person. `follows`: foreign keys whose target takes the row along when it goes, and
    lends it hold and restriction; `detaches`: those that are cut instead, because the row lives on by itself.
    `files`: fields whose file must go too. `kept_while_referenced`: rows that go only when nothing points at them.
    `words`: what a reader calls the fields whose model gives them no name in French.
    `own`: where two people may be in one row, role → the fields that are about that one alone (or WHOLE_ROW): an
    erasure empties these and leaves the other's. `on_erasure`: for rows that no erasure deletes.
    `reads`: how the clear bytes of a file are read, for who has a right to them, and `reads_with` the relations that
    this needs. `free_text`: the short fields, beside all long ones, where anybody may be named. `by_us`: the field
    that, where filled, says that one of us wrote the row. `people`: whom the rows are about, where no path
    leads to a person.
    `correctable`: the fields that a person may propose another value for (article 16), here or in a copy of them that
    follows; `typed_as`: the form field that reads one, where the model's own would take what nobody can use.
    `opinions`: our own words on somebody, which stay as they are, with that person's statement beside them.
    """

    model: type[Model]
    label: str
    data: tuple[Data, ...]
    not_personal: tuple[str, ...]
    subjects: Mapping[str, str] = field(default_factory=dict)
    expires: tuple[Expiry, ...] = ()
    follows: tuple[str, ...] = ()
    detaches: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    kept_while_referenced: bool = False
    words: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)
    on_erasure: Stays | None = None
    reads: Mapping[str, Callable[[Any], ClearFile]] = field(default_factory=dict)
    reads_with: tuple[str, ...] = ()
    free_text: tuple[str, ...] = ()
    by_us: str = ""
    people: str = ""
    correctable: tuple[str, ...] = ()
    typed_as: Mapping[str, Callable[..., forms.Field]] = field(default_factory=dict)
    opinions: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.model._meta.label

    @property
    def personal_fields(self) -> tuple[str, ...]:
        return tuple(name for data in self.data for name in data.fields)

    def is_own(self, name: str, roles: Collection[str]) -> bool:
        """Whether the field is about whoever has these roles alone, however many people are in the row."""
        owned = [self.own[role].split() for role in roles if role in self.own]
        return any(WHOLE_ROW in fields or name in fields for fields in owned)

    def is_free_text(self, name: str) -> bool:
        found = self.model._meta.get_field(name)
        return name in self.free_text or (isinstance(found, TextField) and not found.choices)

    def rule_key(self, expiry: Expiry) -> str:
        return expiry.key or f"{expiry.row}:{self.model._meta.label_lower}"

    def parents(self) -> list["ForeignKey[Model, Model]"]:
        return [foreign_key(self.model, name) for name in self.follows]


@dataclass(frozen=True)
class NotPersonal:
    """A model that holds nothing about a person, and why."""

    model: type[Model]
    why: str


def foreign_key(model: type[Model], name: str) -> "ForeignKey[Model, Model]":
    found = model._meta.get_field(name)
    assert isinstance(found, ForeignKey), f"{model._meta.label}.{name} is not a foreign key"
    return found


def concrete_fields(model: type[Model]) -> list["Field"]:
    """Its columns. A many-to-many is a model of its own, declared by itself."""
    fields = [found for found in model._meta.get_fields() if isinstance(found, Field) and found.concrete]
    return [found for found in fields if not found.many_to_many]
