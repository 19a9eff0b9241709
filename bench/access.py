"""The copy of all that is held about one person among 12 million rows, beside a query and a ZIP written by hand."""

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


def figures(rows: int) -> Iterator[Figure]:
    """`rows` in each of twelve tables; one person has twenty of each, and twenty recordings of three minutes."""
    name = f"sofratel_bench_access_{rows}"
    with postgres.connect(VAR_DIR, "postgres") as server:
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    child = subprocess.run(
        [sys.executable, "-m", "bench.accessing", str(rows)],
        env=os.environ | {"DATABASE_URL": url(name)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    measured = json.loads(child.stdout)
    yield Figure(
        f"copie de {measured['rows']} éléments et de {measured['files']} sons ({measured['megabytes']:.0f} Mo)",
        measured["ours"],
        measured["by_hand"],
        at_most=2,
    )
