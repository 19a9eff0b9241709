from datetime import datetime, timedelta
from typing import cast

from django.core.paginator import Paginator
from django.db.models import Count, Min, Q, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from interventions.lifecycle import REOPEN_WITHIN
from interventions.models import Estimate, Intervention, Invoice, PersonalLink
from interventions.portal.story import requests_of
from interventions.portal.views.photos import drafts_of
from interventions.portal.visitors import VisitorRequest, portal_page, tenants_only
from privacy.models import PolicyVersion
from privacy.retention.due import paris_day

NEWS = timedelta(days=30)
MOST_OPEN, MOST_ENDED = 30, 3  # on the first page; the others are on that of all requests
A_PAGE = 20


@portal_page(PersonalLink.Purpose.REPORT, PersonalLink.Purpose.FOLLOW)
@require_safe
def home(request: VisitorRequest) -> HttpResponse:
    """What is going on for this visitor, and what they can do."""
    visitor, now = request.visitor, timezone.now()
    theirs = visitor.interventions().order_by("-opened_at", "-pk")
    open_ones = requests_of(theirs.open()[:MOST_OPEN], person=visitor.person, now=now)
    just_ended = theirs.filter(closed_at__gte=now - REOPEN_WITHIN).order_by("-closed_at")
    awaited = [each for each in open_ones if each.appointment]
    context = {
        "visitor": visitor,
        "now": now,
        **(billed(request, now=now) if visitor.has_account else {}),
        "draft": drafts_of(visitor, now=now).unsent().first(),
        "next": min(awaited, key=lambda each: each.appointment.starts_at, default=None),  # type: ignore[union-attr]
        "open": open_ones,
        "ended": requests_of(just_ended[:MOST_ENDED], person=visitor.person, now=now),
        "complaints": visitor.person.complaints.open().order_by("opened_at") if visitor.has_account else [],
        "new_policy": policy_changed_for(request.user, now=now) if visitor.has_account else None,
    }
    return render(request, "portal/home.html", context)


def billed(request: VisitorRequest, *, now: datetime) -> dict[str, object]:
    """What waits for their yes, and what is to be paid."""
    today = paris_day(now)
    waiting = Estimate.objects.visible_to(request.user).waiting(on=today).filter(intervention__closed_at=None)
    owing = Invoice.objects.visible_to(request.user, now=now).owing().order_by()
    return {
        "estimates": waiting.select_related("intervention").order_by("valid_until", "pk"),
        "owed": owing.aggregate(amount=Sum("balance"), late=Count("pk", filter=Q(due_on__lt=today)), by=Min("due_on")),
    }


@tenants_only
@require_safe
def requests(request: VisitorRequest) -> HttpResponse:
    """All of them, the open ones first."""
    visitor, now = request.visitor, timezone.now()
    found = visitor.interventions().order_by("-closed_at", "-pk")
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    rows = requests_of(cast("QuerySet[Intervention]", page.object_list), person=visitor.person, now=now)
    return render(request, "portal/requests.html", {"visitor": visitor, "page": page, "requests": rows, "now": now})


def policy_changed_for(user: User, *, now: datetime) -> PolicyVersion | None:
    """The version in force, while it is news to somebody who had an account under an earlier one."""
    current = PolicyVersion.objects.current()
    if current is None or PolicyVersion.objects.count() == 1:
        return None
    is_news = user.date_joined < current.kept_at and now - current.kept_at < NEWS
    return current if is_news else None
