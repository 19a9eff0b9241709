"""The journal of erasures: whole before the commit, chained, nameless, and true to what the database really did."""

import contextlib
import json
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from threading import Thread

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts.models import Person
from privacy import consent, ledger, outbox
from privacy.ledger import Guard, stores
from privacy.ledger.entries import Entry, current_key, hash_of_subject
from privacy.ledger.marks import known, take
from privacy.ledger.pruning import prune
from privacy.ledger.replaying import replay
from privacy.models import LedgerMark, Restriction
from privacy.tasks import deliver_message
from sofratel.celery import ReplayedFirst
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


# After a restore ------------------------------------------------------------------------------------------------------


def number_of_an_aborted_transaction():
    taken = []
    with contextlib.suppress(Thrown), transaction.atomic():
        taken.append(take().transaction)
        raise Thrown
    return taken[0]


def lines():
    return list(stores.store().lines())


@pytest.fixture
def restored(db):
    """Somebody was erased, but for the database, and somebody withdrew."""
    gone, other = PersonFactory(family_name="Xylander"), PersonFactory()
    consent.give(other, purpose="surveys", channel="portal", by=None, now=NOW)
    note(PersonFactory())
    note(gone)
    ledger.note(ledger.WITHDRAWAL, other, purpose="surveys", how="phone", now=NOW + timedelta(days=1))
    ledger.note(ledger.RESTRICTION, other, how="accuracy", now=NOW + timedelta(days=2))
    written = [json.loads(line) for line in lines()]
    seal(written, cluster="the one that was lost")
    forget(1)
    return gone, other


def seal(written, **changes):
    """The same journal, by who has the keys."""
    previous = ""
    sealed = []
    for content in written:
        entry = Entry(**content | changes | {"previous": previous, "hash": ""})
        previous = entry.seal
        sealed.append(replace(entry, hash=previous).as_line() + "\n")
    stores.store().path.write_text("".join(sealed))


def test_a_dry_replay_tells_and_changes_nothing(restored):
    gone, other = restored
    assert ledger.is_behind()
    result = replay(lines(), commit=False)
    assert (dict(result.repeated), result.up_to) == ({"erasure": 1, "withdrawal": 1, "restriction": 1}, 4)
    assert Person.objects.filter(pk=gone.pk).exists()
    assert consent.state(other)["surveys"]
    assert ledger.is_behind()


def test_a_replay_does_again_what_comes_after_what_the_database_knows(restored):
    gone, other = restored
    before = lines()
    assert replay(lines(), commit=True).up_to == 4
    assert not Person.objects.filter(pk=gone.pk).exists()
    assert Person.objects.count() == 2, "the first entry was known"
    last = consent.last_word(other, purpose="surveys")
    assert (last.answer, last.channel, last.at) == ("withdrawn", "phone", NOW + timedelta(days=1))
    (restriction,) = Restriction.objects.all()
    assert (restriction.person, restriction.reason, restriction.started_by) == (other, "accuracy", None)
    assert not ledger.is_behind()
    assert lines() == before, "it is not written down once more"
    assert not replay(lines(), commit=True).repeated


def test_an_act_that_was_rolled_back_is_not_done_by_a_replay(restored):
    gone, _ = restored
    last = entries()[-1]
    stranger = PersonFactory()
    with connection.cursor() as cursor:
        cursor.execute("SELECT system_identifier::text FROM pg_control_system()")
        (here,) = cursor.fetchone()
    aborted = number_of_an_aborted_transaction()
    entry = Entry(
        number=last["number"] + 1,
        at=NOW.isoformat(),
        kind="erasure",
        who=hash_of_subject("erasure", Person, stranger.pk, purpose="", key=current_key()),
        how="",
        key=current_key(),
        cluster=here,
        transaction=aborted,
        previous=last["hash"],
    )
    stores.store().add(entry.number, replace(entry, hash=entry.seal).as_line())
    replay(lines(), commit=True)
    assert not Person.objects.filter(pk=gone.pk).exists()
    assert Person.objects.filter(pk=stranger.pk).exists()


@pytest.mark.parametrize(
    "harm",
    [
        lambda written: written[2].update(how="portal"),
        lambda written: written.pop(2),
        lambda written: written.insert(2, written.pop(3)),
        lambda written: written[0].update(who="0" * 64),
    ],
    ids=["edited", "removed", "moved", "another's"],
)
def test_a_journal_that_was_tampered_with_shows_and_is_not_replayed(restored, harm):
    gone, _ = restored
    call_command("verify_ledger", stdout=StringIO())
    written = entries()
    harm(written)
    stores.store().path.write_text("".join(json.dumps(entry) + "\n" for entry in written))
    with pytest.raises(CommandError, match="Entrée"):
        call_command("verify_ledger")
    with pytest.raises(CommandError, match="Entrée"):
        call_command("replay_ledger", stores.store().path, "--commit")
    assert Person.objects.filter(pk=gone.pk).exists()


def test_the_journal_of_another_database_is_not_replayed(restored):
    LedgerMark.objects.update(hash="0" * 64)
    with pytest.raises(ledger.LedgerError, match="n’est pas celle que la base connaît"):
        replay(lines(), commit=True)
    LedgerMark.objects.update(number=9)
    with pytest.raises(ledger.LedgerError, match="n’est pas dans ce journal"):
        replay(lines(), commit=True)


def test_without_the_key_it_was_written_with_nothing_is_replayed(restored, settings):
    settings.LEDGER_KEYS = ["another"]
    with pytest.raises(CommandError, match="LEDGER_KEYS"):
        call_command("replay_ledger")
    with pytest.raises(CommandError, match="aucun-journal"):
        call_command("replay_ledger", "aucun-journal")


# Who asks, and how often ----------------------------------------------------------------------------------------------


def test_the_site_and_its_tasks_wait_for_the_replay(restored, client_factory, monkeypatch):
    monkeypatch.setattr(ReplayedFirst, "_guard", None)
    waiting = outbox.send("account_closed", to="quelquun@exemple.example", now=NOW)
    deliver_message(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.attempts == 0
    browser = client_factory()
    assert browser.get("/").status_code == 503
    replay(lines(), commit=True)
    assert browser.get("/").status_code == 200
    deliver_message(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.attempts == 1 or waiting.given_up_at


@pytest.mark.django_db
def test_most_requests_ask_neither_the_database_nor_the_disk(django_assert_num_queries):
    guard = Guard()
    with django_assert_num_queries(0):
        assert not guard.is_closed(), "there is no journal yet"
    note(PersonFactory())
    guard = Guard()
    assert not guard.is_closed()
    stores.store().path.unlink()
    with django_assert_num_queries(0):
        assert not guard.is_closed()


@pytest.mark.django_db
def test_a_journal_that_cannot_be_read_closes_nothing_that_was_open(monkeypatch, caplog):
    note(PersonFactory())
    open_one, new_one = Guard(), Guard()
    assert not open_one.is_closed()
    monkeypatch.setattr("privacy.ledger.guard.CHECKED_EVERY", 0)
    path = stores.store().path
    path.unlink()
    path.mkdir()
    (path / "x").touch()
    assert not open_one.is_closed()
    assert new_one.is_closed(), "a process that never read it could be serving who was erased"
    assert "ledger not checked" in caplog.text


# Six years ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_after_six_years_entries_go_from_the_oldest_on_and_the_chain_still_holds(store):
    in_six_years = NOW.replace(year=NOW.year + 6)
    for days in (0, 1, 2):
        ledger.note(ledger.ERASURE, PersonFactory(), now=NOW + timedelta(days=days))
    assert prune(now=in_six_years - timedelta(days=1)) == 0
    assert prune(now=in_six_years + timedelta(days=1)) == 2
    assert prune(now=in_six_years + timedelta(days=1)) == 0
    assert [stores.number_in(line) for line in lines()] == [0, 3]
    call_command("verify_ledger", stdout=StringIO())
    note(PersonFactory())
    assert not ledger.is_behind()
    call_command("verify_ledger", stdout=StringIO())
    assert prune(now=in_six_years + timedelta(days=900)) == 1, "the last one stays: the next will follow it"
    assert [stores.number_in(line) for line in lines()] == [0, 4]


@pytest.mark.django_db
def test_a_database_that_is_made_new_has_forgotten_nobody():
    note(PersonFactory())
    written = [json.loads(line) for line in lines()]
    seal(written, cluster="another one's")
    Person.objects.all().delete()
    LedgerMark.objects.all().delete()
    assert ledger.is_behind()
    call_command("load_demo", people=500, months=1, verbosity=0)
    assert not ledger.is_behind()
    assert not replay(lines(), commit=True).repeated
