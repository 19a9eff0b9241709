"""What beat asks for, through the real broker and a worker on connections of its own."""

from collections.abc import Callable
from datetime import timedelta
from time import monotonic, sleep
from uuid import uuid4

import pytest
from celery.contrib.testing.worker import start_worker
from django.conf import settings
from django.utils import timezone

from accounts.merging import merge_people
from accounts.models import Person
from interventions.models import Escalation, Status
from sofratel.celery import app
from tests.factories import InterventionFactory, PersonFactory, UserFactory

PATIENCE = 20  # seconds


def soon(happened: Callable[[], bool]) -> bool:
    limit = monotonic() + PATIENCE
    while not happened() and monotonic() < limit:
        sleep(0.05)
    return happened()


@pytest.mark.django_db(transaction=True)
def test_beats_tasks_do_their_work_in_a_worker():
    now = timezone.now()
    late = InterventionFactory(opened_at=now, suggested_on_site_by=now - timedelta(minutes=1))
    dormant = InterventionFactory(opened_at=now - timedelta(days=61), suggested_on_site_by=now + timedelta(days=1))
    kept, absorbed = PersonFactory(), PersonFactory()
    merge_people(kept, absorbed, by=UserFactory(), now=now - timedelta(hours=25))

    queue = f"test-{uuid4()}"  # other runs share the broker
    with start_worker(app, pool="solo", queues=[queue], perform_ping_check=False, shutdown_timeout=PATIENCE):
        for entry in settings.CELERY_BEAT_SCHEDULE.values():
            app.tasks[entry["task"]].apply_async(queue=queue)
        assert soon(lambda: Escalation.objects.filter(intervention=late, kind=Escalation.Kind.LATE).exists())
        assert soon(lambda: type(dormant).objects.get(pk=dormant.pk).status == Status.CLOSED)
        assert soon(lambda: not Person.objects.filter(pk=absorbed.pk).exists())


def test_every_task_of_beat_exists():
    app.loader.import_default_modules()
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)
