from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import SignedInRequest, desk_only
from callcenter.console.page import console_page
from privacy.navigation.figures import audience


@desk_only
@require_GET
def site_audience(request: SignedInRequest) -> HttpResponse:
    """How often the public pages are seen, for the supervisor."""
    if not request.user.is_supervisor:
        raise Http404
    now = timezone.now()
    return console_page(request, "console/audience.html", {"now": now, "audience": audience(now=now)})
