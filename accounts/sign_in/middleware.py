"""What holds once somebody is in: how long, and with which factors. Each leads the whole page, not a piece of it."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from accounts.inactivity import note_activity_of
from accounts.models import User
from accounts.roles import Role
from accounts.sign_in import sessions

View = Callable[..., HttpResponseBase]
GetResponse = Callable[[HttpRequest], HttpResponse]


class SessionLimits:
    """Ends a session that was idle, or is old. A page that refreshes by itself is nobody’s activity."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> None:
        user = request.user
        if not isinstance(user, User):
            return
        now = timezone.now()
        if sessions.is_over(request.session, sessions.limits_of(user), now=now):
            logout(request)
            messages.info(request, _("Votre session est terminée, par sécurité. Reconnectez-vous pour continuer."))
        elif not getattr(view, "polled", False) and sessions.note_activity(request.session, now=now):
            note_activity_of(user, now=now)


class LoginRequired(LoginRequiredMiddleware):
    """Django’s, except that a piece of a page does not get the sign-in page in its place: the whole page goes there."""

    def handle_no_permission(self, request: HttpRequest, view_func: View) -> HttpResponseBase:  # type: ignore[override]
        if not request.htmx:  # type: ignore[attr-defined]
            return super().handle_no_permission(request, view_func)
        page = request.htmx.current_url_abs_path or resolve_url("home")  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(redirect_to_login(page).url)


class SecondFactorRequired:
    """Whoever is no tenant enrols a factor first; until then nothing else opens. Off in demo mode only."""

    OPEN = frozenset(
        {
            "mfa_index",
            "mfa_activate_totp",
            "mfa_add_webauthn",
            "account_reauthenticate",
            "logout",
            "account_logout",
        }
    )

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponseBase | None:
        user = request.user
        if not isinstance(user, User) or not must_enrol(user):
            return None
        if request.resolver_match is not None and request.resolver_match.view_name in self.OPEN:
            return None
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponseClientRedirect(resolve_url("mfa_index"))
        return redirect("mfa_index")


def must_enrol(user: User) -> bool:
    return user.role != Role.TENANT and not settings.DEMO and not user.has_second_factor  # type: ignore[attr-defined]
