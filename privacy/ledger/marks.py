"""How far the database knows the journal: one row, changed in the transaction of each act."""

from dataclasses import dataclass

from django.db import connection

from privacy.ledger.entries import Entry
from privacy.models import LedgerMark

# The number of this transaction, or of the savepoint we are in, is that of whoever wrote the row last: us.
TAKE = """
    INSERT INTO privacy_ledgermark AS mark (id, number, hash) VALUES (1, 0, '')
    ON CONFLICT (id) DO UPDATE SET number = mark.number
    RETURNING number, hash, xmin::text::bigint, pg_current_xact_id()::text::bigint,
        (SELECT system_identifier::text FROM pg_control_system())
"""
WRAP = 2**32


@dataclass(frozen=True)
class Mark:
    number: int
    hash: str
    cluster: str = ""
    transaction: int = 0


def known() -> Mark:
    found = LedgerMark.objects.first()
    return Mark(found.number, found.hash) if found else Mark(0, "")


def take() -> Mark:
    """The same, with what PostgreSQL calls this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE)
        number, digest, short, whole, cluster = cursor.fetchone()
    number_of_transaction = whole - whole % WRAP + short
    if number_of_transaction < whole:
        number_of_transaction += WRAP
    return Mark(number, digest, cluster, number_of_transaction)


def move(to: Entry) -> None:
    LedgerMark.objects.update_or_create(pk=1, defaults={"number": to.number, "hash": to.hash})
