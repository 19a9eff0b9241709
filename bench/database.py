"""A database of its own beside the demonstration's, kept from one run to the next."""

import os
import sys

from psycopg.sql import SQL, Identifier

from sofratel.embedded import postgres, sockets
from sofratel.embedded.services import VAR_DIR

PEOPLE = 1_000_000


def use(people: int, *, fresh: bool) -> None:
    """Point Django at it, made first where it is missing. It is filled by `fill`."""
    name = "sofratel_bench" if people == PEOPLE else f"sofratel_bench_{people}"
    with postgres.connect(VAR_DIR, "postgres") as server:
        if fresh:
            server.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    os.environ["DATABASE_URL"] = sockets.database_url(VAR_DIR).removesuffix(sockets.DATABASE) + name
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"


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
