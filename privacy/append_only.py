"""Tables that the database itself keeps from being rewritten."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.migrations import RunSQL

FUNCTION = RunSQL(
    """
    CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND current_setting('privacy.purging', true) = 'on' THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    "DROP FUNCTION refuse_rewriting()",
)


# The same, but a column named by the trigger may change while two people's records are merged.
FUNCTION_FOR_MERGING = RunSQL(
    """
    CREATE OR REPLACE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND current_setting('privacy.purging', true) = 'on' THEN
            RETURN OLD;
        END IF;
        IF TG_OP = 'UPDATE' AND TG_NARGS = 1 AND current_setting('privacy.merging', true) = 'on'
            AND to_jsonb(NEW) - TG_ARGV[0] = to_jsonb(OLD) - TG_ARGV[0] THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    RunSQL.noop,
)


# The same, but columns named by the trigger may be emptied while a person or what they point at is deleted.
FUNCTION_FOR_CUTTING = RunSQL(
    """
    CREATE OR REPLACE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        cuts text[] := CASE WHEN TG_NARGS > 1 THEN string_to_array(TG_ARGV[1], ' ') ELSE '{}' END;
    BEGIN
        IF TG_OP = 'DELETE' AND current_setting('privacy.purging', true) = 'on' THEN
            RETURN OLD;
        END IF;
        IF TG_OP = 'UPDATE' AND TG_NARGS > 0 AND current_setting('privacy.merging', true) = 'on'
            AND to_jsonb(NEW) - TG_ARGV[0] = to_jsonb(OLD) - TG_ARGV[0] THEN
            RETURN NEW;
        END IF;
        IF TG_OP = 'UPDATE' AND current_setting('privacy.purging', true) = 'on'
            AND to_jsonb(NEW) - cuts = to_jsonb(OLD) - cuts
            AND jsonb_strip_nulls(to_jsonb(OLD)) @> jsonb_strip_nulls(to_jsonb(NEW)) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    RunSQL.noop,
)


def append_only(table: str, *, moves: str = "", cuts: str = "") -> RunSQL:
    """
    From here on PostgreSQL refuses every UPDATE of `table`, and every DELETE but the purge's.

    The purge says so for its transaction with ``SET LOCAL privacy.purging = 'on'``. The column `moves` follows a
    person who turns out to be another, inside `moving_people`. The columns `cuts` may be emptied where the purge may
    delete.
    """
    arguments = [moves, cuts] if cuts else [moves] if moves else []
    said = ", ".join(f"'{argument}'" for argument in arguments)
    return RunSQL(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION refuse_rewriting({said})",
        f"DROP TRIGGER append_only ON {table}",
    )


def fixed_once(table: str, *, since: str, columns: str) -> RunSQL:
    """From here on PostgreSQL refuses to change these columns of a row whose moment `since` has come."""
    old, new = (", ".join(f"{row}.{column}" for column in columns.split()) for row in ("OLD", "NEW"))
    return RunSQL(
        f"CREATE TRIGGER fixed_once BEFORE UPDATE ON {table} FOR EACH ROW "
        f"WHEN (OLD.{since} IS NOT NULL AND ({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION refuse_rewriting()",
        f"DROP TRIGGER fixed_once ON {table}",
    )


@contextmanager
def moving_people() -> Iterator[None]:
    """In a transaction: append-only rows may pass from one person to another, and change in nothing else."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL privacy.merging = 'on'")
    yield  # an error takes the setting back with the transaction
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL privacy.merging = 'off'")
