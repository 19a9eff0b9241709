"""What people asked to have looked at again by somebody (GDPR article 22)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, desk_only
from callcenter.console.forms import ReviewForm
from callcenter.console.once import once
from callcenter.console.page import console_page
from interventions import reviews
from interventions.lifecycle import LifecycleError
from interventions.models import Intervention
from interventions.problems import Priority
from interventions.suggestions import PRIORITY
from privacy import journal
from privacy.rights.automated_decisions import waiting_for
from privacy.rights.workflow import RequestError


@desk_only
@require_http_methods(["GET", "POST"])
@once
def review(request: SignedInRequest, pk: int) -> HttpResponse:
    """One priority, with what was suggested and why its person contests it."""
    shown = Intervention.objects.visible_to(request.user).select_related("residence", "dwelling", "occupant")
    found, now = get_object_or_404(shown, pk=pk), timezone.now()
    waiting = waiting_for(found, suggestion=PRIORITY)
    if waiting is None:
        messages.info(request, "Il n’y a rien, ou plus rien, à revoir ici.")
        return redirect("console:intervention", pk)
    form = ReviewForm(found, request.POST if request.method == "POST" else None)
    if form.is_valid():
        said = form.cleaned_data
        try:
            reviews.review_priority(
                waiting,
                found,
                priority=Priority(said["priority"]),
                on_site_by=said["on_site_by"],
                reason=said["reason"],
                by=request.user,
                now=now,
                version=said["version"],
            )
        except (LifecycleError, RequestError) as error:
            form.add_error(None, str(error))
        else:
            journal.record(found, action="change", by=request.user, now=now, act="review")
            messages.success(request, "C’est noté, et la personne a sa réponse.")
            return redirect("console:intervention", pk)
    context = {"now": now, "intervention": found, "review": waiting, "form": form}
    return console_page(
        request, "console/review.html", context, shows=[found, found.occupant], status=422 if form.errors else 200
    )
