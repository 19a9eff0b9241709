"""What the desk sees of somebody whose data are restricted: a padlock, the reason, and nothing else."""

from typing import Any

from django.http import Http404, HttpResponse

from accounts.access import SignedInRequest
from accounts.models import Person
from callcenter.console.page import console_page
from callcenter.models import Call
from interventions.models import Intervention
from privacy.models import Restriction

PATHS: dict[type[Any], tuple[str, ...]] = {
    Person: ("pk",),
    Intervention: ("occupant", "reported_by"),
    Call: ("caller", "on_behalf_of"),
}

# What may be done all the same (GDPR article 18(2)).
TELLS_EMERGENCY = {Intervention: "console:tell_emergency", Call: "console:tell_emergency_of_call"}


def padlock_or_404(request: SignedInRequest, model: type[Any], pk: int) -> HttpResponse:
    """Instead of a sheet that is not visible. Http404 where it is not a restriction that hides it."""
    people = model.objects.filter(pk=pk).values_list(*PATHS[model]).first() or ()
    reasons = Restriction.objects.active().filter(person__in=[person for person in people if person])
    found = {restriction.get_reason_display() for restriction in reasons}
    if not found:
        raise Http404
    context = {
        "what": str(model._meta.verbose_name),
        "pk": pk,
        "reasons": sorted(found),
        "tells_emergency": TELLS_EMERGENCY.get(model),
    }
    return console_page(request, "console/locked.html", context)
