"""The go-ahead for a deletion so large that a run left it alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from privacy.journal import record
from privacy.locks import only_one
from privacy.models import PurgeApproval, Receipt

LOOKED_BACK = timedelta(days=1)


class NothingHalted(Exception):
    pass


@dataclass(frozen=True)
class Halted:
    rule: str
    rows: int
    approved: bool


def halted_rules(*, now: datetime) -> list[Halted]:
    """The rules that their last run left alone, and whether the next one may go on."""
    recent = Receipt.objects.filter(sealed_at__gte=now - LOOKED_BACK, content__interrupted=False)
    last = recent.order_by("rule", "-pk").distinct("rule")
    approved = set(PurgeApproval.objects.filter(used_at=None).values_list("rule", flat=True))
    return [
        Halted(receipt.rule, receipt.content["halted"], receipt.rule in approved)
        for receipt in last
        if receipt.content["halted"]
    ]


@transaction.atomic
def approve_purge(rule: str, *, by: AbstractBaseUser, now: datetime) -> PurgeApproval:
    """Let the next run carry the rule out, once. Asked twice, it is given once. Raises NothingHalted."""
    only_one("approval")
    if rule not in [halted.rule for halted in halted_rules(now=now)]:
        raise NothingHalted(rule)
    given = PurgeApproval.objects.filter(rule=rule, used_at=None).first()
    if given is None:
        given = PurgeApproval.objects.create(rule=rule, approved_by_id=by.pk, approved_at=now)
        record(given, action="approve_purge", by=by, now=now, rule=rule)
    return given
