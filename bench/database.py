"""Databases of its own beside the demonstration's, kept from one run to the next."""

import json
import os
import subprocess
import sys
from typing import Any

from psycopg.sql import SQL, Identifier

from sofratel.embedded import postgres, sockets
from sofratel.embedded.services import VAR_DIR

PEOPLE = 1_000_000


def use(people: int, *, fresh: bool) -> None:
    """Point Django at it, made first where it is missing. It is filled by `fill`."""
    name = "sofratel_bench" if people == PEOPLE else f"sofratel_bench_{people}"
    if fresh:
        with postgres.connect(VAR_DIR, "postgres") as server:
            server.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
    make(name)
    os.environ["DATABASE_URL"] = url(name)
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"


def make(name: str) -> None:
    """Where it is missing."""
    with postgres.connect(VAR_DIR, "postgres") as server:
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))


def url(name: str) -> str:
    return sockets.database_url(VAR_DIR).removesuffix(sockets.DATABASE) + name


def measured(module: str, argument: str, *, database: str) -> dict[str, Any]:
    """What ``python -m module argument`` prints as JSON, in a process and a database of its own."""
    child = subprocess.run(
        [sys.executable, "-m", module, argument],
        env=os.environ | {"DATABASE_URL": url(database)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(child.stdout)
    return found


def fill(people: int) -> None:
    from django.core.management import call_command
    from django.db import connection

    from accounts.models import Person

    call_command("migrate", verbosity=0)
    if not Person.objects.exists():
        print(f"Base d’essai de {people} personnes : la première fois, il faut la remplir.", file=sys.stderr)
        call_command("load_demo", people=people)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
