"""One contender of `bench.purge`, in a process of its own: ``python -m bench.purging ours``, or ``by_hand``."""

import json
import logging
import resource
import sys
import time

import django

RULE = "interventions:callcenter.call"
BATCH = 10_000
DELETE_A_BATCH = """
    DELETE FROM callcenter_call WHERE id IN (
        SELECT id FROM callcenter_call
        WHERE ended_at < now() - interval '14 months' AND intervention_id IS NULL
        LIMIT %s FOR UPDATE SKIP LOCKED)
"""


def ours() -> None:
    from django.utils import timezone

    from privacy.retention.purge import purge

    purge(now=timezone.now(), commit=True, only=RULE, batch=BATCH)


def by_hand() -> None:
    """What somebody would write who knows this schema: the database deletes the entries by its foreign key."""
    from django.db import connection, transaction

    deleted = BATCH
    while deleted == BATCH:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL privacy.purging = 'on'")
            cursor.execute(DELETE_A_BATCH, [BATCH])
            deleted = cursor.rowcount


def main(contender: str) -> None:
    django.setup()
    logging.disable(logging.INFO)
    from callcenter.models import Call, LogEntry

    old = Call.objects.filter(agent__isnull=False, answered_at__isnull=False)  # without those that are taken meanwhile
    calls, entries = old.count(), LogEntry.objects.filter(call__in=old).count()
    started_at = time.perf_counter()
    {"ours": ours, "by_hand": by_hand}[contender]()
    seconds = time.perf_counter() - started_at
    left = old.count()
    gone = calls - left + entries - LogEntry.objects.filter(call__in=old).count()
    print(
        json.dumps(
            {
                "speed": gone / seconds,
                "seconds": seconds,
                "calls": calls - left,
                "left": left,
                "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
