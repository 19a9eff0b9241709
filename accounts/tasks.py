from celery import shared_task
from django.utils import timezone

from accounts.inactivity import warn_sleepers
from accounts.merging import forget_absorbed_people


@shared_task
def forget_merged_people() -> None:
    forget_absorbed_people(now=timezone.now())


@shared_task
def warn_sleeping_accounts() -> None:
    warn_sleepers(now=timezone.now())
