"""Advisory locks of PostgreSQL: they last as long as their transaction or connection, whatever kills the process."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


def number_of(name: str) -> int:
    return zlib.crc32(f"sofratel:{name}".encode())


def only_one(name: str) -> None:
    """Until the end of this transaction, nobody else is where the name is locked; wait for whoever is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number_of(name)])


@contextmanager
def alone(name: str) -> Iterator[bool]:
    """True when no other process holds the name. Does not wait."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number_of(name)])
        (got_it,) = cursor.fetchone()
    try:
        yield got_it
    finally:
        if got_it:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [number_of(name)])
