from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from callcenter.models import FormSubmission


@shared_task
def forget_form_submissions() -> None:
    """A form is not sent again after a day."""
    FormSubmission.objects.filter(at__lt=timezone.now() - timedelta(days=1)).delete()
