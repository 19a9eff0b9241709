from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import SignedInRequest, roles_only
from accounts.roles import Role
from callcenter.console.page import console_page
from privacy.navigation.figures import audience


@roles_only(Role.SUPERVISOR)
@require_GET
def site_audience(request: SignedInRequest) -> HttpResponse:
    """How often the public pages are seen."""
    now = timezone.now()
    return console_page(request, "console/audience.html", {"now": now, "audience": audience(now=now)})
