"""
Whether the database has forgotten acts that the journal knows: it was restored from a backup.

An entry that the database does not know is no proof of that by itself: its transaction may still be open, or was
rolled back. PostgreSQL knows which. What committed, or belongs to another cluster or to a future that was wound
back, has been forgotten.
"""

import logging
from collections.abc import Iterable
from time import monotonic

from django.db import connection, transaction

from privacy.ledger import stores
from privacy.ledger.entries import Entry, parsed
from privacy.ledger.marks import known, move, take
from privacy.locks import alone, only_one

logger = logging.getLogger(__name__)

CHECKED_EVERY = 5.0  # seconds

ROLLED_BACK, OPEN = "aborted", "in progress"  # PostgreSQL's words
STATUS = """
    SELECT CASE
        WHEN %s <> (SELECT system_identifier::text FROM pg_control_system()) THEN 'elsewhere'
        WHEN %s::bigint > GREATEST(%s::bigint, pg_current_xact_id()::text::bigint) THEN 'future'
        ELSE pg_xact_status(%s::text::xid8) END
"""


class Guard:
    """What a process asks at each request. That all is well is believed for some seconds; the contrary never."""

    def __init__(self) -> None:
        self.open_since: float | None = None

    def is_closed(self) -> bool:
        """A journal that cannot be read closes nothing that was open; a process that never read it stays closed."""
        if self.open_since is not None and monotonic() - self.open_since < CHECKED_EVERY:
            return False
        try:
            behind = is_behind()
        except Exception as error:  # noqa: BLE001  (every storage has errors of its own)
            logger.error("ledger not checked", extra={"error": type(error).__name__})
            behind = self.open_since is None
        self.open_since = None if behind else monotonic()
        return behind


def is_behind() -> bool:
    """Whether the journal must be replayed before anything is served."""
    if stores.store().is_empty():
        return False
    later = {entry: status(entry) for entry in after(known().number)}
    if any(is_lost(state) for state in later.values()):
        mark = known()  # whoever has committed meanwhile moved it before
        return any(is_lost(state) for entry, state in later.items() if entry.number > mark.number)
    if later and set(later.values()) == {ROLLED_BACK}:
        settle()
    return False


def settle() -> None:
    """Step over what was rolled back, while PostgreSQL still remembers that it was. Left alone while others write."""
    with alone("ledger") as nobody_else:
        if nobody_else:
            with transaction.atomic():
                mark = take()
                later = after(mark.number)
                if later and all(status(entry, newest=mark.transaction) == ROLLED_BACK for entry in later):
                    move(later[-1])


@transaction.atomic
def start_afresh() -> None:
    """For a database that was made new and has forgotten nobody: what the journal tells is of another one's people."""
    if not stores.store().is_empty():
        only_one("ledger")
        for entry in after(take().number)[-1:]:
            move(entry)


def after(number: int) -> list[Entry]:
    found = (parsed(line) for line in stores.store().after(number))
    return [entry for entry in found if isinstance(entry, Entry) and entry.number > number]


def forgotten(entries: Iterable[Entry], *, newest: int) -> list[Entry]:
    """Those that once were committed, as far as anybody can tell. `newest`: our own savepoint, later than any other."""
    return [entry for entry in entries if is_lost(status(entry, newest=newest))]


def is_lost(state: str | None) -> bool:
    return state not in (ROLLED_BACK, OPEN)


def status(entry: Entry, *, newest: int = 0) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(STATUS, [entry.cluster, entry.transaction, newest, str(entry.transaction)])
        (found,) = cursor.fetchone()
    return str(found) if found else None
