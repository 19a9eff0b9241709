"""
The journal of erasures, withdrawals, restrictions, objections and closed accounts, outside the database: what a
restored backup has forgotten is done again from it, and until then nothing is served.

Every act is on the disk before its transaction commits, so that none can be missing. Who it was about is a keyed hash,
another one for each kind of act; nothing personal is in it.
"""

from privacy.ledger.guard import Guard, is_behind, start_afresh
from privacy.ledger.kinds import CLOSING, ERASURE, LIFTING, OBJECTION, RESTRICTION, TEXT, WITHDRAWAL, on_replay
from privacy.ledger.stores import LedgerError
from privacy.ledger.writing import LedgerAhead, note

__all__ = [
    "CLOSING",
    "ERASURE",
    "LIFTING",
    "OBJECTION",
    "RESTRICTION",
    "TEXT",
    "WITHDRAWAL",
    "Guard",
    "LedgerAhead",
    "LedgerError",
    "is_behind",
    "note",
    "on_replay",
    "start_afresh",
]
