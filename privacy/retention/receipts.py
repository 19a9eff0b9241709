"""The chain of receipts: what every run deleted, in an order and with contents that cannot be changed unseen."""

from datetime import datetime
from typing import Any

from privacy import chain
from privacy.models import PurgeRun, Receipt


def seal(run: PurgeRun, *, rule: str, content: dict[str, Any], now: datetime) -> Receipt:
    return chain.append(Receipt(run=run, rule=rule, content=content, sealed_at=now))


def broken_links() -> list[str]:
    """What is wrong with the chain, a line each, in French; empty when every receipt is as it was sealed."""
    gone = PurgeRun.objects.exclude(last_hash="").exclude(last_hash__in=Receipt.objects.values("hash"))
    ends = [f"Passage {run.pk} : son dernier reçu a été retiré ou changé." for run in gone.order_by("pk")]
    return [*chain.broken_links(Receipt), *ends]
