"""Supervisors are told before nobody is on call."""

from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from interventions.on_call import gaps, start_of
from privacy.locks import only_one
from privacy.models import OutgoingMessage
from privacy.outbox import absolute, send

WARN_WITHIN = timedelta(days=7)


@transaction.atomic
def warn_of_gaps(*, now: datetime) -> int:
    """
    Once a day, tell each supervisor that nobody is on call somewhere within seven days: where to look, nothing else.

    Returns how many were told.
    """
    only_one("on_call_warning")
    today = start_of(timezone.localdate(now))
    if OutgoingMessage.objects.filter(kind="on_call_gap", queued_at__gte=today).exists():
        return 0
    if not gaps(since=now, until=now + WARN_WITHIN):
        return 0
    supervisors = User.objects.filter(role=Role.SUPERVISOR, is_active=True)
    for supervisor in supervisors:
        send("on_call_gap", to=supervisor.email, link=absolute(reverse("console:on_call")), now=now)
    return len(supervisors)
