"""Automated decisions (GDPR article 22): none is taken. What is suggested is told, and looked at again when asked."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from interventions.portal.views.rights import BY_KEY, asked, received
from interventions.portal.visitors import VisitorRequest, tenants_only
from interventions.suggestions import PRIORITY
from privacy.models import RightsRequest
from privacy.rights import automated_decisions, intake
from privacy.rights.intake import RightForm

RIGHT = RightsRequest.Right.AUTOMATED_DECISION


@tenants_only
@require_http_methods(["GET", "POST"])
def suggestions(request: VisitorRequest) -> HttpResponse:
    """What a script suggests, who decides, how often it was overruled; and what may be looked at again."""
    person, now = request.visitor.person, timezone.now()
    form = RightForm(RIGHT, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return received(request, RIGHT, form)
    requests = list(RightsRequest.objects.open().filter(person=person, right=RIGHT).prefetch_related("reviews"))
    waiting = {review.object_id for each in requests for review in each.reviews.all() if review.done_at is None}
    priority = automated_decisions.SUGGESTIONS[PRIORITY]
    assert priority.reviewable is not None
    context = {
        "right": BY_KEY[RIGHT],
        "afterwards": intake.AFTERWARDS[RIGHT],
        "figures": automated_decisions.figures(now=now),
        "reviewable": [(row, row.pk in waiting) for row in priority.reviewable([person.pk])],
        "open": [asked(each, now=now) for each in requests],
        "form": form,
    }
    return render(request, "portal/right_suggestions.html", context, status=422 if form.errors else 200)
