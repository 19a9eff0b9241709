"""The annual report over a million interventions of one landlord's, beside one query by hand with covering indexes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

from psycopg.sql import SQL, Identifier

from bench.measuring import Figure
from bench.purge import url
from sofratel.embedded import postgres
from sofratel.embedded.services import VAR_DIR


def figures(interventions: int) -> Iterator[Figure]:
    name = f"sofratel_bench_report_{interventions}"
    with postgres.connect(VAR_DIR, "postgres") as server:
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    child = subprocess.run(
        [sys.executable, "-m", "bench.reporting", str(interventions)],
        env=os.environ | {"DATABASE_URL": url(name)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    measured = json.loads(child.stdout)
    yield Figure(
        f"rapport annuel de {interventions} interventions, ses tableaux",
        measured["ours"],
        measured["by_hand"],
        at_most=1.3,
    )
    yield Figure("le même sur papier (PDF)", measured["paper"])
    yield Figure("compter toutes ces interventions, la première fois", measured["counting"] / 1000, unit="s")
