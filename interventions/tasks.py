from celery import shared_task
from django.utils import timezone

from interventions import watch


@shared_task
def escalate_late() -> None:
    watch.escalate(now=timezone.now())


@shared_task
def close_dormant() -> None:
    watch.watch_dormant(now=timezone.now())
