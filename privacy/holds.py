"""
Legal holds: exact rows frozen on a legal ground, opened by one person and in force once another has approved.

A hold keeps what is not due yet. It brings nothing back, and once it is released what is due goes at the next run.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Model, QuerySet

from privacy import policy
from privacy.checks import is_purged
from privacy.declarations import Dataset
from privacy.journal import record
from privacy.models import HoldItem, LegalHold
from privacy.registry import Registry, Rule
from privacy.registry import registry as declared
from privacy.retention.blocks import has_number
from privacy.retention.due import due_rows, paris_day


class HoldError(Exception):
    """The message says why, in French, for the DPO."""


class ItemIsDue(HoldError):
    pass


class SamePerson(HoldError):
    pass


@transaction.atomic
def open_hold(
    items: Iterable[Model],
    *,
    ground: str,
    review_on: date,
    by: AbstractBaseUser,
    now: datetime,
    registry: Registry = declared,
) -> LegalHold:
    """
    Ask for a hold on these rows; nothing is frozen before `approve_hold`.

    Raises ItemIsDue for a row that should be gone already, HoldError for one that no rule ever deletes, for no row at
    all, and for a review later than policy.HOLD_REVIEWED_WITHIN.
    """
    frozen = list(dict.fromkeys(items))
    if not frozen:
        raise HoldError("Un gel porte sur au moins une pièce.")
    refuse_far_review(review_on, now=now)
    for item in frozen:
        refuse_due(item, registry=registry, now=now)
    hold = LegalHold.objects.create(ground=ground, review_on=review_on, opened_by_id=by.pk, opened_at=now)
    HoldItem.objects.bulk_create(HoldItem(hold=hold, model=item._meta.label, object_id=item.pk) for item in frozen)
    record(hold, action="open_hold", by=by, now=now, items=[item.pk for item in frozen])
    return hold


@transaction.atomic
def approve_hold(hold: LegalHold, *, by: AbstractBaseUser, now: datetime, registry: Registry = declared) -> None:
    """Put it in force. What was purged since it was opened is not brought back; HoldError when nothing is left."""
    hold = LegalHold.objects.select_for_update().get(pk=hold.pk)
    if hold.released_at or hold.approved_at:
        raise HoldError("Ce gel a déjà été approuvé ou levé.")
    if hold.opened_by_id == by.pk:
        raise SamePerson("Une autre personne que celle qui l’a ouvert doit approuver un gel.")
    if not lock(hold, registry=registry):
        raise HoldError("Il ne reste aucune des pièces à geler.")
    hold.approved_by_id = by.pk
    hold.approved_at = now
    hold.save(update_fields=["approved_by", "approved_at"])
    record(hold, action="approve_hold", by=by, now=now)


@transaction.atomic
def release_hold(hold: LegalHold, *, by: AbstractBaseUser, now: datetime) -> None:
    """End it, in force or not."""
    hold = LegalHold.objects.select_for_update().get(pk=hold.pk)
    if hold.released_at:
        raise HoldError("Ce gel est déjà levé.")
    hold.released_at = now
    hold.save(update_fields=["released_at"])
    record(hold, action="release_hold", by=by, now=now)


@transaction.atomic
def review_hold(hold: LegalHold, *, review_on: date, by: AbstractBaseUser, now: datetime) -> None:
    """Looked at, still needed: it goes on until it is looked at again."""
    refuse_far_review(review_on, now=now)
    hold = LegalHold.objects.select_for_update().get(pk=hold.pk)
    if hold.released_at:
        raise HoldError("Ce gel est déjà levé.")
    hold.review_on = review_on
    hold.save(update_fields=["review_on"])
    record(hold, action="review_hold", by=by, now=now)


def refuse_far_review(review_on: date, *, now: datetime) -> None:
    today = paris_day(now)
    if not today < review_on <= today + policy.HOLD_REVIEWED_WITHIN.length:
        raise HoldError(f"Un gel se revoit après aujourd’hui et dans les {policy.HOLD_REVIEWED_WITHIN}.")


def holdable(registry: Registry = declared) -> list[Dataset]:
    """What a hold can freeze: what is purged at all, and has a number."""
    return [dataset for dataset in registry.datasets.values() if is_purged(dataset, registry) and has_number(dataset)]


def refuse_due(item: Model, *, registry: Registry, now: datetime) -> None:
    dataset = registry.datasets.get(type(item))
    if dataset is None or dataset not in holdable(registry):
        raise HoldError(f"{type(item)._meta.verbose_name} {item.pk} : aucune règle ne supprime cela, rien à geler.")
    for owner, rows in [(dataset, itself(item)), *above(dataset, itself(item), registry=registry)]:
        for expiry in owner.expires:
            if due_rows(Rule(owner, expiry), registry=registry, now=now).filter(pk__in=rows.values("pk")).exists():
                raise ItemIsDue(
                    f"{type(item)._meta.verbose_name} {item.pk} : la durée de conservation est passée, "
                    "un gel ne peut plus la prolonger."
                )


def lock(hold: LegalHold, *, registry: Registry) -> int:
    """
    Lock what is frozen, from what it hangs from down, so that no batch of the purge crosses the approval: a batch
    skips the rows, or has deleted them. Returns how many items are left.
    """
    left = 0
    for name in hold.items.values_list("model", flat=True).distinct().order_by("model"):
        dataset = next(dataset for dataset in registry.datasets.values() if dataset.name == name)
        frozen = hold.items.filter(model=name).values("object_id")
        rows = dataset.model._base_manager.filter(pk__in=frozen)
        for _, parents in reversed(above(dataset, rows, registry=registry)):
            list(locked(parents))
        left += len(locked(rows))
    return left


def above(dataset: Dataset, rows: "QuerySet[Model]", *, registry: Registry) -> list[tuple[Dataset, "QuerySet[Model]"]]:
    """What these rows hang from, the nearest first."""
    return [
        (branch.dataset, branch.dataset.model._base_manager.filter(pk__in=rows.values(branch.path)))
        for branch in registry.ancestors(dataset)
    ]


def itself(item: Model) -> "QuerySet[Model]":
    return type(item)._base_manager.filter(pk=item.pk)


def locked(rows: "QuerySet[Model]") -> list[int]:
    return list(rows.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
