"""The chain of receipts: what every run deleted, in an order and with contents that cannot be changed unseen."""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db import transaction

from privacy.locks import only_one
from privacy.models import PurgeRun, Receipt

CHAIN = "receipts"


def digest(*, previous: str, run: int, rule: str, content: dict[str, Any], sealed_at: datetime) -> str:
    said = json.dumps([previous, run, rule, content, sealed_at.isoformat()], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


@transaction.atomic
def seal(run: PurgeRun, *, rule: str, content: dict[str, Any], now: datetime) -> Receipt:
    """Add a link to the chain. Two at once wait for each other, so that each has one successor."""
    only_one(CHAIN)
    last = Receipt.objects.order_by("-pk").first()
    previous = last.hash if last else ""
    return Receipt.objects.create(
        run=run,
        rule=rule,
        content=content,
        sealed_at=now,
        previous_hash=previous,
        hash=digest(previous=previous, run=run.pk, rule=rule, content=content, sealed_at=now),
    )


def broken_links() -> list[str]:
    """What is wrong with the chain, a line each, in French; empty when every receipt is as it was sealed."""
    wrong = []
    previous = ""
    for receipt in Receipt.objects.order_by("pk").iterator():
        if receipt.previous_hash != previous:
            wrong.append(f"Reçu {receipt.pk} : il ne suit pas celui qui le précède (retiré, inséré ou déplacé).")
        sealed = digest(
            previous=receipt.previous_hash,
            run=receipt.run_id,
            rule=receipt.rule,
            content=receipt.content,
            sealed_at=receipt.sealed_at,
        )
        if receipt.hash != sealed:
            wrong.append(f"Reçu {receipt.pk} : son contenu a changé depuis qu’il a été scellé.")
        previous = receipt.hash
    return wrong
