import logging
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from privacy.models import Receipt
from privacy.registry import registry
from privacy.retention import watch
from privacy.retention.purge import purge
from privacy.tasks import watch_purge

pytestmark = pytest.mark.django_db

TWO_HOURS = timedelta(hours=2)
A_MOMENT = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def nothing_said_yet():
    cache.delete("purge-is-late")
    yield
    cache.delete("purge-is-late")


def installed_long_ago(monkeypatch):
    monkeypatch.setattr(watch, "installed_at", lambda: timezone.now() - timedelta(days=30))


def test_two_hours_without_a_run_is_late(monkeypatch):
    installed_long_ago(monkeypatch)
    now = timezone.now()
    purge(now=now, commit=True)
    assert watch.late_rules(now=now + TWO_HOURS) == []
    assert watch.late_rules(now=now + TWO_HOURS + A_MOMENT) == [rule.key for rule in registry.rules()]


def test_a_run_of_one_row_leaves_the_others_late(monkeypatch):
    installed_long_ago(monkeypatch)
    now = timezone.now()
    purge(now=now, commit=True, only="recordings")
    late = watch.late_rules(now=now)
    assert late
    assert set(late) == {rule.key for rule in registry.rules() if rule.expiry.row != "recordings"}


def test_a_killed_run_does_not_count(monkeypatch):
    installed_long_ago(monkeypatch)
    now = timezone.now()
    purge(now=now - TWO_HOURS - A_MOMENT, commit=True)
    assert watch.late_rules(now=now)
    run = Receipt.objects.first().run
    for rule in registry.rules():
        Receipt.objects.create(run=run, rule=rule.key, content={"interrupted": True}, sealed_at=now)
    assert watch.late_rules(now=now)


def test_a_new_installation_has_two_hours():
    assert watch.late_rules(now=watch.installed_at() + TWO_HOURS) == []
    assert watch.late_rules(now=watch.installed_at() + TWO_HOURS + A_MOMENT)


def test_the_log_is_told_at_error_level_and_not_over_and_over(monkeypatch, caplog):
    installed_long_ago(monkeypatch)
    with caplog.at_level(logging.ERROR, logger="privacy.retention.watch"):
        watch_purge()
        watch_purge()
    assert [(line.levelname, line.message) for line in caplog.records] == [("ERROR", "purge is late")]
    caplog.clear()
    cache.delete("purge-is-late")
    purge(now=timezone.now(), commit=True)
    watch_purge()
    assert caplog.records == []


def test_health_says_so_and_the_site_stays_up(client, monkeypatch):
    installed_long_ago(monkeypatch)
    response = client.get("/sante/")
    assert (response.status_code, response.json()["purge"]) == (200, "late")
    purge(now=timezone.now(), commit=True)
    assert client.get("/sante/").json()["purge"] == "ok"


def test_the_schedule_runs_the_purge_every_hour_and_watches_it(settings):
    scheduled = {entry["task"]: entry["schedule"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled["privacy.tasks.purge_expired"] == timedelta(hours=1)
    assert scheduled["privacy.tasks.watch_purge"] <= 600
    assert settings.PURGE_LATE_AFTER == TWO_HOURS
