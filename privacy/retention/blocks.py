"""What holds a due row back: a legal hold, a restriction (article 18), an open request. Through parents and children."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

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
        found.append(Block("hold", touched(rule, held, registry=registry)))
    if Restriction.objects.active().exists():
        found.append(Block("restriction", touched(rule, restricted, registry=registry)))
    if not rule.expiry.policy_row.at_most and RightsRequest.objects.open().exists():
        found.append(Block("open_request", touched(rule, requested, registry=registry)))
    return found


def touched(rule: Rule, rows_of: RowsOf, *, registry: Registry) -> Q:
    """The rule's rows that are touched themselves, through what hangs from them, or through what they hang from."""
    rows = rows_of(rule.dataset)
    for branch in registry.branches(rule.dataset):
        rows |= Q(pk__in=rows_beneath(branch, rows_of))
    for branch in registry.ancestors(rule.dataset):
        rows |= Q(
            **{f"{branch.path}__in": branch.dataset.model._base_manager.filter(rows_of(branch.dataset)).values("pk")}
        )
    return rows


def rows_beneath(branch: Branch, rows_of: RowsOf) -> object:
    beneath = branch.dataset.model._base_manager.filter(rows_of(branch.dataset))
    return beneath.exclude(**{branch.path: None}).values(branch.path)


def held(dataset: Dataset) -> Q:
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
