"""The purge of 700,000 due calls of 1,000,000 with their 2,000,000 entries, beside SQL written by hand for it."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median, quantiles
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier

from bench.database import make, measured, url
from bench.measuring import ROUNDS, Figure
from sofratel.embedded import postgres
from sofratel.embedded.services import VAR_DIR

TEMPLATE, SCRATCH = "sofratel_bench_calls_{calls}", "sofratel_bench_purge"
CONTENDERS = ("ours", "by_hand")
PAUSE = 0.01  # seconds between two calls that the writer takes

# Seven calls of ten ended two years ago, the others this month; two entries each.
FILL = """
    INSERT INTO accounts_user (id, email, password, full_name, role, is_active, date_joined, last_active_at)
        VALUES (1, 'agent@bench.example', '', 'Agent', 'agent', true, now(), now());
    INSERT INTO callcenter_call (id, direction, from_number, to_number, relation, agent_id, started_at, answered_at,
            ended_at, outcome, notice_version, recording_answer, recording_pauses)
        SELECT n, 'inbound', '+33612345678', '+33327000000', '', 1, at, at, at + interval '3 minutes',
            'information', '', '', '[]'
        FROM (SELECT n, now() - CASE WHEN n % 10 < 7 THEN interval '2 years' ELSE interval '20 days' END
                + n * interval '1 second' / 10 AS at FROM generate_series(1, {calls}) AS n) AS calls;
    INSERT INTO callcenter_logentry (call_id, at, author_id, kind, text, justification)
        SELECT id, ended_at, 1, 'note', 'Le locataire demande où en est son dossier, il rappellera demain.', ''
        FROM callcenter_call, generate_series(1, 2);
    SELECT setval(pg_get_serial_sequence('callcenter_call', 'id'), {calls});
    INSERT INTO privacy_purgeapproval (rule, approved_at) VALUES ('interventions:callcenter.call', now());
"""

TAKE_A_CALL = """
    WITH taken AS (
        INSERT INTO callcenter_call (direction, from_number, to_number, relation, agent_id, started_at, ended_at,
                outcome, notice_version, recording_answer, recording_pauses)
            VALUES ('inbound', '+33612345678', '+33327000000', '', 1, now(), now(), 'information', '', '', '[]')
            RETURNING id)
    INSERT INTO callcenter_logentry (call_id, at, author_id, kind, text, justification)
        SELECT id, now(), 1, 'note', 'Le locataire rappellera demain.', '' FROM taken
"""


def figures(calls: int) -> Iterator[Figure]:
    template = TEMPLATE.format(calls=calls)
    make_template(template, calls=calls)
    rounds = [{contender: run(contender, template=template) for contender in CONTENDERS} for _ in range(ROUNDS)]
    last = rounds[-1]
    assert last["ours"]["left"] == last["by_hand"]["left"], "both deleted the same"

    def middle(contender: str, what: str) -> float:
        return median(one[contender][what] for one in rounds)

    yield Figure(
        f"purge de {last['ours']['calls']} appels et de leurs lignes",
        middle("ours", "speed"),
        middle("by_hand", "speed"),
        unit="lignes/s",
        at_least=0.9,
    )
    yield Figure("mémoire de la purge", middle("ours", "megabytes"), unit="Mo", at_most=200)
    yield Figure(
        "écrire pendant la purge, p95", middle("ours", "writer"), middle("by_hand", "writer"), unit="ms", at_most=3
    )


def run(contender: str, *, template: str) -> dict[str, Any]:
    """One purge in a process and a database of its own, and somebody who takes calls beside it."""
    with scratch(template), taking_calls() as milliseconds:
        found = measured("bench.purging", contender, database=SCRATCH)
    return found | {"writer": quantiles(milliseconds, n=20)[-1]}


def make_template(name: str, *, calls: int) -> None:
    """Kept from one run to the next; made again after a migration."""
    make(name)
    migrate = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, env=os.environ | {"DATABASE_URL": url(name)}, check=True)
    with postgres.connect(VAR_DIR, name) as database:
        if not database.execute("SELECT FROM callcenter_call LIMIT 1").fetchall():
            print(f"Base d’essai de {calls} appels : la première fois, il faut la remplir.", file=sys.stderr)
            with database.transaction():
                database.execute(FILL.format(calls=calls))
        database.execute("VACUUM ANALYZE")


@contextmanager
def scratch(template: str) -> Iterator[None]:
    drop = SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(SCRATCH))
    with postgres.connect(VAR_DIR, "postgres") as server:
        server.execute(drop)
        server.execute(
            SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(Identifier(SCRATCH), Identifier(template))
        )
        server.execute("CHECKPOINT")
        try:
            yield
        finally:
            server.execute(drop)


@contextmanager
def taking_calls() -> Iterator[list[float]]:
    """Somebody at the desk: how many milliseconds each call took to be written down."""
    milliseconds: list[float] = []
    enough = threading.Event()

    def take(database: psycopg.Connection) -> None:
        while not enough.wait(PAUSE):
            started_at = time.perf_counter()
            database.execute(TAKE_A_CALL)
            milliseconds.append((time.perf_counter() - started_at) * 1000)

    with postgres.connect(VAR_DIR, SCRATCH) as database:
        writer = threading.Thread(target=take, args=[database])
        writer.start()
        try:
            yield milliseconds
        finally:
            enough.set()
            writer.join()
