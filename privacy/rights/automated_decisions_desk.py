"""The DPO's page of what the software suggests, and their part of a request to have it looked at again."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from privacy.models import RightsRequest
from privacy.rights import automated_decisions
from privacy.rights.workflow import RequestError
from privacy.site import refuse_unless, signed_in

READING = "privacy.view_rightsrequest"
ACTING = "privacy.change_rightsrequest"


def urls(site: AdminSite) -> list[URLPattern]:
    def page(view: Any) -> Any:
        return site.admin_view(lambda request, **where: view(request, site=site, **where))

    return [
        path("droits/suggestions/", page(require_safe(suggestions)), name="rights_suggestions"),
        path("droits/<int:pk>/revoir/<slug:suggestion>/<int:row>/", page(require_POST(ask)), name="rights_review"),
    ]


def suggestions(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    refuse_unless(request, READING)
    context = {
        **site.each_context(request),
        "title": "Suggestions du logiciel",
        "figures": automated_decisions.figures(now=timezone.now()),
    }
    return TemplateResponse(request, "admin/suggestions.html", context)


def part(asked: RightsRequest, *, by: AbstractBaseUser, now: datetime) -> dict[str, Any]:
    """What ``admin/requests/automated_decision.html`` shows, on the page of the request."""
    return {
        "asked": asked,
        "plan": automated_decisions.plan(asked, now=now),
        "may_act": by.has_perm(ACTING) and not asked.answered_at,  # type: ignore[attr-defined]
    }


def ask(request: HttpRequest, *, site: AdminSite, pk: int, suggestion: str, row: int) -> HttpResponse:
    refuse_unless(request, ACTING)
    requests = RightsRequest.objects.filter(right=RightsRequest.Right.AUTOMATED_DECISION).select_related("person")
    asked = get_object_or_404(requests, pk=pk)
    try:
        automated_decisions.ask(asked, suggestion=suggestion, pk=row, by=signed_in(request), now=timezone.now())
    except RequestError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Le centre d’appels la revoit. Sa réponse part à la personne.")
    return redirect("admin:rights_request", pk)
