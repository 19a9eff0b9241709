from celery import shared_task
from django.utils import timezone

from privacy import breaches, journal
from privacy.ledger.pruning import prune
from privacy.models import ExportPackage, OutgoingMessage
from privacy.navigation import figures
from privacy.outbox import sending
from privacy.registry import registry
from privacy.retention import files
from privacy.retention.purge import AlreadyRunning, purge
from privacy.retention.watch import tell_if_late
from privacy.rights import erasure, packages, recipients, reminders


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
def go_on_erasing() -> None:
    erasure.go_on_all(now=timezone.now())


@shared_task
def prune_ledger() -> None:
    prune(now=timezone.now())


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


@shared_task
def make_package(pk: int) -> None:
    packages.work_on(pk, now=timezone.now())


@shared_task
def make_packages() -> None:
    """Every minute: what a lost task or a full disk has left."""
    for pk in ExportPackage.objects.to_do().order_by("pk").values_list("pk", flat=True):
        make_package.delay(pk)


@shared_task
def tell_recipients() -> None:
    """Every hour: what was missed, and each day what nobody has acknowledged."""
    recipients.tell_again(now=timezone.now())


@shared_task
def remind_of_requests() -> None:
    """Every day: what the DPO has to answer soon."""
    reminders.remind_all(now=timezone.now())


@shared_task
def remind_of_breaches() -> None:
    """Every ten minutes: hours count here."""
    breaches.remind_all(now=timezone.now())
