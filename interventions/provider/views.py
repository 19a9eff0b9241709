from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from interventions.models import ProviderLink, Status
from interventions.provider_links import find_link


@login_not_required
@require_safe
def job(request: HttpRequest, token: str) -> HttpResponse:
    """What a provider needs to go there, for whoever has the link. A dead link and a wrong one answer the same."""
    link = find_link(token)
    if link is None:
        response = render(request, "provider/gone.html", status=404)
    else:
        response = render(request, "provider/job.html", job_context(link))
    response["Cache-Control"] = "no-store, private"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"  # the address is the key
    return response


def job_context(link: ProviderLink) -> dict[str, Any]:
    """The strict minimum: no name, no telephone, nothing that was said."""
    intervention = link.intervention
    return {
        "reference": intervention.reference,
        "problem": intervention.problem.label,
        "residence": intervention.residence,
        "place": intervention.place,
        "codes": intervention.residence.access_codes.order_by("label"),
        "on_site_by": intervention.on_site_by,
        "slot": intervention.appointments.last() if intervention.status == Status.APPOINTMENT else None,
    }
