from celery import shared_task
from django.utils import timezone

from accounts.merging import forget_absorbed_people


@shared_task
def forget_merged_people() -> None:
    forget_absorbed_people(now=timezone.now())
