"""Row by row of the policy: what is held, how old, what is due, what is held back, when it last ran."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Min, Model, QuerySet

from privacy.models import Receipt
from privacy.policy import PROPOSALS, ROWS, VERSION, Row
from privacy.registry import Registry, Rule
from privacy.registry import registry as declared
from privacy.retention.due import PARIS, due_rows, leads_to_many
from privacy.retention.purge import Blocked, unblocked


@dataclass(frozen=True)
class RowReport:
    row: Row
    models: list[str]
    held: int
    oldest: datetime | None
    due: int
    blocked: list[Blocked]
    last_run: datetime | None

    def as_json(self) -> dict[str, Any]:
        return {
            "key": self.row.key,
            "label": self.row.label,
            "period": self.row.period.as_json(),
            "models": self.models,
            "held": self.held,
            "oldest": self.oldest.isoformat() if self.oldest else None,
            "due": self.due,
            "blocked": [{"reason": blocked.reason, "count": blocked.count} for blocked in self.blocked],
            "last_run": self.last_run.isoformat() if self.last_run else None,
        }


def retention_report(*, now: datetime, registry: Registry = declared) -> list[RowReport]:
    """The seven rows in the policy's order, then the proposals."""
    return [report_of(row, registry=registry, now=now) for row in (*ROWS, *PROPOSALS)]


def as_json(reports: list[RowReport]) -> dict[str, Any]:
    return {"policy": VERSION, "rows": [report.as_json() for report in reports]}


def report_of(row: Row, *, registry: Registry, now: datetime) -> RowReport:
    rules = rules_of(row, registry=registry)
    held, due = 0, 0
    oldest: list[datetime] = []
    blocked: dict[str, int] = {}
    for rule in rules:
        if rule.expiry.catches_up:
            continue
        held += rows_under(rule).count()
        first = oldest_of(rule)
        if first is not None:
            oldest.append(first)
        waiting, held_back = unblocked(due_rows(rule, registry=registry, now=now), rule, registry=registry)
        due += waiting.count()
        for reason in held_back:
            blocked[reason.reason] = blocked.get(reason.reason, 0) + reason.count
    last = Receipt.objects.filter(rule__in=[rule.key for rule in rules]).order_by("-pk").first()
    return RowReport(
        row=row,
        models=models_of(rules, registry=registry),
        held=held,
        oldest=min(oldest, default=None),
        due=due,
        blocked=[Blocked(reason, count) for reason, count in blocked.items()],
        last_run=last.sealed_at if last else None,
    )


def rules_of(row: Row, *, registry: Registry) -> list[Rule]:
    return [rule for rule in registry.rules() if row.key in (rule.expiry.row, *rule.expiry.also)]


def rows_under(rule: Rule) -> "QuerySet[Model]":
    """All rows that the rule is about, each once."""
    rows = rule.dataset.model._base_manager.filter(rule.expiry.where)
    return rows.distinct() if leads_to_many(rule.dataset.model, rule.expiry.clock) else rows


def oldest_of(rule: Rule) -> datetime | None:
    """When the clock of the rule's oldest row started."""
    if rule.expiry.catches_up:
        return None
    rows = rule.dataset.model._base_manager.filter(rule.expiry.where)
    first = rows.aggregate(oldest=Min(rule.expiry.clock))["oldest"]
    return as_moment(first) if first is not None else None


def models_of(rules: list[Rule], *, registry: Registry) -> list[str]:
    """What the row's rules delete: their own models first, then what hangs from them."""
    names = [rule.dataset.name for rule in rules]
    names += [branch.dataset.name for rule in rules for branch in registry.branches(rule.dataset)]
    return list(dict.fromkeys(names))


def as_moment(clock: datetime | date) -> datetime:
    return clock if isinstance(clock, datetime) else datetime.combine(clock, time(), PARIS)
