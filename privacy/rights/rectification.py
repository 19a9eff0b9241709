"""
Rectification (GDPR article 16). What may be corrected is declared (`Dataset.correctable`). Each proposed value is
answered by itself: approved, or refused because ours is exact or an opinion, which then has the person's statement
beside it. What is approved is corrected in one go, in its copies too. The journal tells who and when, with keyed hashes
of both values; the values are in the request alone, and go with it.
"""

import hmac
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import groupby
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.db.models import DateField, Field, ForeignKey, Model, Q, QuerySet

from privacy import journal
from privacy.declarations import Dataset
from privacy.models import RectificationItem, RightsRequest
from privacy.registry import Registry
from privacy.registry import registry as declared
from privacy.rights import grounds, workflow
from privacy.rights.erasure import people_of
from privacy.rights.objection import people
from privacy.rights.workflow import RequestError
from privacy.subjects import (
    datasets_about,
    label_of,
    may_tell_of_others,
    roles,
    roles_in,
    rows_of,
)

Answer = RectificationItem.Answer
Outcome = RightsRequest.Outcome
Right = RightsRequest.Right

OPINION = "opinion"
AS_ONE_READS = "%d/%m/%Y"


class Refused(RequestError):
    """The value cannot be written: the message says which one and why, in French. Nothing was changed."""


class Stale(RequestError):
    def __init__(self, what: str) -> None:
        super().__init__(
            f"«\N{NO-BREAK SPACE}{what}\N{NO-BREAK SPACE}» a changé depuis que vous l’avez lu. Rien n’a été rectifié"
            "\N{NO-BREAK SPACE}: comparez de nouveau, puis acceptez ou refusez."
        )


Effect = Callable[..., Iterable[Model]]
effects: dict[str, list[Effect]] = {}


def on_rectification(field: str, effect: Effect) -> None:
    """
    ``effect(people, before=…, after=…)`` corrects the copies that an app holds of `field` (``app.Model.field``), where
    they say `before`, and returns their rows. `people` are the numbers of the person's records.
    """
    effects.setdefault(field, []).append(effect)


# What may be proposed -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Value:
    """One field of one row, as it is today."""

    dataset: Dataset
    row: Model
    name: str

    @property
    def key(self) -> str:
        """For a form: ``accounts.Phone-12-number``."""
        return f"{self.dataset.name}-{self.row.pk}-{self.name}"

    @property
    def field(self) -> "Field[Any, Any]":
        found = self.dataset.model._meta.get_field(self.name)
        assert isinstance(found, Field)
        return found

    @property
    def is_opinion(self) -> bool:
        return self.name in self.dataset.opinions

    @property
    def label(self) -> str:
        return label_of(self.field, self.dataset)

    @property
    def text(self) -> str:
        return text_of(self.field, getattr(self.row, self.field.attname))

    @property
    def words(self) -> str:
        return in_words(self.field, self.text)

    def form_field(self) -> forms.Field:
        """What reads another value for it, and says in French what is wrong with one."""
        said = {"label": self.label, "required": not self.field.blank, "initial": getattr(self.row, self.name)}
        typed_as = self.dataset.typed_as.get(self.name)
        found = typed_as(**said) if typed_as else self.field.formfield(**said)
        assert found is not None, f"{self.dataset.name}.{self.name} cannot be typed"
        return found


def proposable(
    person: Model,
    *,
    request: RightsRequest | None = None,
    only: Collection[str] = (),
    opinions: bool = False,
    registry: Registry = declared,
) -> list[Value]:
    """
    What the person may ask to have corrected, over all their records; `only` of these models, and for the DPO with our
    `opinions`, which a statement may go beside. Left out is what may tell of somebody else in the same row.
    """
    numbers = people_of(person, request, registry=registry)
    about = datasets_about(person, also=numbers, registry=registry)
    found: list[Value] = []
    for dataset in sorted(about, key=lambda dataset: dataset.model._meta.app_label):  # the person first
        names = dataset.correctable + (dataset.opinions if opinions else ())
        if names and (not only or dataset.name in only):
            found += values_in(dataset, names, person, numbers)
    return found


def values_in(dataset: Dataset, names: Collection[str], person: Model, numbers: Collection[int]) -> Iterator[Value]:
    for row in rows_of(dataset, numbers).annotate(**roles(dataset)).order_by("pk"):
        mine, others = roles_in(row, dataset, person, also=numbers)
        for name in names:
            value = Value(dataset, row, name)
            if value.is_opinion and not value.text:
                continue
            if not others or dataset.is_own(name, mine) or not may_tell_of_others(value.field):
                yield value


@transaction.atomic
def propose(
    request: RightsRequest, changes: Mapping[str, Any], *, by: AbstractBaseUser | None, now: datetime
) -> list[RectificationItem]:
    """
    Keep the values that are proposed, by `Value.key`; what is as it is today is no proposal. Proposed again before
    anybody answered, the later value counts. `by` is None for the person.

    Raises Refused for a value that cannot be, RequestError for one that is not theirs or when all is done.
    """
    current = open_request(request)
    if current.person is None:
        raise RequestError("Retrouvez d’abord la personne.")
    values = proposable(current.person, request=current, opinions=by is not None) if changes else []
    known = {value.key: value for value in values}
    found = []
    for key, proposed in changes.items():
        if key not in known:
            raise RequestError("Cette donnée n’est pas parmi celles qui se rectifient.")
        value = known[key]
        text = cleaned(value, proposed)
        if text != value.text:
            found.append(keep(current, value, text, now=now))
    if by is not None and found:
        journal.record(current, action="propose", by=by, now=now, items=[item.pk for item in found])
    return found


def cleaned(value: Value, proposed: Any) -> str:
    try:
        return text_of(value.field, value.form_field().clean(proposed))
    except ValidationError as error:
        raise Refused(f"{value.label}\N{NO-BREAK SPACE}: {' '.join(error.messages)}") from error


def keep(request: RightsRequest, value: Value, text: str, *, now: datetime) -> RectificationItem:
    where = {"model": value.dataset.name, "object_id": value.row.pk, "field": value.name}
    item = request.items.filter(**where).first() or RectificationItem(request=request, **where)
    if item.answer:
        raise RequestError(f"«\N{NO-BREAK SPACE}{value.label}\N{NO-BREAK SPACE}» a déjà sa réponse.")
    item.proposed, item.before_hash, item.proposed_at = text, digest(value.text), now
    item.save()
    return item


# The plan -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A proposal beside what is kept today. Without `value`, its row is gone, or is somebody else's now."""

    item: RectificationItem
    value: Value | None

    @cached_property
    def dataset(self) -> Dataset:
        return dataset_named(self.item.model)

    @property
    def label(self) -> str:
        return label_of(field_named(self.dataset, self.item.field), self.dataset)

    @property
    def before(self) -> str:
        return self.value.words if self.value else ""

    @property
    def proposed(self) -> str:
        return in_words(field_named(self.dataset, self.item.field), self.item.proposed)

    @property
    def seen(self) -> str:
        """To hand back with the answer: which value was looked at."""
        return digest(self.value.text) if self.value else ""

    @property
    def has_changed(self) -> bool:
        """Since it was proposed, or approved; by us it is no surprise."""
        return self.item.executed_at is None and self.seen != self.item.before_hash


@dataclass(frozen=True)
class Plan:
    lines: list[Line]

    @property
    def waiting(self) -> int:
        """How many have no answer yet."""
        return sum(not line.item.answer for line in self.lines)

    @property
    def outcome(self) -> str:
        """What the answers add up to, once all are given."""
        answers = {line.item.answer for line in self.lines}
        if not answers or Answer.NONE in answers:
            return Outcome.NONE
        if len(answers) > 1:
            return Outcome.PARTLY
        return Outcome.GRANTED if Answer.APPROVED in answers else Outcome.REFUSED

    @property
    def ground(self) -> str:
        return next((line.item.ground for line in self.lines if line.item.ground), "")


def plan(request: RightsRequest, *, now: datetime) -> Plan:
    """Each proposal beside what is kept today. Nothing is changed."""
    numbers = people_of(request.person, request) if request.person else []
    lines = []
    for model, items in groupby(request.items.order_by("model", "object_id", "pk"), key=lambda item: item.model):
        dataset, listed = dataset_named(model), list(items)
        rows = rows_of(dataset, numbers).in_bulk([item.object_id for item in listed])
        for item in listed:
            row = rows.get(item.object_id)
            lines.append(Line(item, Value(dataset, row, item.field) if row else None))
    return Plan(lines)


# The answer to each ---------------------------------------------------------------------------------------------------


@transaction.atomic
def approve(item: RectificationItem, *, seen: str, by: AbstractBaseUser, now: datetime) -> None:
    """`seen` is the `Line.seen` that was looked at. Raises Stale when the value is another one meanwhile."""
    current = answerable(item)
    value = line_of(current).value
    if value is None:
        raise RequestError("Cette donnée n’existe plus.")
    if value.is_opinion:
        raise RequestError("Une appréciation ne se réécrit pas\N{NO-BREAK SPACE}: gardez la déclaration à côté.")
    if digest(value.text) != seen:
        raise Stale(value.label)
    set_answer(current, Answer.APPROVED, before_hash=seen, by=by, now=now)


@transaction.atomic
def refuse(item: RectificationItem, *, ground: str, statement: str = "", by: AbstractBaseUser, now: datetime) -> None:
    """
    The person's `statement` goes beside what is an opinion.

    Raises RequestError without a legal ground, for an opinion without a statement, or after all was granted.
    """
    current = answerable(item)
    if ground not in grounds.of(Right.RECTIFICATION):
        raise RequestError("Choisissez un motif que la loi prévoit.")
    if current.request.outcome == Outcome.GRANTED:
        raise RequestError("La demande est accordée en entier\N{NO-BREAK SPACE}: rien ne s’en refuse plus.")
    statement = statement.strip()
    if ground == OPINION and not statement:
        raise RequestError("Écrivez la déclaration de la personne, gardée à côté de l’appréciation.")
    set_answer(current, Answer.REFUSED, ground=ground, statement=statement if ground == OPINION else "", by=by, now=now)


def set_answer(item: RectificationItem, answer: str, *, by: AbstractBaseUser, now: datetime, **fields: str) -> None:
    said = {"ground": "", "statement": "", **fields}
    for name, value in {**said, "answer": answer, "answered_at": now, "answered_by_id": by.pk}.items():
        setattr(item, name, value)
    item.save(update_fields=[*said, "answer", "answered_at", "answered_by"])
    journal.record(item, action="rights", by=by, now=now, request=item.request_id, answer=str(answer))


def answerable(item: RectificationItem) -> RectificationItem:
    """Locked, with its request. Raises RequestError once all is done."""
    open_request(item.request)
    return RectificationItem.objects.select_for_update(of=("self",)).select_related("request").get(pk=item.pk)


def open_request(request: RightsRequest) -> RightsRequest:
    current = workflow.unanswered(request)
    if current.right != Right.RECTIFICATION:
        raise RequestError("Cette demande n’est pas une rectification.")
    if current.executed_at:
        raise RequestError("Cette demande est déjà exécutée.")
    return current


def line_of(item: RectificationItem) -> Line:
    asked = item.request
    numbers = people_of(asked.person, asked) if asked.person else []
    dataset = dataset_named(item.model)
    row = rows_of(dataset, numbers).filter(pk=item.object_id).first()
    return Line(item, Value(dataset, row, item.field) if row else None)


# The execution --------------------------------------------------------------------------------------------------------


@transaction.atomic
def decide(request: RightsRequest, *, by: AbstractBaseUser, now: datetime) -> None:
    """As the answers add up. Raises RequestError while one is missing, and what `workflow.decide` raises."""
    found = plan(request, now=now)
    check_answered(found)
    workflow.decide(request, outcome=found.outcome, ground=found.ground, by=by, now=now)


@transaction.atomic
def execute(request: RightsRequest, *, by: AbstractBaseUser | None, now: datetime) -> dict[str, int]:
    """
    Correct what was approved, all of it or nothing, wherever the person's records say the same.

    Raises RequestError before the answers, Stale for a value that changed since its approval, Refused for one that
    does not fit where it goes.
    """
    current = open_request(request)
    workflow.check_granted(current)
    check_answered(plan(current, now=now))
    numbers = sorted(person.pk for person in people(current))
    items = current.items.select_for_update(of=("self",)).order_by("model", "object_id", "pk")
    approved = list(items.filter(answer=Answer.APPROVED))
    if not approved:
        raise RequestError("Aucune valeur n’est acceptée\N{NO-BREAK SPACE}: il n’y a rien à rectifier.")
    copies = 0
    for (model, number), of_row in groupby(approved, key=lambda item: (item.model, item.object_id)):
        copies += correct(dataset_named(model), number, list(of_row), numbers, by=by, now=now)
    counts = {"rectified": len(approved), "copies": copies, "refused": items.count() - len(approved)}
    workflow.note_executed(current, by=by, now=now, **counts)
    return counts


@transaction.atomic
def decide_and_execute(request: RightsRequest, *, by: AbstractBaseUser, now: datetime) -> dict[str, int]:
    """Both at once, or nothing. Returns nothing where all is refused. Raises what the two raise."""
    current = open_request(request)
    if not current.decided_at:
        decide(current, by=by, now=now)
        current.refresh_from_db()
    return {} if current.outcome == Outcome.REFUSED else execute(current, by=by, now=now)


def check_answered(found: Plan) -> None:
    if not found.lines:
        raise RequestError("Ajoutez d’abord ce qui est à rectifier, et la valeur proposée.")
    if found.waiting:
        raise RequestError("Répondez d’abord à chaque valeur proposée.")


def correct(
    dataset: Dataset,
    number: int,
    items: list[RectificationItem],
    numbers: list[int],
    *,
    by: AbstractBaseUser | None,
    now: datetime,
) -> int:
    """One row. Returns how many copies followed."""
    row = locked(rows_of(dataset, numbers).filter(pk=number)).first()
    if row is None:
        raise RequestError(f"Une ligne de «\N{NO-BREAK SPACE}{dataset.label}\N{NO-BREAK SPACE}» n’existe plus.")
    before: dict[str, str] = {}
    for item in items:
        value = Value(dataset, row, item.field)
        before[item.field] = value.text
        if digest(value.text) != item.before_hash:
            raise Stale(value.label)
        setattr(row, value.field.attname, value_of(value.field, item.proposed))
    write(row, dataset, [*before])
    copies = 0
    for item in items:
        follow = [*same_elsewhere(dataset, row, item.field, before[item.field], numbers)]
        tell_journal([row, *follow], dataset, item, before=before[item.field], by=by, now=now)
        copies += len(follow)
        item.executed_at = now
        item.save(update_fields=["executed_at"])
    return copies


def write(row: Model, dataset: Dataset, names: list[str]) -> None:
    """Through the model's own validators. Raises Refused."""
    others = {found.name for found in dataset.model._meta.fields} - {*names}
    try:
        row.clean_fields(exclude=others)
        row.validate_unique()
        row.validate_constraints()
    except ValidationError as error:
        raise Refused(in_french(error, dataset)) from error
    row.save(update_fields=names)


def in_french(error: ValidationError, dataset: Dataset) -> str:
    told = [
        f"{label_of(field_named(dataset, name), dataset)}\N{NO-BREAK SPACE}: {' '.join(messages)}"
        for name, messages in error.message_dict.items()
        if name != NON_FIELD_ERRORS
    ]
    unfit = "La valeur proposée existe déjà ailleurs, ou ne va pas avec le reste."
    return " ".join(told) or f"{dataset.label}\N{NO-BREAK SPACE}: {unfit}"


def same_elsewhere(dataset: Dataset, row: Model, name: str, before: str, numbers: list[int]) -> Iterator[Model]:
    """The person's other records that say the same as this one did, and what apps copied from it; all corrected."""
    found = field_named(dataset, name)
    was, now_is = value_of(found, before), getattr(row, found.attname)
    if "self" in dataset.subjects.values():
        for twin in locked(rows_of(dataset, numbers).filter(**{name: was})).exclude(pk=row.pk):
            setattr(twin, found.attname, now_is)
            twin.save(update_fields=[name])
            yield twin
    for effect in effects.get(f"{dataset.name}.{name}", []):
        yield from effect(numbers, before=was, after=now_is)


def locked(rows: QuerySet[Model]) -> QuerySet[Model]:
    return rows.select_for_update(of=("self",)).order_by("pk")


def tell_journal(
    rows: list[Model],
    dataset: Dataset,
    item: RectificationItem,
    *,
    before: str,
    by: AbstractBaseUser | None,
    now: datetime,
) -> None:
    """Who, when and what: of the values, keyed hashes."""
    for row in rows:
        journal.record(
            row,
            action="rectify",
            by=by,
            now=now,
            request=item.request_id,
            field=f"{dataset.name}.{item.field}",
            before=f"hmac:{digest(before)}",
            after=f"hmac:{digest(item.proposed)}",
        )


# Statements beside opinions -------------------------------------------------------------------------------------------


def statements_beside(*rows: QuerySet[Any]) -> ArraySubquery:
    """What people declared about our opinions in any of these `rows`, which refer to the one that it is read with."""
    about = Q(pk=None)
    for each in rows:
        about |= Q(model=each.model._meta.label, object_id__in=each.values("pk"))
    return ArraySubquery(
        RectificationItem.objects.exclude(statement="").filter(about).order_by("pk").values("statement")
    )


# Values as text -------------------------------------------------------------------------------------------------------


def text_of(found: "Field[Any, Any]", value: Any) -> str:
    """What a fixture would say."""
    if value is None:
        return ""
    return found.value_to_string(found.model(**{found.attname: value}))


def value_of(found: "Field[Any, Any]", text: str) -> Any:
    return None if text == "" and found.null else found.to_python(text)


def in_words(found: "Field[Any, Any]", text: str) -> str:
    try:
        value = value_of(found, text)
    except ValidationError:
        return text
    if isinstance(found, ArrayField):
        labels = dict(found.base_field.flatchoices)
        return ", ".join(str(labels.get(each, each)) for each in value or [])
    if isinstance(found, ForeignKey):
        return str(found.related_model._base_manager.filter(pk=value).first() or "")
    if isinstance(found, DateField) and isinstance(value, date):
        return value.strftime(AS_ONE_READS)
    return str(dict(found.flatchoices).get(value, "" if value is None else value))


def digest(text: str) -> str:
    """Under the key of the ledger, which outlives the passwords of the site; equal values have equal hashes."""
    key = hmac.digest(settings.LEDGER_KEYS[0].encode(), b"privacy.rectification", "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def dataset_named(model: str) -> Dataset:
    return next(dataset for dataset in declared.datasets.values() if dataset.name == model)


def field_named(dataset: Dataset, name: str) -> "Field[Any, Any]":
    found = dataset.model._meta.get_field(name)
    assert isinstance(found, Field)
    return found
