"""Tables that the database itself keeps from being rewritten."""

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


def append_only(table: str) -> RunSQL:
    """
    From here on PostgreSQL refuses every UPDATE of `table`, and every DELETE but the purge's.

    The purge says so for its transaction with ``SET LOCAL privacy.purging = 'on'``.
    """
    return RunSQL(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()",
        f"DROP TRIGGER append_only ON {table}",
    )
