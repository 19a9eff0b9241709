from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.languages import speak_to
from interventions.models import PersonalLink
from interventions.personal_links import find_link
from interventions.portal.visitors import LINK


@login_not_required
@require_http_methods(["GET", "POST"])
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """
    One step between the message and the page: what previews a message for its reader opens nothing. A dead link and a
    wrong one answer the same.
    """
    link = find_link(token, now=timezone.now())
    if link is None:
        response = render(request, "portal/link_gone.html", status=404)
    elif request.method == "POST":
        logout(request)  # whoever was signed in on this phone is not who the link is for
        request.session[LINK] = link.pk
        response = redirect(landing_of(link))
    else:
        speak_to(request, link.person)
        response = render(request, "portal/link.html", {"link": link})
    response["Cache-Control"] = "no-store, private"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"  # the address is the key
    return response


def landing_of(link: PersonalLink) -> str:
    return "portal:home"
