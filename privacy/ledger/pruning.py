from datetime import datetime

from django.db import transaction

from privacy.ledger import stores
from privacy.ledger.entries import Checkpoint, Entry, current_key, parsed
from privacy.locks import only_one
from privacy.policy import ROWS_BY_KEY
from privacy.retention.due import due_on, paris_day


@transaction.atomic
def prune(*, now: datetime) -> int:
    """Forget the entries whose years are over, from the oldest on; a sealed checkpoint says which the next follows."""
    only_one("ledger")
    store = stores.store()
    read = ((parsed(line), line) for line in store.lines())
    gone: list[tuple[Entry, str]] = []
    kept: list[tuple[int, str]] = []
    for entry, line in read:
        if isinstance(entry, Entry):
            if not kept and is_over(entry, now=now):
                gone.append((entry, line))
            elif not gone:
                return 0  # the oldest is young enough: nothing else need be read
            else:
                kept.append((entry.number, line))
    if gone and not kept:
        newest, line = gone.pop()  # the next one will follow it
        kept.append((newest.number, line))
    if not gone:
        return 0
    last, _ = gone[-1]
    checkpoint = Checkpoint(last.number, last.hash, current_key())
    sealed = Checkpoint(last.number, last.hash, current_key(), checkpoint.right_seal)
    store.keep(sealed.as_line(), kept, [entry.number for entry, _ in gone])
    return len(gone)


def is_over(entry: Entry, *, now: datetime) -> bool:
    return due_on(datetime.fromisoformat(entry.at), ROWS_BY_KEY["erasure_journal"].period) <= paris_day(now)
