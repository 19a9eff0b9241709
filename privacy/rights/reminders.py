"""The DPO is reminded of what is due: after 15, 23 and 27 days, on the last day, and of a late acknowledgement."""

from datetime import date, datetime, timedelta

from django.contrib.auth import get_user_model
from django.db import transaction
from django.urls import reverse

from privacy import outbox
from privacy.models import RequestStep, RightsRequest
from privacy.retention.due import paris_day
from privacy.rights import workflow
from privacy.rights.deadlines import REMINDER_DAYS, acknowledge_by

HANDLING = "privacy.change_rightsrequest"  # who has this permission is reminded


def marks_passed(request: RightsRequest, *, today: date) -> list[str]:
    """
    The days that have come, by name. A clock that stands still shifts them; an extension leaves only the last day.
    """
    passed = [] if request.acknowledged_at or today <= acknowledge_by(request.received_on) else ["acknowledgement"]
    if request.is_suspended:
        return passed
    if request.extended_on is None:
        first = request.received_on + request.stood_still(today=today)
        passed += [str(days) for days in REMINDER_DAYS if today >= first + timedelta(days=days)]
    if today >= request.due_on(today=today):
        passed.append("extended_due" if request.extended_on else "due")
    return passed


def remind_all(*, now: datetime) -> int:
    """Every day. Returns of how many requests."""
    return sum(remind(request, now=now) for request in RightsRequest.objects.open().order_by("pk"))


@transaction.atomic
def remind(request: RightsRequest, *, now: datetime) -> bool:
    """One message for all the days that have come since the last one: a missed day is made up for, none comes twice."""
    current = workflow.locked(request)
    told = set(current.steps.filter(kind=RequestStep.Kind.REMINDED).values_list("details__mark", flat=True))
    new = [mark for mark in marks_passed(current, today=paris_day(now)) if mark not in told]
    if current.answered_at or not new:
        return False
    link = outbox.absolute(reverse("admin:rights_request", args=[current.pk]))
    for user in get_user_model()._default_manager.with_perm(HANDLING):
        outbox.send("rights_reminder", to=user.email, link=link, now=now)
    for mark in new:
        workflow.note(current, RequestStep.Kind.REMINDED, by=None, now=now, mark=mark)
    return True
