"""The journal of erasures: whole before the commit, chained, nameless, and true to what the database really did."""

import json
from threading import Thread

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import connection, transaction

from privacy import ledger
from privacy.ledger import stores
from privacy.ledger.marks import known
from privacy.models import LedgerMark
from tests.concurrency import meanwhile
from tests.factories import NOW, PersonFactory


class Thrown(Exception):
    pass


class Bucket(FileSystemStorage):
    """Objects by their names, as in S3."""


def note(person):
    ledger.note(ledger.ERASURE, person, now=NOW)


def fail_after_noting(person):
    with transaction.atomic():
        note(person)
        raise Thrown


def entries():
    return [json.loads(line) for line in stores.store().lines()]


def forget(number):
    """The database as a backup made after this entry would restore it."""
    LedgerMark.objects.filter(pk=1).update(
        number=number, hash=next((entry["hash"] for entry in entries() if entry["number"] == number), "")
    )


@pytest.fixture(params=["folder", "objects"])
def store(request, settings, tmp_path):
    if request.param == "objects":
        settings.STORAGES = {
            **settings.STORAGES,
            "ledger": {
                "BACKEND": "django.core.files.storage.FileSystemStorage",
                "OPTIONS": {"location": tmp_path / "b"},
            },
        }
    return stores.store()


@pytest.mark.django_db
def test_entries_are_numbered_chained_and_nameless(store):
    person = PersonFactory(family_name="Xylander")
    note(person)
    ledger.note(ledger.WITHDRAWAL, person, purpose="marketing", how="portal", now=NOW)
    first, second = entries()
    assert (first["number"], second["number"]) == (1, 2)
    assert second["previous"] == first["hash"] != ""
    assert (second["kind"], second["how"], second["at"]) == ("withdrawal", "portal", NOW.isoformat())
    assert first["who"] != second["who"], "two entries about one person cannot be joined"
    assert "Xylander" not in str(entries())
    assert "marketing" not in str(entries())
    assert known().number == 2
    assert known().hash == second["hash"]
    assert not ledger.is_behind()


@pytest.mark.django_db(transaction=True)
def test_an_act_that_was_rolled_back_is_stepped_over(store):
    person = PersonFactory()
    with pytest.raises(Thrown):
        fail_after_noting(person)
    assert (len(entries()), known().number) == (1, 0), "written before the commit that never came"
    assert not ledger.is_behind()
    assert known().number == 1, "once and for all, for PostgreSQL forgets old transactions"
    note(person)
    assert [entry["number"] for entry in entries()] == [1, 2]
    assert not ledger.is_behind()


@pytest.mark.django_db(transaction=True)
def test_a_savepoint_that_was_rolled_back_in_a_transaction_that_commits(store):
    person = PersonFactory()
    with transaction.atomic():
        with pytest.raises(Thrown):
            fail_after_noting(person)
        note(person)
        with pytest.raises(Thrown):
            fail_after_noting(person)
    assert (len(entries()), known().number) == (3, 2)
    assert not ledger.is_behind()


@pytest.mark.django_db(transaction=True)
def test_a_database_that_has_forgotten_an_act_is_behind(store):
    note(PersonFactory())
    note(PersonFactory())
    assert not ledger.is_behind()
    forget(1)
    assert ledger.is_behind()
    with pytest.raises(ledger.LedgerAhead), transaction.atomic():
        note(PersonFactory())
    assert len(entries()) == 2
    LedgerMark.objects.all().delete()
    assert ledger.is_behind(), "an old backup knew of no journal"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("elsewhere", [{"cluster": "1"}, {"transaction": 2**40}], ids=["cluster", "future"])
def test_what_no_one_can_say_was_rolled_back_counts_as_forgotten(elsewhere):
    with pytest.raises(Thrown):
        fail_after_noting(PersonFactory())
    (entry,) = entries()
    stores.store().path.write_text(json.dumps(entry | elsewhere) + "\n")
    assert ledger.is_behind()


@pytest.mark.django_db(transaction=True)
def test_an_act_that_is_not_yet_committed_takes_nothing_down(store):
    person = PersonFactory()
    seen = []

    def look():
        try:
            seen.append((len(entries()), known().number, ledger.is_behind()))
        finally:
            connection.close()

    with transaction.atomic():
        note(person)
        looker = Thread(target=look)
        looker.start()
        looker.join()
    assert seen == [(1, 0, False)]
    assert not ledger.is_behind()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_wait_for_each_other(store):
    one, two = PersonFactory(), PersonFactory()
    meanwhile(lambda: note(one), lambda: note(two))
    first, second = entries()
    assert second["previous"] == first["hash"]
    assert known().number == 2


@pytest.mark.django_db
def test_half_a_line_of_a_power_cut_is_stepped_over():
    note(PersonFactory())
    path = stores.store().path
    path.write_text(path.read_text() + '{"number": 2, "at": "20')
    assert not ledger.is_behind()
    note(PersonFactory())
    lines = path.read_text().splitlines()
    assert [json.loads(lines[0])["number"], json.loads(lines[2])["number"]] == [1, 2]
    assert not ledger.is_behind()


@pytest.mark.django_db
def test_the_end_is_found_without_reading_the_whole(monkeypatch):
    monkeypatch.setattr(stores, "BLOCK", 700)
    for _ in range(6):
        note(PersonFactory())
    store = stores.store()
    assert [stores.number_in(line) for line in store.after(4)] == [5, 6]
    assert [stores.number_in(line) for line in store.after(0)] == [1, 2, 3, 4, 5, 6]
    assert store.after(6) == []


@pytest.mark.django_db
def test_an_act_that_cannot_be_written_down_does_not_happen(settings, tmp_path):
    (tmp_path / "file").write_text("")
    settings.LEDGER_ROOT = tmp_path / "file"
    with pytest.raises(NotADirectoryError), transaction.atomic():
        note(PersonFactory())
    assert known().number == 0


@pytest.mark.django_db
def test_a_new_key_writes_and_the_old_one_still_reads(settings):
    person = PersonFactory()
    note(person)
    settings.LEDGER_KEYS = ["a new key", *settings.LEDGER_KEYS]
    settings.SECRET_KEY = "another"
    note(person)
    first, second = entries()
    assert first["key"] != second["key"]
    assert first["who"] != second["who"]
