from datetime import datetime

from django.db import transaction
from django.db.models import Model

from privacy.ledger import stores
from privacy.ledger.entries import Entry, current_key, hash_of_subject
from privacy.ledger.guard import after, forgotten
from privacy.ledger.marks import move, take
from privacy.ledger.quiet import is_quiet
from privacy.locks import only_one


class LedgerAhead(stores.LedgerError):
    """The database was restored from a backup: nothing is added before the journal was replayed."""

    def __init__(self) -> None:
        super().__init__("La base a été restaurée : rejouez d’abord le journal des effacements (replay_ledger).")


@transaction.atomic
def note(kind: str, subject: Model, *, purpose: str = "", how: str = "", now: datetime) -> None:
    """
    Write the act down, on the disk when this returns. To be called in the transaction that acts, which may still be
    rolled back. `how` is a code. Raises LedgerError, and OSError or the storage's own when it cannot be written.
    """
    if is_quiet():
        return
    only_one("ledger")
    mark = take()
    later = after(mark.number)
    if forgotten(later, newest=mark.transaction):
        raise LedgerAhead
    last = later[-1] if later else mark
    entry = Entry(
        number=last.number + 1,
        at=now.isoformat(),
        kind=kind,
        who=hash_of_subject(kind, subject._meta.model, subject.pk, purpose=purpose, key=current_key()),
        how=how,
        key=current_key(),
        cluster=mark.cluster,
        transaction=mark.transaction,
        previous=last.hash,
    )
    sealed = Entry(**{**entry.__dict__, "hash": entry.seal})
    stores.store().add(sealed.number, sealed.as_line())
    move(sealed)
