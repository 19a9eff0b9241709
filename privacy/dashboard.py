"""What the DPO sees in one look: every row of the policy, what is late and why, what was deleted, what needs a hand."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse

from privacy import policy
from privacy.models import Breach, FileRemoval, LegalHold, Receipt
from privacy.publishing import is_published
from privacy.registry import Registry
from privacy.registry import registry as declared
from privacy.retention import watch
from privacy.retention.approval import halted_rules
from privacy.retention.due import due_on, due_rows, paris_day
from privacy.retention.purge import Blocked, unblocked
from privacy.retention.report import RowReport, retention_report, rules_of

CHARTED_DAYS = 30
# What holds rows back, in words, and the page that lists it.
REASONS = {
    "hold": ("gel juridique", "admin:privacy_legalhold_changelist"),
    "restriction": ("limitation", "admin:privacy_restriction_changelist"),
    "open_request": ("demande en cours", "admin:rights_board"),
}


@dataclass(frozen=True)
class Line:
    """A row of the policy, or a proposal, as it stands."""

    report: RowReport
    url: str  # of its rows, where there is a page for them
    age: int | None  # days, of the oldest row
    limit: int | None  # days, that it may reach
    late: bool
    next_run: datetime | None

    @property
    def blocked(self) -> list[tuple[int, str, str]]:
        return in_words(self.report.blocked)


@dataclass(frozen=True)
class Bar:
    """One day of the chart, in the units of its drawing."""

    on: date
    deleted: int
    x: int
    y: int
    height: int


def in_words(blocked: list[Blocked]) -> list[tuple[int, str, str]]:
    """How many rows, held back by what, and the page that lists it."""
    return [(each.count, REASONS[each.reason][0], reverse(REASONS[each.reason][1])) for each in blocked]


def rule_names(registry: Registry = declared) -> dict[str, str]:
    """What each rule deletes, for people: a key is for commands."""
    return {rule.key: f"{rule.expiry.policy_row.label}, {rule.dataset.label.lower()}" for rule in registry.rules()}


def dashboard(
    *, now: datetime, url_of: Callable[[str], str] = lambda model: "", registry: Registry = declared
) -> dict[str, Any]:
    """`url_of` gives the page of a model's rows (by its label), or nothing."""
    reports = retention_report(now=now, registry=registry)
    lines = [line_of(report, url_of=url_of, registry=registry, now=now) for report in reports]
    drawn = bars(now=now)
    return {
        "lines": lines[: len(policy.ROWS)],
        "proposals": lines[len(policy.ROWS) :],
        "contradictions": policy.CONTRADICTIONS,
        "policy_version": policy.VERSION,
        "is_published": is_published(),
        "late_lines": [line for line in lines if line.late],
        "late_rules": watch.late_rules(now=now, registry=registry),
        "halted": [(halted, rule_names(registry).get(halted.rule, halted.rule)) for halted in halted_rules(now=now)],
        "holds_to_review": list(LegalHold.objects.filter(released_at=None, review_on__lte=paris_day(now))),
        "holds_to_approve": list(LegalHold.objects.filter(released_at=None, approved_at=None)),
        "breaches": list(Breach.objects.undecided().order_by("aware_at", "pk")),
        "stuck_files": FileRemoval.objects.filter(attempts__gt=0).count(),
        "bars": drawn,
        "deleted": sum(bar.deleted for bar in drawn),
        "most": max(bar.deleted for bar in drawn),
    }


def line_of(report: RowReport, *, url_of: Callable[[str], str], registry: Registry, now: datetime) -> Line:
    age = limit = None
    if report.oldest is not None:
        started_on = paris_day(report.oldest)
        age = max(0, (paris_day(now) - started_on).days)
        if not report.row.period.until:
            limit = (due_on(report.oldest, report.row.period) - started_on).days
    return Line(
        report=report,
        url=next(filter(None, map(url_of, report.models)), ""),
        age=age,
        limit=limit,
        late=report.due > 0 and is_overdue(report, registry=registry, now=now),
        next_run=report.last_run + settings.PURGE_EVERY if report.last_run else None,
    )


def is_overdue(report: RowReport, *, registry: Registry, now: datetime) -> bool:
    """Whether something that nothing holds back was due so long ago that a run should have deleted it."""
    then = now - settings.PURGE_LATE_AFTER
    if watch.installed_at() > then:
        return False
    for rule in rules_of(report.row, registry=registry):
        rows, _ = unblocked(due_rows(rule, registry=registry, now=then), rule, registry=registry)
        if rows.exists():
            return True
    return False


def bars(*, now: datetime) -> list[Bar]:
    """The rows deleted on each of the last days, drawn 100 high and 10 wide a day."""
    today = paris_day(now)
    days = [today - timedelta(days=back) for back in reversed(range(CHARTED_DAYS))]
    deleted: Counter[date] = Counter()
    receipts = Receipt.objects.filter(sealed_at__gt=now - timedelta(days=CHARTED_DAYS + 1)).exclude(content__counts={})
    for sealed_at, counts in receipts.values_list("sealed_at", "content__counts"):
        deleted[paris_day(sealed_at)] += sum(counts.values())
    most = max([deleted[day] for day in days]) or 1
    heights = [-(-100 * deleted[day] // most) for day in days]  # rounded up: a day with a deletion has a bar
    return [
        Bar(day, deleted[day], x=10 * index, y=100 - height, height=height)
        for index, (day, height) in enumerate(zip(days, heights, strict=True))
    ]
