from datetime import datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from interventions.models import PersonalLink
from interventions.portal.views.photos import drafts_of
from interventions.portal.visitors import VisitorRequest, portal_page
from privacy.models import PolicyVersion

NEWS = timedelta(days=30)


@portal_page(PersonalLink.Purpose.REPORT, PersonalLink.Purpose.FOLLOW)
@require_safe
def home(request: VisitorRequest) -> HttpResponse:
    """What is going on for this visitor, and what they can do."""
    visitor, now = request.visitor, timezone.now()
    context = {
        "visitor": visitor,
        "now": now,
        "draft": drafts_of(visitor, now=now).unsent().first(),
        "new_policy": policy_changed_for(request.user, now=now) if visitor.has_account else None,
    }
    return render(request, "portal/home.html", context)


def policy_changed_for(user: User, *, now: datetime) -> PolicyVersion | None:
    """The version in force, while it is news to somebody who had an account under an earlier one."""
    current = PolicyVersion.objects.current()
    if current is None or PolicyVersion.objects.count() == 1:
        return None
    is_news = user.date_joined < current.kept_at and now - current.kept_at < NEWS
    return current if is_news else None
