"""Processes that issue what is prepared, and may be killed: see test_integrity. They share nothing but their start."""

import os
from random import Random

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Mod
from django.utils import timezone

from interventions.invoicing.issuing import CannotIssue, issue
from interventions.models import InvoiceDraft

FAILS = 0.2


class Failed(Exception):
    """What comes after the number was given goes wrong."""


def start_issuers(many: int) -> None:
    """Each that is killed is followed by another. Says the process of each on a line, and what it did at its end."""
    places: dict[int, int] = {}
    for place in range(many):
        places[forked(place, among=many, seed=0)] = place
    while places:
        process, status = os.wait()
        place = places.pop(process)
        if os.WIFSIGNALED(status):
            places[forked(place, among=many, seed=process)] = place
        elif status:
            raise SystemExit(f"{process} failed")


def forked(place: int, *, among: int, seed: int) -> int:
    process = os.fork()
    if process:
        print("process", process, flush=True)
        return process
    try:
        print("did", *issue_all(place, among=among, seed=seed), flush=True)
    except Exception as error:  # noqa: BLE001  (the first process says it)
        os.write(2, repr(error).encode())
        os._exit(1)
    os._exit(0)


def issue_all(place: int, *, among: int, seed: int) -> tuple[int, int, int]:
    """Each draft has two issuers. Returns how many were issued, given up, and found issued."""
    chance = Random(f"{seed} {place}")
    issued = failed = refused = 0
    mine = InvoiceDraft.objects.annotate(turn=Mod(F("pk"), among)).filter(turn__in=(place, (place + 1) % among))
    while waiting := list(mine.values_list("pk", flat=True)):
        chance.shuffle(waiting)
        for pk in waiting:
            try:
                with transaction.atomic():
                    issue(InvoiceDraft(pk=pk), by=None, now=timezone.now())
                    if chance.random() < FAILS:
                        raise Failed
                issued += 1
            except Failed:
                failed += 1
            except CannotIssue:
                refused += 1
    return issued, failed, refused
