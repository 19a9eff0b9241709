from typing import cast

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from privacy.navigation.choices import choose, ends_at, key_of, proof_ends_at, remember
from privacy.navigation.cookies import KEPT
from privacy.navigation.visits import VisitorRequest

ANSWERS = {"yes": True, "no": False}


@login_not_required
@require_safe
def settings(request: HttpRequest) -> HttpResponse:
    choice = cast(VisitorRequest, request).cookie_choice
    context = {
        "asks_about_cookies": False,  # the page does so itself
        "kept": sorted(KEPT, key=lambda each: not each.is_cookie),
        "choice": choice,
        "ends_at": ends_at(choice) if choice else None,
        "proof_ends_at": proof_ends_at(choice) if choice else None,
    }
    return render(request, "privacy/cookies.html", context)


@login_not_required
@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    """The banner's answer, or the settings page's; then back to where it was given."""
    if request.POST.get("audience") not in ANSWERS:
        raise BadRequest
    now = timezone.now()
    choice = choose(key_of(request), audience=ANSWERS[request.POST["audience"]], now=now)
    here = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(here, {request.get_host()}, require_https=request.is_secure())
    response = redirect(here if is_ours else resolve_url("cookies:settings"))
    remember(choice, response, now=now)
    return response
