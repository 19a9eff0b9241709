from celery import shared_task
from django.utils import timezone

from interventions import account_opening, complaints, watch


@shared_task
def escalate_late() -> None:
    watch.escalate(now=timezone.now())


@shared_task
def close_dormant() -> None:
    watch.watch_dormant(now=timezone.now())


@shared_task
def close_silent_complaints() -> None:
    complaints.close_silent(now=timezone.now())


@shared_task
def send_opening_code(number: str) -> None:
    account_opening.send_code(number, now=timezone.now())
