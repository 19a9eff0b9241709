"""Two people at the same instant: two connections, in an order that is sure."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic, sleep

from django.db import connection, transaction

PATIENCE = 20  # seconds


def meanwhile(first: Callable[[], object], second: Callable[[], object]) -> object:
    """
    Run `second` on another connection while the transaction of `first` is open; commit once it waits or has ended.

    Returns what `second` returned or raised.
    """
    with ThreadPoolExecutor(max_workers=1) as thread:
        with transaction.atomic():
            first()
            outcome = thread.submit(tried, second)
            until_it_waits_for_us(outcome)
        return outcome.result(PATIENCE)


def tried(act: Callable[[], object]) -> object:
    try:
        return act()
    except Exception as error:  # noqa: BLE001  (the test tells which one it expected)
        return error
    finally:
        connection.close()


def until_it_waits_for_us(outcome: Future[object]) -> None:
    limit = monotonic() + PATIENCE
    while not outcome.done() and monotonic() < limit:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_locks"
                " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
            )
            if cursor.fetchone() == (True,):
                return
        sleep(0.01)
