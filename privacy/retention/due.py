"""
What is due is a query, never a stored date.

A row is due from the first second of the civil day in Paris on which its period has passed: the clock's day plus so
many calendar months or years, clamped to the end of the month. A date in the clock counts from the end of that day.
"""

from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.db.models import (
    Case,
    DateField,
    DateTimeField,
    Exists,
    F,
    Field,
    Func,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Least, TruncDate

from privacy.declarations import Dataset, Expiry
from privacy.policy import Period
from privacy.registry import Registry, Rule

Rows = TypeVar("Rows", bound=QuerySet[Any])

PARIS = ZoneInfo("Europe/Paris")
ONE_DAY = timedelta(days=1)


def due_on(clock: datetime | date, period: Period) -> date:
    """The day from which what began at `clock` is due."""
    started_on = clock.astimezone(PARIS).date() if isinstance(clock, datetime) else clock + ONE_DAY
    return started_on + period.length


def last_day_due(period: Period, *, today: date) -> date:
    """The latest day whose period has passed by `today`. Clamping makes several days of a month's end share one."""
    day = today - period.length
    while day + ONE_DAY + period.length <= today:
        day += ONE_DAY
    while day + period.length > today:
        day -= ONE_DAY
    return day


def before(clock: str, period: Period, *, field: "Field[Any, Any]", now: datetime) -> Q:
    """The condition that `clock` is so long ago. An event that ends a period at once counts to the second."""
    if period.until and not period.days:
        return (
            Q(**{f"{clock}__lte": now}) if isinstance(field, DateTimeField) else Q(**{f"{clock}__lt": paris_day(now)})
        )
    day = last_day_due(period, today=paris_day(now))
    if isinstance(field, DateTimeField):
        return Q(**{f"{clock}__lt": datetime.combine(day + ONE_DAY, time(), PARIS)})
    return Q(**{f"{clock}__lt": day})


def paris_day(moment: datetime) -> date:
    return moment.astimezone(PARIS).date()


def field_at(model: type[Model], path: str) -> "Field[Any, Any]":
    """The field that a path of double underscores leads to, through relations in either direction."""
    *relations, name = path.split("__")
    for relation in relations:
        model = model._meta.get_field(relation).related_model  # type: ignore[assignment]
    found = model._meta.get_field(name)
    assert isinstance(found, Field)
    return found


def leads_to_many(model: type[Model], path: str) -> bool:
    for relation in path.split("__")[:-1]:
        field = model._meta.get_field(relation)
        if field.one_to_many or field.many_to_many:
            return True
        model = field.related_model  # type: ignore[assignment]
    return False


def is_due(model: type[Model], expiry: Expiry, *, now: datetime) -> Q:
    """The condition on `model` that the expiry's period has passed."""
    period = expiry.period or expiry.policy_row.period
    passed = started(model, expiry, period, now=now)
    if expiry.shorter:
        for months in contract_periods(model, expiry.shorter):
            shorter = Period(months=min(months, period.months))
            passed |= started(model, expiry, shorter, now=now) & Q(**{expiry.shorter: months})
    return passed & expiry.where


def started(model: type[Model], expiry: Expiry, period: Period, *, now: datetime) -> Q:
    """The condition that the clock, or its fallback where it is empty, is so long ago."""
    clock = field_at(model, expiry.clock)
    passed = before(expiry.clock, period, field=clock, now=now)
    if expiry.fallback:
        fallback = field_at(model, expiry.fallback)
        missing = before(expiry.fallback, expiry.fallback_period or period, field=fallback, now=now)
        passed |= Q(**{expiry.clock: None}) & missing
    return passed


def contract_periods(model: type[Model], path: str) -> list[int]:
    """The lengths, in months, that contracts name."""
    field = field_at(model, path)
    values = field.model._base_manager.exclude(**{field.name: None}).values_list(field.name, flat=True)
    return sorted(set(values.distinct()))


class After(Func):
    """A day, and so many calendar months on: PostgreSQL clamps to the end of the month as `due_on` does."""

    template = "(%(expressions)s)::date"
    arg_joiner = " + "
    output_field = DateField()


class NextDay(Func):
    template = "(%(expressions)s + 1)"
    output_field = DateField()


def due_day(model: type[Model], expiry: Expiry) -> Combinable:
    """`due_on` as an expression on `model`: the day from which a row is due, NULL while its clock has not begun."""
    period = expiry.period or expiry.policy_row.period
    day = day_after(model, expiry, interval(period), otherwise=expiry.fallback_period or period)
    if not expiry.shorter:
        return day
    contract = Func(Value(0), F(expiry.shorter), function="make_interval")
    return Least(day, day_after(model, expiry, contract, otherwise=expiry.fallback_period))


def day_after(model: type[Model], expiry: Expiry, length: Func, *, otherwise: Period | None) -> Combinable:
    """`length` after the clock; where it is empty, `otherwise`, or else the same length, after its fallback."""
    day = After(first_day(model, expiry.clock), length)
    if not expiry.fallback:
        return day
    missing = After(first_day(model, expiry.fallback), interval(otherwise) if otherwise else length)
    return Case(When(**{expiry.clock: None}, then=missing), default=day)


def first_day(model: type[Model], clock: str) -> Combinable:
    return TruncDate(clock, tzinfo=PARIS) if isinstance(field_at(model, clock), DateTimeField) else NextDay(clock)


def interval(period: Period) -> Func:
    return Func(Value(period.years), Value(period.months), Value(0), Value(period.days), function="make_interval")


def due_rows(rule: Rule, *, registry: Registry, now: datetime) -> QuerySet[Model]:
    """All rows that are due under the rule, whether or not something holds them back."""
    model = rule.dataset.model
    rows = model._base_manager.filter(is_due(model, rule.expiry, now=now))
    if leads_to_many(model, rule.expiry.clock):
        rows = model._base_manager.filter(pk__in=rows.values("pk"))
    if rule.dataset.kept_while_referenced:
        for key in registry.references(rule.dataset):
            rows = rows.filter(~Exists(key.model._base_manager.filter(**{key.name: OuterRef("pk")})))
    return rows


def unexpired(rows: Rows, dataset: Dataset, *, now: datetime) -> Rows:
    """`rows` without what is due: it cannot be opened, listed or exported from then on, purged or not."""
    for expiry in dataset.expires:
        due = dataset.model._base_manager.filter(is_due(dataset.model, expiry, now=now))
        rows = rows.exclude(pk__in=due.values("pk"))
    return rows
