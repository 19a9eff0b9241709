from datetime import timedelta

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.languages import speak_to
from accounts.sign_in.throttling import Budget, Throttled, household, keyed, spend
from interventions import tasks
from interventions.models import PersonalLink
from interventions.personal_links import find_link
from interventions.portal.report_forms import LinkForm
from interventions.portal.visitors import LINK
from privacy.encryption import cipher

A_MINUTE, AN_HOUR = timedelta(minutes=1), timedelta(hours=1)


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
    response["Referrer-Policy"] = "strict-origin"  # the address is the key; with less a browser’s form has no origin
    return response


def landing_of(link: PersonalLink) -> str:
    if link.purpose == PersonalLink.Purpose.REPORT:
        return reverse("portal:report")
    return reverse("portal:intervention", args=[link.intervention_id])


@login_not_required
@require_http_methods(["GET", "POST"])
def ask_link(request: HttpRequest) -> HttpResponse:
    """
    Anyone may ask for a link to report; it goes to the number or address that was typed, if we know it, and the answer
    is the same if not. Who asks for others too often waits; who was sent several already is sent no more for a while.
    """
    form = LinkForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "portal/ask_link.html", {"form": form}, status=422 if form.errors else 200)
    to, now = form.cleaned_data["to"], timezone.now()
    try:
        spend([Budget(f"link-from:{keyed(household(request.META['REMOTE_ADDR']))}", 10, AN_HOUR)], now=now)
    except Throttled:
        form.add_error(None, _("Trop de demandes depuis cet appareil. Réessayez dans une heure, ou appelez-nous."))
        return render(request, "portal/ask_link.html", {"form": form}, status=429)
    try:
        spend([Budget(f"link-again:{keyed(to)}", 1, A_MINUTE), Budget(f"link-to:{keyed(to)}", 3, AN_HOUR)], now=now)
    except Throttled:
        pass  # nobody learns whose address it is: they have those that were sent
    else:
        tasks.send_report_link.delay(cipher().encrypt(to.encode()).decode())
    return redirect("portal:link_asked")


@login_not_required
@require_safe
def link_asked(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/link_asked.html")
