"""Whether the purge runs when it should, and what anybody may see of it: ages, nothing personal."""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Max

from privacy.models import Receipt
from privacy.policy import ROWS, Row
from privacy.registry import Registry, Rule
from privacy.registry import registry as declared
from privacy.retention.report import oldest_of, rules_of

logger = logging.getLogger(__name__)

LOGGED_EVERY = 600  # seconds


def last_runs(rules: list[Rule]) -> dict[str, datetime]:
    """When each rule was last carried out to its end."""
    whole = Receipt.objects.filter(rule__in=[rule.key for rule in rules], content__interrupted=False)
    return dict(whole.values_list("rule").annotate(Max("sealed_at")))


def late_rules(*, now: datetime, registry: Registry = declared) -> list[str]:
    """The rules that no run has carried out for PURGE_LATE_AFTER, or since the engine was installed if that is less."""
    rules = registry.rules()
    missed_before = now - settings.PURGE_LATE_AFTER
    recent = Receipt.objects.filter(
        rule__in=[rule.key for rule in rules], sealed_at__gte=missed_before, content__interrupted=False
    )
    on_time = set(recent.values_list("rule", flat=True).distinct())
    late = [rule.key for rule in rules if rule.key not in on_time]
    return late if late and installed_at() < missed_before else []


def installed_at() -> datetime:
    applied = MigrationRecorder(connection).applied_migrations()
    return applied["privacy", "0001_initial"].applied


def tell_if_late(*, now: datetime) -> bool:
    """Whether the purge is late; the log is told at error level, every ten minutes at most, whoever asks."""
    late = late_rules(now=now)
    if late and cache.add("purge-is-late", True, LOGGED_EVERY):
        logger.error("purge is late", extra={"rules": late})
    return bool(late)


@dataclass(frozen=True)
class Proof:
    """What is true of a row of the policy at this moment."""

    oldest: datetime | None
    last_run: datetime | None
    next_run: datetime | None


def proofs(*, registry: Registry = declared) -> dict[str, Proof]:
    return {row.key: proof_of(row, registry=registry) for row in ROWS}


def proof_of(row: Row, *, registry: Registry) -> Proof:
    rules = rules_of(row, registry=registry)
    oldest = [first for rule in rules if (first := oldest_of(rule)) is not None]
    last = min(last_runs(rules).values(), default=None)
    return Proof(min(oldest, default=None), last, last + settings.PURGE_EVERY if last else None)
