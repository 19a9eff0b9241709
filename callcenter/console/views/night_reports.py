from datetime import timedelta

from django.db.models import Count, Q
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import SignedInRequest, desk_only
from callcenter.console.page import console_page
from callcenter.models import NightReport
from callcenter.night_reports import unacknowledged

SHOWN_FOR = timedelta(days=7)


@desk_only
@require_GET
def night_reports(request: SignedInRequest) -> HttpResponse:
    """Which landlord has confirmed its report, and whom to call where none has."""
    now = timezone.now()
    recent = NightReport.objects.filter(until_at__gte=now - SHOWN_FOR).select_related("landlord")
    waiting = Count("lines", filter=Q(lines__in=unacknowledged()))
    reports = recent.annotate(waiting=waiting, told=Count("lines")).prefetch_related("landlord__contacts")
    return console_page(request, "console/night_reports.html", {"reports": reports, "now": now})
