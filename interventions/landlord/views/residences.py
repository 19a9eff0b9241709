from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest
from interventions.landlord.followed import theirs
from interventions.landlord.page import landlords_only
from interventions.models import Residence
from interventions.models.interventions import AWAITED

A_PAGE = 50


@landlords_only
@require_safe
def all_residences(request: SignedInRequest) -> HttpResponse:
    """What is open in each, by sector."""
    now = timezone.now()
    estate = Residence.objects.visible_to(request.user).order_by("sector", "name", "pk")
    page = Paginator(estate, A_PAGE).get_page(request.GET.get("page"))
    open_ones = theirs(request.user, now=now).filter(closed_at=None, residence__in=[each.pk for each in page])
    late = Count("pk", filter=Q(status__in=AWAITED, on_site_by__lt=now))
    found = open_ones.order_by().values_list("residence").annotate(open=Count("pk"), late=late)
    counts = {residence: (number, overdue) for residence, number, overdue in found}
    rows = [(residence, *counts.get(residence.pk, (0, 0))) for residence in page]
    return render(request, "landlord/residences.html", {"page": page, "rows": rows, "now": now})
