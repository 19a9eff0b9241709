"""
What is held about one person, as the declarations give it: which datasets, why, how many rows, until which day.

The days are the purge's own: a row goes on the earliest day of all the rules that reach it, its own and those of what
it hangs from, unless a hold, a restriction or an open request of this person's stops them. (What is stopped because
of somebody else in the same tree goes later than it is said here, never sooner.)

`also` are the numbers of other records of the same person.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BinaryField,
    BooleanField,
    DateField,
    F,
    Field,
    FileField,
    ForeignKey,
    GeneratedField,
    IntegerField,
    Min,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Least
from django.utils.text import capfirst
from django.utils.translation import get_language

from privacy import disclosure
from privacy.declarations import Dataset
from privacy.models import HoldItem, Restriction, RightsRequest
from privacy.policy import PURPOSES, RECIPIENTS, Purpose, Recipient
from privacy.registry import Branch, Registry, Rule
from privacy.registry import registry as declared
from privacy.retention.blocks import items
from privacy.retention.due import due_day, paris_day


@dataclass(frozen=True)
class Standing:
    """What stops the purge for this person, as it stands now."""

    restricted: bool
    asked: bool  # a request of theirs is open
    holds: frozenset[tuple[str, int]]  # the rows that holds name, by model and number, whoever they are about

    def lets(self, rule: Rule) -> bool:
        """A request does not prolong what lives "at most" so long (see `blocks`)."""
        return not self.restricted and (not self.asked or rule.expiry.policy_row.at_most)

    def held(self, dataset: Dataset) -> Q:
        """As `blocks.held`, with the numbers written out: what no hold is about costs nothing."""
        numbers = sorted(number for model, number in self.holds if model == dataset.name)
        return Q(pk__any=numbers) if numbers else Q(pk__in=[])

    def stops_anything(self) -> bool:
        return self.restricted or self.asked or bool(self.holds)


@dataclass
class Holding:
    """A dataset’s rows about a person. `held`: how many of them something keeps beyond their day."""

    dataset: Dataset
    count: int = 0
    held: int = 0
    without_day: int = 0
    first_on: date | None = None
    last_on: date | None = None

    def add(self, count: int, *, planned_on: date | None, goes_on: date | None) -> None:
        self.count += count
        if planned_on is None:
            self.without_day += count
        elif goes_on != planned_on:
            self.held += count
        if goes_on is not None:
            self.first_on = min(self.first_on or goes_on, goes_on)
            self.last_on = max(self.last_on or goes_on, goes_on)


@dataclass(frozen=True)
class Fact:
    """A field of a row in words. `masked`: it may say something of somebody else who is in the row."""

    label: str
    value: Any = None
    masked: bool = False
    name: str = ""

    @property
    def is_long(self) -> bool:
        return isinstance(self.value, (str, list)) and len(str(self.value)) > 40


@dataclass(frozen=True)
class Piece:
    """One row about a person."""

    roles: list[str]
    facts: list[Fact]
    technical: list[str]  # what is kept for machines, by name
    planned_on: date | None
    goes_on: date | None
    others: list[str] = field(default_factory=list)  # the roles of other people in the same row

    @property
    def is_held(self) -> bool:
        return self.planned_on is not None and self.goes_on != self.planned_on


def standing_of(person: Model, *, also: Collection[int] = ()) -> Standing:
    people = [person.pk, *also]
    return Standing(
        restricted=Restriction.objects.active().filter(person__in=people).exists(),
        asked=RightsRequest.objects.open().filter(person__in=people).exists(),
        holds=frozenset(HoldItem.objects.active().values_list("model", "object_id")),
    )


def holdings(
    person: Model, *, also: Collection[int] = (), now: datetime, registry: Registry = declared
) -> list[Holding]:
    """All that is held about the person, a line for each dataset that has any of it, in two statements."""
    standing, today = standing_of(person, also=also), paris_day(now)
    found = [Holding(dataset) for dataset in datasets_about(person, also=also, registry=registry)]
    if not found:
        return []
    days = [
        with_days(rows_about(holding.dataset, person, also=also), holding.dataset, standing, registry=registry)
        .order_by()
        .values_list(Value(number, output_field=IntegerField()), "planned_on", "goes_on")
        for number, holding in enumerate(found)
    ]
    rows = Counter(days[0].union(*days[1:], all=True))
    for (number, planned_on, goes_on), count in rows.items():
        if goes_on is None or goes_on > today:  # what is due is not shown any more, purged or not
            found[number].add(count, planned_on=planned_on, goes_on=goes_on)
    return [holding for holding in found if holding.count]


def datasets_about(person: Model, *, also: Collection[int] = (), registry: Registry) -> list[Dataset]:
    """Those that have a row about the person, due or not: most have none, and need not be asked for their days."""
    datasets = [dataset for dataset in registry.datasets.values() if dataset.subjects]
    rows = [
        rows_about(dataset, person, also=also).order_by().values_list(Value(number, output_field=IntegerField()))[:1]
        for number, dataset in enumerate(datasets)
    ]
    return [datasets[number] for (number,) in sorted(rows[0].union(*rows[1:], all=True))]


def pieces(
    dataset: Dataset,
    person: Model,
    *,
    also: Collection[int] = (),
    now: datetime,
    registry: Registry = declared,
) -> QuerySet[Model]:
    """The dataset’s rows about the person that are not due, the latest first, each to be told by `told`."""
    people, standing = [person.pk, *also], standing_of(person, also=also)
    return pieces_of(dataset, people, standing=standing, today=paris_day(now), registry=registry)


def pieces_of(
    dataset: Dataset, people: Collection[int], *, standing: Standing, today: date, registry: Registry
) -> QuerySet[Model]:
    rows = with_days(rows_of(dataset, people), dataset, standing, registry=registry)
    here = Q(goes_on=None) | Q(goes_on__gt=today)
    return rows.filter(here).select_related(*joined(dataset)).annotate(**roles(dataset)).order_by("-pk")


def rows_about(dataset: Dataset, person: Model, *, also: Collection[int] = ()) -> QuerySet[Model]:
    return rows_of(dataset, [person.pk, *also])


def rows_of(dataset: Dataset, people: Collection[int]) -> QuerySet[Model]:
    """In whatever role. A union, for each path has its index: an OR across joins would read the whole table."""
    rows = dataset.model._base_manager
    by_role = [
        rows.filter(**{f"{'pk' if path == 'self' else path}__any": people}).order_by().values("pk")
        for path in dataset.subjects.values()
    ]
    return rows.filter(pk__in=by_role[0].union(*by_role[1:]) if by_role[1:] else by_role[0])


# Until when -----------------------------------------------------------------------------------------------------------


def with_days(rows: QuerySet[Model], dataset: Dataset, standing: Standing, *, registry: Registry) -> QuerySet[Model]:
    """`planned_on`: the day the policy says; `goes_on`: the day it will be, as far as is known now."""
    rules = list(rules_over(dataset, registry=registry))
    planned = earliest([day_under(rule, path) for rule, path in rules])
    if not standing.stops_anything():
        return rows.annotate(planned_on=planned, goes_on=planned)
    left = [
        day_under(rule, path, but=items(rule.dataset, standing.held, registry=registry))
        for rule, path in rules
        if standing.lets(rule)
    ]
    return rows.annotate(planned_on=planned, goes_on=earliest(left))


def rules_over(dataset: Dataset, *, registry: Registry) -> Iterator[tuple[Rule, str]]:
    """
    The rules that end the dataset’s rows: its own and those of what they hang from, each with the path up to there.

    What stays as long as something refers to it has no day.
    """
    itself = [Branch(dataset, path) for path in ("pk", *registry.links_within(dataset))]
    for above in [*itself, *registry.ancestors(dataset)]:
        if not above.dataset.kept_while_referenced:
            for expiry in above.dataset.expires:
                yield Rule(above.dataset, expiry), above.path


def day_under(rule: Rule, path: str, *, but: Q | None = None) -> Combinable:
    rows = rule.dataset.model._base_manager.filter(rule.expiry.where, pk=OuterRef(path))
    if but is not None:
        rows = rows.exclude(but)
    return Subquery(
        rows.order_by().values("pk").annotate(day=Min(due_day(rule.dataset.model, rule.expiry))).values("day")
    )


def earliest(days: list[Combinable]) -> Combinable:
    """NULL when there is none."""
    if len(days) > 1:
        return Least(*days)
    return days[0] if days else Cast(Value(None), DateField())


def without_day_while(dataset: Dataset, *, registry: Registry = declared) -> str:
    """Why its rows may have no day yet, as in «tant que la location est en cours». Empty: nothing ends them."""
    above = [dataset, *(branch.dataset for branch in registry.ancestors(dataset))]
    reasons = [expiry.while_null for each in above for expiry in each.expires if expiry.while_null]
    if reasons:
        return f"tant que {reasons[0]}"
    return "tant qu’il reste autre chose de vous" if any(each.kept_while_referenced for each in above) else ""


# Why, from whom, to whom ----------------------------------------------------------------------------------------------


def purposes_of(dataset: Dataset) -> list[Purpose]:
    return [PURPOSES[key] for key in dict.fromkeys(data.purpose for data in dataset.data)]


def recipients_of(dataset: Dataset) -> list[Recipient]:
    purposes = {data.purpose for data in dataset.data}
    return [recipient for recipient in RECIPIENTS if purposes & set(recipient.purposes)]


@dataclass
class Receiver:
    """Who was really given data of the person: which, and when last. What may be given is `recipients_of`."""

    name: str
    kind: str
    country: str
    fields: list[str]
    last_at: datetime
    goes_on: bool  # what it was given for is not over


def given_to(person: Model, *, also: Collection[int] = ()) -> list[Receiver]:
    """From the register of disclosures, the latest first: a line for each recipient."""
    found: dict[tuple[str, str], Receiver] = {}
    for given in disclosure.recipients_of(person, also=also):
        receiver = found.setdefault(
            (given.recipient_kind, given.recipient_name),
            Receiver(given.recipient_name, given.kind_label, given.country, [], given.at, False),
        )
        receiver.fields = sorted({*receiver.fields, *given.fields})
        receiver.goes_on = receiver.goes_on or given.ended_at is None
    return list(found.values())


# Row by row -----------------------------------------------------------------------------------------------------------

ROLE = "subject_{}"


def roles(dataset: Dataset) -> dict[str, Combinable]:
    return {
        ROLE.format(number): F("pk" if path == "self" else path)
        for number, path in enumerate(dataset.subjects.values())
    }


def joined(dataset: Dataset) -> list[str]:
    """The rows that a row is told with: not people, who are told by their role."""
    people = (declared_person(), get_user_model())
    fields = (dataset.model._meta.get_field(name) for data in dataset.data for name in data.fields)
    return [found.name for found in fields if isinstance(found, ForeignKey) and found.related_model not in people]


def told(
    row: Any,
    dataset: Dataset,
    person: Model,
    *,
    account: int | None,
    also: Collection[int] = (),
    checked: bool = False,
) -> Piece:
    """
    `account` is the number of the person’s own login. `checked`: somebody reads this before it leaves, so that what is
    declared the person’s own is told even where others are in the row.
    """
    mine, others = roles_in(row, dataset, person, also=also)
    facts: list[Fact] = []
    language = get_language()
    for each in fields_told(dataset, language):
        value = each.value_in(row, person, account=account, also=also)
        if value not in (None, "", [], {}):
            own = not others or (checked and dataset.is_own(each.name, mine))
            masked = not own and each.may_tell_of_others
            facts.append(Fact(each.label, None if masked else value, masked, each.name))
    return Piece(mine, facts, fields_for_machines(dataset, language), row.planned_on, row.goes_on, others)


@dataclass(frozen=True)
class Told:
    """A field, with what is the same for all rows: looked up once, for it takes longer than the rest."""

    name: str
    label: str
    may_tell_of_others: bool
    target: "ForeignKey[Any, Any] | None"
    display: str  # the row’s own method that puts it in words
    words: dict[Any, str]  # of a choice from a list

    def value_in(self, row: Any, person: Model, *, account: int | None, also: Collection[int]) -> Any:
        if self.target:
            return target_of(row, self.target, person, account=account, also=also)
        if self.display:
            return getattr(row, self.display)()
        value = getattr(row, self.name)
        if not self.words:
            return value
        if isinstance(value, list):
            return [self.words.get(each, each) for each in value]
        return self.words.get(value, value)


@cache
def fields_told(dataset: Dataset, language: str | None) -> list[Told]:
    return [told_as(found, dataset) for found, technical in fields_of(dataset) if not technical]


def told_as(found: "Field[Any, Any]", dataset: Dataset) -> Told:
    choices = found.base_field.flatchoices if isinstance(found, ArrayField) else found.flatchoices
    display = f"get_{found.name}_display"
    return Told(
        name=found.name,
        label=label_of(found, dataset),
        may_tell_of_others=may_tell_of_others(found),
        target=found if isinstance(found, ForeignKey) else None,
        display=display if not choices and hasattr(dataset.model, display) else "",
        words={value: str(words) for value, words in choices},
    )


@cache
def fields_for_machines(dataset: Dataset, language: str | None) -> list[str]:
    """By name."""
    return [label_of(found, dataset) for found, technical in fields_of(dataset) if technical]


def fields_of(dataset: Dataset) -> "Iterator[tuple[Field[Any, Any], bool]]":
    for data in dataset.data:
        for name in data.fields:
            found = dataset.model._meta.get_field(name)
            assert isinstance(found, Field)
            yield found, data.technical or is_for_machines(found)


def roles_in(row: Any, dataset: Dataset, person: Model, *, also: Collection[int] = ()) -> tuple[list[str], list[str]]:
    """The person’s own roles in the row, and those of other people."""
    mine: list[str] = []
    others: list[str] = []
    for number, role in enumerate(dataset.subjects):
        somebody = getattr(row, ROLE.format(number))
        if somebody is not None:
            (mine if somebody == person.pk or somebody in also else others).append(role)
    return mine, others


def label_of(found: "Field[Any, Any]", dataset: Dataset) -> str:
    if found.name in dataset.words:
        return capfirst(dataset.words[found.name])
    if isinstance(found, ForeignKey) and not is_named(found):
        return capfirst(str(found.related_model._meta.verbose_name))
    return capfirst(str(found.verbose_name))


def is_named(found: "Field[Any, Any]") -> bool:
    """Otherwise its label is the identifier of the code."""
    return found._verbose_name is not None  # type: ignore[attr-defined]


def is_for_machines(found: "Field[Any, Any]") -> bool:
    return isinstance(found, (BinaryField, FileField, GeneratedField))


def may_tell_of_others(found: "Field[Any, Any]") -> bool:
    """Words, numbers and answers may; a choice from a list, a date, a yes or no, a link to a thing do not."""
    return not (found.choices or isinstance(found, (DateField, BooleanField, ForeignKey)))


def target_of(
    row: Any, key: "ForeignKey[Any, Any]", person: Model, *, account: int | None, also: Collection[int] = ()
) -> str | None:
    number = getattr(row, key.attname)
    if number is None:
        return None
    if key.related_model is type(person):
        return "Vous" if number == person.pk or number in also else "Une autre personne"
    if key.related_model is get_user_model():
        return "Vous" if number == account else "Agent"
    return str(getattr(row, key.name))


def declared_person() -> type[Model]:
    return apps.get_model(settings.PRIVACY_SUBJECT_MODEL)
