from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest
from interventions.landlord.charts import bars, heat
from interventions.landlord.page import chosen_landlord, landlords_only
from interventions.models import Landlord
from interventions.publication import Publication, publish, published_years
from privacy.retention.due import paris_day


@landlords_only
@require_safe
def figures(request: SignedInRequest) -> HttpResponse:
    """A year of one landlord's, in tables and drawings."""
    now = timezone.now()
    landlord = chosen_landlord(request)
    if landlord is None:
        return render(request, "landlord/nothing.html", {"now": now})
    years = published_years(landlord, today=paris_day(now))
    published = asked_year(request, landlord, years, now=now)
    context = {
        "landlord": landlord,
        "landlords": Landlord.objects.visible_to(request.user),
        "years": years,
        "now": now,
        **drawn(published),
    }
    return render(request, "landlord/figures.html", context)


def asked_year(request: SignedInRequest, landlord: Landlord, years: list[int], *, now: datetime) -> Publication:
    """This year without another word. Raises Http404 for a year that nothing is known of."""
    asked = request.GET.get("annee") or str(paris_day(now).year)
    if asked not in map(str, years):
        raise Http404
    return publish(landlord, year=int(asked), today=paris_day(now))


def drawn(published: Publication) -> dict[str, Any]:
    """The tables, and what is drawn of them."""
    shares = published.shares_in_time("arrivals", "in_time", "late")
    return {
        "published": published,
        "tables": published.tables,
        "volume": bars(published.months, published.volume),
        "in_time": published.share_in_time("arrivals", "in_time", "late"),
        "done_in_time": published.share_in_time("ends", "in_time", "late"),
        "shares": bars(published.months, shares, most=100) if any(shares) else None,
        "heat": heat(published.tables["hours"]) if "hours" in published.tables else None,
    }
