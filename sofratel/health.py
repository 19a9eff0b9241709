from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from privacy.ledger import LedgerError, is_behind
from privacy.retention.watch import tell_if_late
from sofratel.celery import app


@login_not_required
@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """
    200 when the site can work, 503 when it cannot. Public: it tells nothing else.

    A late purge is told, and does not take the site down: what is due cannot be read anyway.
    """
    database = database_answers()
    state = {
        "database": database,
        "broker": broker_answers(),
        "migrated": database and migrations_are_applied(),
        "replayed": database and is_replayed(),
    }
    works = all(state.values())
    late = works and tell_if_late(now=timezone.now())
    return JsonResponse(
        {**state, "purge": "late" if late else "ok" if works else "unknown"}, status=200 if works else 503
    )


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def is_replayed() -> bool:
    """False after a restore, until the journal of erasures was replayed."""
    try:
        return not is_behind()
    except (DatabaseError, OSError, LedgerError):
        return False


def migrations_are_applied() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def broker_answers() -> bool:
    with app.connection_for_write() as broker:
        try:
            broker.ensure_connection(max_retries=1, timeout=2)
        except OperationalError:
            return False
    return True
