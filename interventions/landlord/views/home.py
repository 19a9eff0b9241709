from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest
from interventions.landlord.charts import bars
from interventions.landlord.followed import follow, theirs, with_all_that_shows
from interventions.landlord.page import chosen_landlord, landlords_only
from interventions.models import Status
from interventions.models.interventions import AWAITED
from interventions.publication import publish
from privacy.retention.due import paris_day

MOST_LATE = 5
WITH_SOMEBODY = (Status.DISPATCHED, Status.ACCEPTED, Status.APPOINTMENT, Status.ON_SITE)


@landlords_only
@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """What is going on in the estate now, and this year so far."""
    now = timezone.now()
    landlord = chosen_landlord(request)
    if landlord is None:
        return render(request, "landlord/nothing.html", {"now": now})
    open_ones = theirs(request.user, now=now).filter(closed_at=None)
    late = Q(status__in=AWAITED, on_site_by__lt=now)
    counts = open_ones.aggregate(
        open=Count("pk"), late=Count("pk", filter=late), sent=Count("pk", filter=Q(status__in=WITH_SOMEBODY))
    )
    first = open_ones.filter(late).order_by("on_site_by", "pk")[:MOST_LATE]
    published = publish(landlord, year=paris_day(now).year, today=paris_day(now))
    context = {
        "landlord": landlord,
        "counts": counts,
        "late": follow(with_all_that_shows(first), by=request.user, now=now),
        "published": published,
        "volume": bars(published.months, published.volume),
        "in_time": published.share_in_time("arrivals", "in_time", "late"),
        "now": now,
    }
    return render(request, "landlord/home.html", context)
