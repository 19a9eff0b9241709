from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from interventions.models import ProviderLink, Status
from interventions.provider_links import find_link, give_job
from privacy.disclosure import DisclosureRefused


@login_not_required
@require_safe
def job(request: HttpRequest, token: str) -> HttpResponse:
    """What a provider needs to go there, for whoever has the link. A dead link and a wrong one answer the same."""
    link = find_link(token)
    try:
        context = job_context(link, now=timezone.now()) if link else None
    except DisclosureRefused:
        context = None
    if context is None:
        response = render(request, "provider/gone.html", status=404)
    else:
        response = render(request, "provider/job.html", context)
    response["Cache-Control"] = "no-store, private"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"  # the address is the key
    return response


def job_context(link: ProviderLink, *, now: datetime) -> dict[str, Any]:
    """What a provider is given (`extracts.JOB`), and nothing else: no name, nothing that was said."""
    intervention = link.intervention
    return {
        "job": give_job(intervention, provider=link.provider, by=None, now=now),
        "slot": intervention.appointments.last() if intervention.status == Status.APPOINTMENT else None,
    }
