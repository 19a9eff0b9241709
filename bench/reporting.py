"""Both contenders of `bench.report`, in a process and a database of their own: ``python -m bench.reporting N``."""

import json
import logging
import sys
import time
from datetime import date
from typing import Any

import django

YEAR = 2025
TODAY = date(2026, 1, 20)
RESIDENCES = 240

# What ends all year long, most of it by day, some of it late; three steps each.
FILL = """
    INSERT INTO interventions_landlord (id, name, code, contract_from_on)
        VALUES (1, 'Bailleur', 'bench', '2020-01-01');
    INSERT INTO interventions_residence (id, landlord_id, reference, name, street, postcode, city, sector)
        SELECT n, 1, 'R' || n, 'Résidence ' || n, '1 rue', '59400', 'Cambrai', 'Secteur ' || n %% 12
        FROM generate_series(1, {residences}) AS n;
    INSERT INTO interventions_intervention (id, landlord_id, residence_id, contact_number, problem_code, answers,
            description, suggested_priority, priority, suggested_on_site_by, on_site_by, override_reason, status,
            opened_at, last_event_at, closed_at, version)
        SELECT n, 1, 1 + (n * 7919 %% 1000003) %% {residences}, '', problems.code, '{{}}', '', priority, priority,
            at + interval '4 hours', at + interval '4 hours', '', status, at, at + interval '2 days',
            at + interval '1 hour' * (n %% 200), 1
        FROM generate_series(1, {interventions}::bigint) AS n
        CROSS JOIN LATERAL (SELECT timestamptz '2025-01-02 00:00+01' + interval '1 second' * (n * 104729 %% 30000000)
            AS at) AS opened
        CROSS JOIN LATERAL (SELECT (%(codes)s::text[])[1 + n %% cardinality(%(codes)s::text[])] AS code) AS problems
        CROSS JOIN LATERAL (SELECT (ARRAY['emergency', 'urgent', 'normal', 'normal'])[1 + n %% 4] AS priority) AS kinds
        CROSS JOIN LATERAL (SELECT (ARRAY['closed', 'closed', 'closed', 'closed', 'cancelled', 'refused'])[1 + n %% 6]
            AS status) AS ends;
    INSERT INTO interventions_transition (intervention_id, from_status, to_status, at, reason)
        SELECT i.id, '', step, i.opened_at + after * (i.id %% 90), ''
        FROM interventions_intervention AS i,
            (VALUES ('received', interval '0'), ('on_site', interval '5 minutes'), ('done', interval '2 hours'))
                AS steps (step, after)
        WHERE i.status = 'closed' OR step = 'received';
"""
# What somebody would write who knows this schema, with the indexes that it needs.
INDEXES = """
    CREATE INDEX IF NOT EXISTS bench_year ON interventions_intervention (landlord_id, closed_at)
        INCLUDE (id, problem_code, status, priority, residence_id, opened_at, suggested_on_site_by);
    CREATE INDEX IF NOT EXISTS bench_steps ON interventions_transition (intervention_id, to_status) INCLUDE (at);
"""
BY_HAND = """
    WITH steps AS MATERIALIZED (
        SELECT intervention_id, min(at) FILTER (WHERE to_status <> 'done') AS arrived_at,
            max(at) FILTER (WHERE to_status = 'done') AS done_at
        FROM interventions_transition WHERE to_status IN ('on_site', 'no_access', 'done') GROUP BY 1
    ), facts AS MATERIALIZED (
        SELECT date_trunc('month', i.closed_at AT TIME ZONE 'Europe/Paris')::date AS month, i.problem_code, i.status,
            i.priority, i.residence_id, to_char(i.opened_at AT TIME ZONE 'Europe/Paris', 'ID-HH24') AS hour,
            arrived_at <= i.suggested_on_site_by AS in_time,
            width_bucket(extract(epoch FROM arrived_at - i.opened_at) / 60, %(arrival)s::numeric[]) AS arrival,
            width_bucket(extract(epoch FROM done_at - i.opened_at) / 60, %(finish)s::numeric[]) AS finish
        FROM interventions_intervention AS i LEFT JOIN steps ON steps.intervention_id = i.id
        WHERE i.landlord_id = 1 AND i.closed_at >= '2025-01-01 00:00+01' AND i.closed_at < '2026-01-01 00:00+01'
    )
    SELECT month, problem_code, status, priority, in_time, arrival, finish, hour, residence_id, count(*) FROM facts
    GROUP BY GROUPING SETS ((month, problem_code), (month, status), (month, in_time, priority), (arrival), (finish),
        (hour), (month, residence_id))
"""


def fill(interventions: int) -> float:
    """The first time only, with its figures. Returns the milliseconds it took to count them, then or now."""
    from django.core.management import call_command
    from django.db import connection, transaction

    from interventions.models import Intervention
    from interventions.problems import PROBLEMS
    from interventions.statistics import top_up

    call_command("migrate", verbosity=0)
    if not Intervention.objects.exists():
        print(f"Base d’essai de {interventions} interventions : il faut la remplir.", file=sys.stderr)
        numbers = {"interventions": interventions, "residences": RESIDENCES}
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            for statement in FILL.format(**numbers).split(";"):
                if statement.strip():
                    cursor.execute(statement, {"codes": [problem.code for problem in PROBLEMS]})
    with connection.cursor() as cursor:
        cursor.execute(INDEXES)
        cursor.execute("TRUNCATE interventions_monthlyfigure, interventions_monthlybreakdown")
        cursor.execute("UPDATE interventions_intervention SET counted = false WHERE counted")
        cursor.execute("VACUUM ANALYZE")
    started_at = time.perf_counter()
    top_up()
    milliseconds = (time.perf_counter() - started_at) * 1000
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return milliseconds


def by_hand() -> list[tuple[Any, ...]]:
    from django.db import connection

    from interventions.statistics import ARRIVAL_BOUNDS, FINISH_BOUNDS

    with connection.cursor() as cursor:
        cursor.execute(BY_HAND, {"arrival": list(ARRIVAL_BOUNDS), "finish": list(FINISH_BOUNDS)})
        return cursor.fetchall()


def main(interventions: str) -> None:
    django.setup()
    logging.disable(logging.INFO)
    from django.utils import timezone

    from bench.measuring import beside
    from interventions.annual_reports import as_pdf
    from interventions.models import AnnualReport, Landlord
    from interventions.publication import compute

    counting = fill(int(interventions))
    landlord = Landlord.objects.get()

    def ours() -> Any:
        return compute(landlord, year=YEAR, today=TODAY)

    assert ours().total == sum(row[-1] for row in by_hand() if row[2] is not None), "both counted the same"
    report = AnnualReport(landlord=landlord, year=YEAR, frozen_at=timezone.now(), figures=ours().as_json())
    milliseconds, reference = beside([None] * 3, lambda _: ours(), lambda _: by_hand())
    paper, _ = beside([None], lambda _: as_pdf(report), lambda _: None)
    print(json.dumps({"ours": milliseconds, "by_hand": reference, "paper": paper, "counting": counting}))


if __name__ == "__main__":
    main(sys.argv[1])
