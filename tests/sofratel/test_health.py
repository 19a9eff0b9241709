import json

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from privacy import ledger
from privacy.ledger import stores
from privacy.models import LedgerMark
from tests.factories import NOW, PersonFactory

pytestmark = pytest.mark.django_db


def test_says_that_all_is_well_to_anybody(client):
    response = client.get("/sante/")
    assert response.status_code == 200
    assert response.json() == {"database": True, "broker": True, "migrated": True, "replayed": True, "purge": "ok"}
    assert "no-store" in response["Cache-Control"]


def test_a_pending_migration_makes_it_503(client):
    MigrationRecorder(connection).record_unapplied("sessions", "0001_initial")
    response = client.get("/sante/")
    assert response.status_code == 503
    assert response.json() == {
        "database": True,
        "broker": True,
        "migrated": False,
        "replayed": True,
        "purge": "unknown",
    }


def test_an_unreachable_broker_makes_it_503(client, monkeypatch, tmp_path):
    monkeypatch.setenv("CELERY_BROKER_URL", f"redis+socket://{tmp_path}/nobody-listens.sock")
    response = client.get("/sante/")
    assert response.status_code == 503
    assert response.json() == {
        "database": True,
        "broker": False,
        "migrated": True,
        "replayed": True,
        "purge": "unknown",
    }


def test_a_failing_database_makes_it_503(client):
    def fail(*_):
        raise OperationalError("no space left on device")

    with connection.execute_wrapper(fail):
        response = client.get("/sante/")
    assert response.status_code == 503
    assert response.json() == {
        "database": False,
        "broker": True,
        "migrated": False,
        "replayed": False,
        "purge": "unknown",
    }


def test_a_restored_database_makes_it_503_until_the_journal_was_replayed(client):
    ledger.note(ledger.ERASURE, PersonFactory(), now=NOW)
    assert client.get("/sante/").status_code == 200
    LedgerMark.objects.all().delete()
    (line,) = stores.store().lines()
    stores.store().path.write_text(json.dumps(json.loads(line) | {"cluster": "of the backup"}) + "\n")
    response = client.get("/sante/")
    assert response.status_code == 503
    assert response.json()["replayed"] is False


def test_changes_nothing(client):
    assert client.post("/sante/").status_code == 405
