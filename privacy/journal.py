"""
Who of the staff read, made, changed or deleted which record, when and why: opaque ids only, for twelve months.

Telling the journal costs one INSERT. Every minute `seal` links what came since into a chain of hashes, so that an
entry edited, removed, inserted or moved afterwards shows.
"""

import csv
import json
import logging
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import cache
from ipaddress import ip_address, ip_network
from itertools import groupby
from typing import Any

from django.apps import apps
from django.contrib.auth.models import AbstractBaseUser
from django.db import OperationalError, connection, transaction
from django.db.models import Max, Model, QuerySet

from privacy import chain
from privacy.locks import only_one
from privacy.models import JournalBlock, JournalEntry
from privacy.policy import ROWS_BY_KEY
from privacy.retention.due import paris_day

logger = logging.getLogger(__name__)

IDENTIFIER = re.compile(r"[a-z][a-z0-9_.:]{0,99}")
LONGEST_WAIT = "500ms"  # of a seal for those who are writing; else it leaves them to the next minute

# Every page of the desk tells what it showed, so this is one statement and no transaction around it.
READS = """
    INSERT INTO privacy_journalentry (at, actor_id, action, model, object_id, details)
    SELECT %(at)s, %(actor)s, 'read', shown.model, shown.id, %(details)s
    FROM unnest(%(models)s::text[], %(ids)s::bigint[]) AS shown (model, id)
"""


class PersonalText(Exception):
    """Text was about to enter the journal: it takes ids, counts, and names of fields and models. Names the key only."""


def record(
    subject: Model,
    *,
    action: str,
    by: AbstractBaseUser | None,
    now: datetime,
    network: str | None = None,
    **details: Any,
) -> JournalEntry:
    """Tell the journal that `by` did `action` to `subject`. `details` are ids and counts, never values."""
    entry = entry_of(subject._meta.model, subject.pk, action=action, by=by, now=now, details=details)
    entry.network = network
    entry.save(force_insert=True)
    return entry


def record_of_none(
    model: type[Model],
    *,
    action: str,
    by: AbstractBaseUser | None,
    now: datetime,
    network: str | None = None,
    **details: Any,
) -> JournalEntry:
    """An act on no row in particular: a search, an export, a sign-in that failed."""
    entry = entry_of(model, None, action=action, by=by, now=now, details=details)
    entry.network = network
    entry.save(force_insert=True)
    return entry


def record_reads(subjects: Iterable[Model | None], *, by: AbstractBaseUser, now: datetime, **details: Any) -> None:
    """Tell, in one INSERT, that a page showed these records. None and doubles are left out."""
    shown = dict.fromkeys(subject for subject in subjects if subject is not None)
    if not shown:
        return
    refuse_text(details)
    with connection.cursor() as cursor:
        cursor.execute(
            READS,
            {
                "at": now,
                "actor": by.pk,
                "details": json.dumps(details),
                "models": [each._meta.label for each in shown],
                "ids": [each.pk for each in shown],
            },
        )


def entry_of(
    model: type[Model],
    pk: int | None,
    *,
    action: str,
    by: AbstractBaseUser | None,
    now: datetime,
    details: dict[str, Any],
) -> JournalEntry:
    refuse_text(details)
    return JournalEntry(
        at=now, actor_id=by.pk if by else None, action=action, model=model._meta.label, object_id=pk, details=details
    )


def refuse_text(details: dict[str, Any]) -> None:
    for key, value in details.items():
        if not is_opaque(value):
            raise PersonalText(key)


def is_opaque(value: Any) -> bool:
    """Whether the value can name nobody: a number, a truth, an identifier of the code, or these in lists."""
    match value:
        case None | bool() | int():
            return True
        case str():
            return IDENTIFIER.fullmatch(without_label(value)) is not None
        case list() | tuple():
            return all(is_opaque(each) for each in value)
        case dict():
            return all(is_opaque(each) for pair in value.items() for each in pair)
    return False


def without_label(text: str) -> str:
    """``accounts.Phone.person`` with the model's name, which holds capitals, as ``accounts.phone.person``."""
    app, _, rest = text.partition(".")
    name, _, field = rest.partition(".")
    return f"{app}.{name.lower()}.{field}" if f"{app}.{name}" in labels() else text


@cache
def labels() -> frozenset[str]:
    return frozenset(model._meta.label for model in apps.get_models(include_auto_created=True))


def truncated(address: str | None) -> str | None:
    """An IP address without what tells one household from the next: /24, or /48 for IPv6."""
    if not address:
        return None
    try:
        length = 24 if ip_address(address).version == 4 else 48
    except ValueError:
        return None
    return str(ip_network(f"{address}/{length}", strict=False).network_address)


# Handing out ----------------------------------------------------------------------------------------------------------

COLUMNS = ("id", "at", "actor_id", "action", "model", "object_id", "details", "network")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(entries: QuerySet[JournalEntry]) -> Iterator[str]:
    """Line by line. No cell is read as a formula by a spreadsheet."""
    line = csv.writer(Echo())
    yield line.writerow(COLUMNS)
    for entry in entries.iterator():
        yield line.writerow([cell(getattr(entry, name)) for name in COLUMNS])


class Echo:
    """A file that gives each line back instead of keeping it."""

    def write(self, text: str) -> str:
        return text


def cell(value: Any) -> str:
    text = "" if value is None else json.dumps(value) if isinstance(value, dict) else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


# Sealing --------------------------------------------------------------------------------------------------------------


@transaction.atomic
def seal(*, now: datetime) -> list[JournalBlock]:
    """
    Link all entries that are not sealed yet, a block for each of their days.

    When somebody writes for longer than LONGEST_WAIT it seals nothing: the next minute will.
    """
    only_one("journal")
    last = JournalBlock.objects.order_by("-pk").first()
    after = last.up_to if last else 0
    up_to = last_complete()
    if up_to is None or up_to <= after:
        return []
    entries = JournalEntry.objects.filter(pk__gt=after, pk__lte=up_to)
    blocks = [
        chain.append(
            JournalBlock(
                day=day, after=after, up_to=up_to, entries=len(hashes), entries_hash=chain.digest(hashes), sealed_at=now
            )
        )
        for day, hashes in sorted(hashes_by_day(entries).items())
    ]
    for block in blocks:
        # Outside the database too: who cut the chain's end off would have to edit the logs as well.
        logger.info("journal sealed", extra={"block": block.pk, "hash": block.hash})
    return blocks


def last_complete() -> int | None:
    """
    The number up to which every entry is there to be seen: a number given out before may else be written after.

    For an instant nobody writes. None when somebody took too long.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LONGEST_WAIT}'")
            cursor.execute("LOCK TABLE privacy_journalentry IN SHARE MODE")
            last: int | None = JournalEntry.objects.aggregate(last=Max("pk"))["last"]
            raise Unlocked(last)
    except Unlocked as found:
        return found.last
    except OperationalError:
        return None


class Unlocked(Exception):
    """Gives the lock back with its savepoint, and tells what was read under it."""

    def __init__(self, last: int | None) -> None:
        self.last = last


def hashes_by_day(entries: QuerySet[JournalEntry]) -> dict[date, list[str]]:
    found: dict[date, list[str]] = {}
    for entry in entries.order_by("pk").iterator():
        found.setdefault(paris_day(entry.at), []).append(chain.digest(entry.sealed()))
    return found


# Verifying ------------------------------------------------------------------------------------------------------------


def broken_seals(*, now: datetime) -> Iterator[str]:
    """
    What is wrong with the journal, a line each, in French. Days old enough to be purged are checked no more.

    Entries and blocks are read once, side by side: several blocks share one range of numbers around midnight.
    """
    yield from chain.broken_links(JournalBlock)
    entries = iter(JournalEntry.objects.order_by("pk").iterator())
    entry = next(entries, None)
    for (after, up_to), blocks in groupby(JournalBlock.objects.order_by("pk").iterator(), key=range_of):
        found: dict[date, list[str]] = {}
        while entry is not None and entry.pk <= up_to:
            if entry.pk <= after:
                yield f"Entrée {entry.pk} : elle n’a jamais été scellée, les suivantes le sont (insérée)."
            else:
                found.setdefault(paris_day(entry.at), []).append(chain.digest(entry.sealed()))
            entry = next(entries, None)
        for block in blocks:
            hashes = found.pop(block.day, [])
            if is_over(block.day, now=now) or block.entries_hash == chain.digest(hashes):
                continue
            if len(hashes) == block.entries:
                yield f"Bloc {block.pk} : une entrée a changé, ou deux ont été échangées."
            else:
                yield f"Bloc {block.pk} : {block.entries} entrées scellées, {len(hashes)} présentes."
        for day in found:
            yield f"Entrées {after + 1} à {up_to} : aucune n’a été scellée le {day:%d/%m/%Y} (insérée)."


def range_of(block: JournalBlock) -> tuple[int, int]:
    return block.after, block.up_to


def is_over(day: date, *, now: datetime) -> bool:
    """Whether the purge may have taken the entries of that day."""
    return day + ROWS_BY_KEY["staff_journal"].period.length <= paris_day(now)
