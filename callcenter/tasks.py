from celery import shared_task
from django.utils import timezone

from callcenter import emergency_review, night_reports, on_call_warning


@shared_task
def warn_of_on_call_gaps() -> None:
    on_call_warning.warn_of_gaps(now=timezone.now())


@shared_task
def warn_of_late_reviews() -> None:
    emergency_review.warn_of_late_reviews(now=timezone.now())


@shared_task
def make_night_reports() -> None:
    now = timezone.now()
    night_reports.make_due(now=now)
    night_reports.chase_due(now=now)
