"""
The purge: what the policy says is over goes, and a receipt says so.

Batches in short transactions, what hangs from a row with it, in the database. Killed at any point, the next run goes
on; what a batch deleted and what the tally counts are one transaction, so that receipts always add up.
"""

import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Min, Model, QuerySet

from privacy.locks import alone
from privacy.models import PurgeApproval, PurgeRun, PurgeTally
from privacy.registry import Registry, Rule
from privacy.registry import registry as declared
from privacy.retention import deletion, files, receipts
from privacy.retention.blocks import blocks
from privacy.retention.due import due_rows

logger = logging.getLogger(__name__)

BATCH = 10_000


class PurgeError(Exception):
    """The message says why, in French, for the operator."""


class AlreadyRunning(PurgeError):
    pass


class UnknownRule(PurgeError):
    pass


@dataclass(frozen=True)
class Blocked:
    reason: str
    count: int


@dataclass
class Outcome:
    """What happened, or in a dry run would happen, under one rule."""

    key: str
    model: str
    row: str
    deleted: int = 0
    counts: dict[str, int] = field(default_factory=dict)  # by model, all that went with the rows included
    files: int = 0
    blocked: list[Blocked] = field(default_factory=list)
    halted: int = 0  # rows left alone because so many at once need a person's go-ahead

    @property
    def held_back(self) -> list[Blocked]:
        return [*self.blocked, Blocked("alarm", self.halted)] if self.halted else self.blocked

    def as_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "model": self.model,
            "deleted": self.deleted,
            "files": self.files,
            "blocked": [{"reason": blocked.reason, "count": blocked.count} for blocked in self.held_back],
        }


@dataclass
class Result:
    committed: bool
    outcomes: list[Outcome]
    receipt: str

    def as_json(self) -> dict[str, Any]:
        rules = [outcome.as_json() for outcome in self.outcomes]
        return {"committed": self.committed, "rules": rules, "receipt": self.receipt}


class RolledBack(Exception):
    """Ends a dry run: it has really run, so its counts are the true ones."""


def purge(*, now: datetime, commit: bool, only: str = "", registry: Registry = declared, batch: int = BATCH) -> Result:
    """
    Delete all that is due at `now`, rule after rule; without `commit`, really do so and roll back.

    `only` names one rule or one row of the policy. Raises AlreadyRunning while another purge runs, UnknownRule.
    """
    rules = [rule for rule in registry.rules() if only in ("", rule.key, rule.expiry.row)]
    if not rules:
        raise UnknownRule(f"Aucune règle ne s’appelle « {only} ».")
    with alone("purge") as nobody_else:
        if not nobody_else:
            raise AlreadyRunning("Une autre purge est en cours. Rien n’a été fait.")
        if commit:
            return run(rules, registry=registry, now=now, batch=batch, commit=True)
        try:
            with transaction.atomic():
                result = run(rules, registry=registry, now=now, batch=batch, commit=False)
                raise RolledBack
        except RolledBack:
            return result


def run(rules: list[Rule], *, registry: Registry, now: datetime, batch: int, commit: bool) -> Result:
    seal_interrupted(registry=registry, now=now)
    this = PurgeRun.objects.create(started_at=now, now=now)
    outcomes = []
    last = ""
    for rule in rules:
        outcome = apply(rule, this, registry=registry, now=now, batch=batch)
        outcomes.append(outcome)
        last = seal(this, rule, outcome, registry=registry, now=now)
    this.finished_at = now
    this.last_hash = last
    this.save(update_fields=["finished_at", "last_hash"])
    if commit:
        files.remove_queued()
    return Result(committed=commit, outcomes=outcomes, receipt=last)


def apply(rule: Rule, this: PurgeRun, *, registry: Registry, now: datetime, batch: int) -> Outcome:
    """Carry one rule out, batch by batch."""
    outcome = Outcome(key=rule.key, model=rule.dataset.name, row=rule.expiry.row)
    due = due_rows(rule, registry=registry, now=now)
    if not due.exists():
        return outcome
    due, outcome.blocked = unblocked(due, rule, registry=registry)
    count = due.count()
    if alarming(count, rule, now=now):
        outcome.halted = count
        logger.error("purge halted: too many rows at once", extra={"rule": rule.key, "rows": count})
        return outcome
    while count and delete_batch(rule, this, registry=registry, now=now, size=batch, outcome=outcome):
        pass
    return outcome


def unblocked(rows: QuerySet[Model], rule: Rule, *, registry: Registry) -> tuple[QuerySet[Model], list[Blocked]]:
    """The rows that nothing holds back, and how many are held by what, the first reason counting."""
    found = []
    for block in blocks(rule, registry=registry):
        count = rows.filter(block.rows).count()
        if count:
            found.append(Blocked(block.reason, count))
        rows = rows.exclude(block.rows)
    return rows, found


def deletable(rule: Rule, *, registry: Registry, now: datetime) -> QuerySet[Model]:
    """What is due and what nothing holds back, as things stand at this moment."""
    rows = due_rows(rule, registry=registry, now=now)
    for block in blocks(rule, registry=registry):
        rows = rows.exclude(block.rows)
    return rows


def alarming(count: int, rule: Rule, *, now: datetime) -> bool:
    """
    Whether so many rows are more of a table than PURGE_ALARM allows in one run: a wrong clock, or the first run after
    a long stop. A person's approval, used once, lets it.
    """
    if count < settings.PURGE_ALARM["rows"]:
        return False
    if count <= settings.PURGE_ALARM["share"] * rule.dataset.model._base_manager.count():
        return False
    approval = PurgeApproval.objects.filter(rule=rule.key, used_at=None).first()
    if approval is None:
        return True
    approval.used_at = now
    approval.save(update_fields=["used_at"])
    return False


@transaction.atomic
def delete_batch(rule: Rule, this: PurgeRun, *, registry: Registry, now: datetime, size: int, outcome: Outcome) -> bool:
    """
    One short transaction: rows, what hangs from them, the queue of their files and the tally.

    Returns whether there may be more. What is held back, or needed again, since the run began stays: the rows are
    looked at once more when they are locked.
    """
    due = deletable(rule, registry=registry, now=now).order_by().values_list("pk", flat=True)
    locked = list(due.select_for_update(skip_locked=True, of=("self",))[:size])
    ids = locked
    if locked and (rule.dataset.kept_while_referenced or blocks(rule, registry=registry)):
        ids = list(deletable(rule, registry=registry, now=now).filter(pk__any=locked).values_list("pk", flat=True))
    if not ids:
        return False
    taken = deletion.delete(rule.dataset, ids, registry=registry, now=now)
    outcome.files += taken.files
    outcome.deleted += taken.counts[rule.dataset.name]
    outcome.counts = dict(Counter(outcome.counts) + taken.counts)
    PurgeTally.objects.update_or_create(
        run=this,
        rule=rule.key,
        defaults={"model": rule.dataset.name, "counts": outcome.counts, "files": outcome.files},
    )
    return len(locked) == size


@transaction.atomic
def seal(this: PurgeRun, rule: Rule, outcome: Outcome, *, registry: Registry, now: datetime) -> str:
    """One receipt a rule, also where there was nothing to do: it proves that the rule ran."""
    left = rule.dataset.model._base_manager.filter(rule.expiry.where).aggregate(oldest=Min(rule.expiry.clock))["oldest"]
    content = {
        "now": now.isoformat(),
        "row": outcome.row,
        "model": outcome.model,
        "counts": outcome.counts,
        "files": outcome.files,
        "oldest_left": left.isoformat() if left else None,
        "blocked": {blocked.reason: blocked.count for blocked in outcome.blocked},
        "halted": outcome.halted,
        "interrupted": False,
    }
    receipt = receipts.seal(this, rule=rule.key, content=content, now=now)
    PurgeTally.objects.filter(run=this, rule=rule.key).delete()
    return receipt.hash


@transaction.atomic
def seal_interrupted(*, registry: Registry, now: datetime) -> None:
    """What killed runs had done gets its receipts too."""
    rows = {rule.key: rule.expiry.row for rule in registry.rules()}
    for tally in PurgeTally.objects.select_related("run").order_by("pk"):
        content = {
            "now": tally.run.now.isoformat(),
            "row": rows.get(tally.rule, ""),
            "model": tally.model,
            "counts": tally.counts,
            "files": tally.files,
            "oldest_left": None,
            "blocked": {},
            "halted": 0,
            "interrupted": True,
        }
        receipts.seal(tally.run, rule=tally.rule, content=content, now=now)
        tally.delete()
    PurgeRun.objects.filter(finished_at=None).update(finished_at=now)
