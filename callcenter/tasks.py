from celery import shared_task
from django.utils import timezone

from callcenter import emergency_review, on_call_warning


@shared_task
def warn_of_on_call_gaps() -> None:
    on_call_warning.warn_of_gaps(now=timezone.now())


@shared_task
def warn_of_late_reviews() -> None:
    emergency_review.warn_of_late_reviews(now=timezone.now())
