"""
The purge dies at any moment, as by a power cut: the next one ends what it began, and its receipts add up. So does an
erasure: the clock goes on with it.
"""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Person, Phone
from callcenter.models import Call, LogEntry, Recording
from privacy.ledger import stores
from privacy.locks import only_one
from privacy.models import Erasure, FileRemoval, PurgeRun, Receipt
from privacy.retention.purge import AlreadyRunning, purge
from privacy.retention.receipts import broken_links
from privacy.rights import erasure
from sofratel.embedded import sockets
from sofratel.embedded.services import VAR_DIR
from tests.factories import UserFactory

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60  # seconds
MODELS = (Person, Phone, Call, LogEntry, Recording)
OLD, YOUNG = "2 years", "20 days"

# A caller with a telephone, a call and two entries: five rows a call, and some have been recorded.
MAKE = """
    WITH people AS (
        INSERT INTO accounts_person (title, family_name, given_name, email, language, assistance, created_at)
            SELECT '', 'Personne', '', '', 'fr', '{{}}', now() - interval '{age}' FROM generate_series(1, {count})
            RETURNING id),
    phones AS (
        INSERT INTO accounts_phone (person_id, number, kind) SELECT id, '+336' || lpad(id::text, 8, '0'), 'mobile'
            FROM people),
    calls AS (
        INSERT INTO callcenter_call (direction, from_number, to_number, relation, caller_id, started_at, ended_at,
                outcome, notice_version, recording_answer, recording_answered_at, recording_pauses)
            SELECT 'inbound', '', '', '', id, now() - interval '{age}', now() - interval '{age}',
                'information', '', 'accepted', now() - interval '{age}', '[]' FROM people
            RETURNING id, ended_at),
    entries AS (
        INSERT INTO callcenter_logentry (call_id, at, author_id, kind, text, justification)
            SELECT id, ended_at, {author}, 'note', 'Rappellera demain.', '' FROM calls, generate_series(1, 2))
    INSERT INTO callcenter_recording (call_id, file, ended_at, stored_at, content_type, size, sha256, pauses)
        SELECT id, 'recordings/' || id, ended_at, ended_at, 'audio/wav', 1, '', '[]' FROM calls LIMIT {recorded}
        RETURNING file
"""


def make(age, *, records, author, folder):
    count = records // 5
    with connection.cursor() as cursor:
        cursor.execute(MAKE.format(age=age, count=count, recorded=max(1, count // 50), author=author.pk))
        for (path,) in cursor.fetchall():
            (folder / path).write_bytes(b"x")


def ids():
    return {model: set(model._base_manager.values_list("pk", flat=True)) for model in MODELS}


def start(*command, **environment):
    """`manage.py` with the database of the tests."""
    url = sockets.database_url(VAR_DIR).removesuffix(sockets.DATABASE) + connection.settings_dict["NAME"]
    of_the_tests = {"DATABASE_URL": url, "SOFRATEL_MODE": "test", "DJANGO_SETTINGS_MODULE": "tests.settings"}
    return subprocess.Popen(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=os.environ | of_the_tests | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def wait_until(begun, process):
    give_up_at = time.monotonic() + PATIENCE
    while not begun():
        assert process.poll() is None, process.stderr.read().decode()
        assert time.monotonic() < give_up_at
        time.sleep(0.002)


def start_purging(folder):
    """As cron starts it; returns once it has begun to delete."""
    runs = PurgeRun.objects.count()
    process = start("purge_expired", "--commit", "--json", MEDIA_ROOT=str(folder), PURGE_ALARM_SHARE="1")
    wait_until(lambda: PurgeRun.objects.count() > runs, process)
    return process


def purge_once_the_dead_one_is_gone():
    """Its connection, and with it its lock, lives until the server notices."""
    give_up_at = time.monotonic() + PATIENCE
    while time.monotonic() < give_up_at:
        with suppress(AlreadyRunning):
            return purge(now=timezone.now(), commit=True)
        time.sleep(0.05)
    raise AssertionError("the dead purge still holds its lock")


def told_by_receipts():
    told = Counter()
    for content in Receipt.objects.values_list("content", flat=True):
        told.update(content["counts"])
    return told


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("kills", "records"),
    [(10, 10_000), pytest.param(100, 50_000, marks=pytest.mark.slow)],
    ids=["10 kills", "100 kills"],
)
def test_killed_at_random_moments(kills, records, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.PURGE_ALARM = {"share": 1, "rows": 1000}
    (tmp_path / "recordings").mkdir()
    author, chance = UserFactory(), Random(20250102)
    make(YOUNG, records=records // 10, author=author, folder=tmp_path)
    young, made = ids(), Counter()
    interrupted = 0
    longest = 2.0  # seconds that a purge takes here, at first a guess
    for _ in range(kills):
        make(OLD, records=records, author=author, folder=tmp_path)
        made.update({model._meta.label: len(rows - young[model]) for model, rows in ids().items()})
        process = start_purging(tmp_path)
        began = time.monotonic()
        with suppress(subprocess.TimeoutExpired):
            process.wait(chance.uniform(0, longest))
            longest = max(0.05, time.monotonic() - began)
        process.send_signal(signal.SIGKILL)
        interrupted += process.wait() == -signal.SIGKILL
        process.communicate()

        purge_once_the_dead_one_is_gone()
        assert ids() == young, "nothing overdue, nothing early, no row without its parent"
        on_disk = {f"recordings/{path.name}" for path in (tmp_path / "recordings").iterdir()}
        assert on_disk == set(Recording.objects.values_list("file", flat=True)), (
            "no file without a row, nor the reverse"
        )
        assert not FileRemoval.objects.exists()
        told = told_by_receipts()
        assert {label: told[label] for label in made} == dict(made), "the receipts add up"
        assert broken_links() == []
    assert interrupted >= kills // 3
    assert not PurgeRun.objects.filter(finished_at=None).exists()


def somebody_waits_for_the_ledger():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return cursor.fetchone()[0] > 0


@pytest.mark.django_db(transaction=True)
def test_an_erasure_that_was_killed_goes_on_and_ends(media, ledger):
    (media / "recordings").mkdir(parents=True)
    make(YOUNG, records=10, author=UserFactory(), folder=media)
    person, other = Person.objects.order_by("pk")
    before = ids()
    with transaction.atomic():
        only_one("ledger")  # which an erasure asks for when all rows are deleted, before it commits
        process = start("erase_person", str(person.pk), "--commit", MEDIA_ROOT=str(media), LEDGER_ROOT=str(ledger))
        wait_until(somebody_waits_for_the_ledger, process)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
    assert Erasure.objects.get().subjects == [person.pk], "it had begun"
    assert ids() == before, "and had done nothing by halves"
    assert list(stores.store().lines()) == []

    assert erasure.go_on_all(now=timezone.now()) == 1
    assert Erasure.objects.get().subjects == []
    assert list(Person.objects.all()) == [other]
    assert {call.caller for call in Call.objects.all()} == {other}
    assert LogEntry.objects.count() == 2
    assert not FileRemoval.objects.exists()
    assert {f"recordings/{path.name}" for path in (media / "recordings").iterdir()} == set(
        Recording.objects.values_list("file", flat=True)
    )
    assert len(list(stores.store().lines())) == 1
    assert erasure.go_on_all(now=timezone.now()) == 0
