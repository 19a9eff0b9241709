from celery import shared_task
from django.utils import timezone

from privacy import journal
from privacy.models import OutgoingMessage
from privacy.navigation import figures
from privacy.outbox import sending
from privacy.registry import registry
from privacy.retention import files
from privacy.retention.purge import AlreadyRunning, purge
from privacy.retention.watch import tell_if_late


@shared_task
def purge_expired() -> None:
    """Every hour. Another purge at work (cron, an operator) does the same: this one leaves it to it."""
    try:
        purge(now=timezone.now(), commit=True)
    except AlreadyRunning:
        return


@shared_task
def sweep_files() -> None:
    now = timezone.now()
    files.remove_queued()
    files.sweep(registry=registry, now=now, commit=True)


@shared_task
def watch_purge() -> None:
    tell_if_late(now=timezone.now())


@shared_task
def count_audience() -> None:
    figures.count_audience()


@shared_task
def seal_journal() -> None:
    journal.seal(now=timezone.now())


@shared_task(time_limit=sending.ATTEMPT_TAKES)
def deliver_message(pk: int) -> None:
    sending.deliver(pk, now=timezone.now())


@shared_task
def deliver_waiting() -> None:
    """Every minute: what a lost task or an earlier failure has left."""
    for pk in OutgoingMessage.objects.waiting(now=timezone.now()).values_list("pk", flat=True):
        deliver_message.delay(pk)
