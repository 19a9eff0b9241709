"""The database itself keeps the staff journal, the steps of an intervention and the main courante as they are."""

import pytest
from django.db import IntegrityError, connection, transaction

from privacy import consent, journal
from tests.factories import NOW, LogEntryFactory, PersonFactory, ShiftFactory, TransitionFactory, UserFactory

pytestmark = pytest.mark.django_db

ROWS = {
    "interventions_transition": (TransitionFactory, "reason"),
    "callcenter_logentry": (lambda: LogEntryFactory(shift=ShiftFactory()), "text"),
    "privacy_journalblock": (
        lambda: (journal.record(PersonFactory(), action="seen", by=None, now=NOW), journal.seal(now=NOW)),
        "hash",
    ),
    "privacy_consentevent": (
        lambda: consent.give(PersonFactory(), purpose="surveys", channel="letter", by=None, now=NOW),
        "answer",
    ),
    "privacy_journalentry": (
        lambda: journal.record(PersonFactory(), action="seen", by=UserFactory(), now=NOW),
        "action",
    ),
}


@pytest.fixture(params=sorted(ROWS))
def table(request):
    make, _ = ROWS[request.param]
    make()
    return request.param


def run(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.rowcount


def count(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]


def test_an_update_is_refused(table):
    _, column = ROWS[table]
    with pytest.raises(IntegrityError, match=f"{table} is append-only"), transaction.atomic():
        run(f"UPDATE {table} SET {column} = 'x'")


def test_a_delete_is_refused(table):
    with pytest.raises(IntegrityError, match=f"{table} is append-only"), transaction.atomic():
        run(f"DELETE FROM {table}")
    assert count(table) == 1


def test_the_purge_may_delete(table):
    with transaction.atomic():
        run("SET LOCAL privacy.purging = 'on'")
        assert run(f"DELETE FROM {table}") == 1
    assert count(table) == 0


def test_not_even_the_purge_may_update(table):
    _, column = ROWS[table]
    run("SET LOCAL privacy.purging = 'on'")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        run(f"UPDATE {table} SET {column} = 'x'")


@pytest.mark.django_db(transaction=True)
def test_the_leave_to_delete_ends_with_its_transaction(table):
    with transaction.atomic():
        run("SET LOCAL privacy.purging = 'on'")
    with pytest.raises(IntegrityError, match="append-only"):
        run(f"DELETE FROM {table}")
