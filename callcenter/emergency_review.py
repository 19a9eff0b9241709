"""Supervisors are told of calls to the emergency services that nobody has reviewed in time."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from interventions.emergencies import late_reviews
from interventions.on_call import start_of
from privacy.locks import only_one
from privacy.models import OutgoingMessage
from privacy.outbox import absolute, send


@transaction.atomic
def warn_of_late_reviews(*, now: datetime) -> int:
    """Once a day, while one is late: where to look, nothing else. Returns how many supervisors were told."""
    only_one("emergency_review")
    today = start_of(timezone.localdate(now))
    if OutgoingMessage.objects.filter(kind="emergency_review", queued_at__gte=today).exists():
        return 0
    if not late_reviews(now=now):
        return 0
    supervisors = User.objects.filter(role=Role.SUPERVISOR, is_active=True)
    for supervisor in supervisors:
        send("emergency_review", to=supervisor.email, link=absolute(reverse("console:emergencies")), now=now)
    return len(supervisors)
