from celery import shared_task
from django.utils import timezone

from interventions import complaints, watch


@shared_task
def escalate_late() -> None:
    watch.escalate(now=timezone.now())


@shared_task
def close_dormant() -> None:
    watch.watch_dormant(now=timezone.now())


@shared_task
def close_silent_complaints() -> None:
    complaints.close_silent(now=timezone.now())
