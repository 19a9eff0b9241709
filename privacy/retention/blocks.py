"""What holds a due row back, through parents and children: a legal hold, a restriction, an open request."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import IntegerField, Q, QuerySet

from privacy.declarations import Dataset
from privacy.models import HoldItem, Restriction, RightsRequest
from privacy.registry import Branch, Registry, Rule

RowsOf = Callable[[Dataset], Q]


@dataclass(frozen=True)
class Block:
    reason: str
    rows: Q


def blocks(rule: Rule, *, registry: Registry) -> list[Block]:
    """
    In the order in which they are decided: hold, restriction, open request. Only those that concern anything now.

    A request does not prolong what lives "at most" so long: it is copied into the request instead.
    """
    found = []
    if HoldItem.objects.active().exists():
        found.append(Block("hold", items(rule.dataset, held, registry=registry)))
    if Restriction.objects.active().exists():
        found.append(Block("restriction", trees(rule.dataset, restricted, registry=registry)))
    if not rule.expiry.policy_row.at_most and RightsRequest.objects.open().exists():
        found.append(Block("open_request", trees(rule.dataset, requested, registry=registry)))
    return found


def items(dataset: Dataset, rows_of: RowsOf, *, registry: Registry) -> Q:
    """A hold names exact rows: those, what they cannot do without, and what hangs from them."""
    return touched(dataset, rows_of, registry=registry) | hanging(dataset, rows_of, registry=registry)


def trees(dataset: Dataset, rows_of: RowsOf, *, registry: Registry) -> Q:
    """One row about a person is enough for all of its tree: a caller's call, and the entries beside it."""

    def whole(above: Dataset) -> Q:
        return touched(above, rows_of, registry=registry)

    return whole(dataset) | hanging(dataset, whole, registry=registry)


def touched(dataset: Dataset, rows_of: RowsOf, *, registry: Registry) -> Q:
    """The dataset's rows that are touched themselves, or through what hangs from them."""
    rows = rows_of(dataset)
    for branch in registry.branches(dataset):
        rows |= Q(pk__in=rows_beneath(branch, rows_of))
    for link in registry.links_within(dataset):
        rows |= Q(pk__in=rows_beneath(Branch(dataset, link), rows_of))
    return rows


def hanging(dataset: Dataset, rows_of: RowsOf, *, registry: Registry) -> Q:
    """The dataset's rows that hang from such rows."""
    rows = Q(pk__in=[])
    above = [Branch(dataset, link) for link in registry.links_within(dataset)]
    for branch in [*registry.ancestors(dataset), *above]:
        parents = branch.dataset.model._base_manager.filter(rows_of(branch.dataset))
        rows |= Q(**{f"{branch.path}__in": parents.values("pk")})
    return rows


def rows_beneath(branch: Branch, rows_of: RowsOf) -> object:
    beneath = branch.dataset.model._base_manager.filter(rows_of(branch.dataset))
    return beneath.exclude(**{branch.path: None}).values(branch.path)


def has_number(dataset: Dataset) -> bool:
    """A hold names rows by their number: a session or a form's key, which have none, cannot be held."""
    return isinstance(dataset.model._meta.pk, IntegerField)


def held(dataset: Dataset) -> Q:
    if not has_number(dataset):
        return Q(pk__in=[])
    return Q(pk__in=HoldItem.objects.active().filter(model=dataset.name).values("object_id"))


def restricted(dataset: Dataset) -> Q:
    return concerning(dataset, Restriction.objects.active())


def requested(dataset: Dataset) -> Q:
    return concerning(dataset, RightsRequest.objects.open())


def concerning(dataset: Dataset, people: QuerySet[Any]) -> Q:
    """The dataset's rows about any of these people, in whatever role."""
    rows = Q(pk__in=[])
    for path in dataset.subjects.values():
        rows |= Q(**{("pk" if path == "self" else path) + "__in": people.values("person")})
    return rows
