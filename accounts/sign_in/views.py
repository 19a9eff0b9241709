from typing import Any

from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.base.views import IndexView
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedInRequest, recent_login_required, roles_only
from accounts.closing import close_account
from accounts.roles import Role
from accounts.sign_in import recovery_codes
from accounts.sign_in.events import network_of
from accounts.sign_in.middleware import must_enrol
from privacy import journal
from privacy.policy import ROWS_BY_KEY

# What stays of a tenant whose account is closed, in the order in which it matters to them.
STAYS = ("interventions", "complaints", "accounting", "staff_journal")


@require_GET
def security(request: SignedInRequest) -> HttpResponse:
    """All that somebody may do about how they sign in."""
    factors = Authenticator.objects.filter(user=request.user)
    context = {
        "has_factor": factors.exists(),
        "sessions": UserSession.objects.filter(user=request.user).count(),
        "is_tenant": request.user.role == Role.TENANT,
    }
    return render(request, "account/security.html", context)


@require_http_methods(["GET", "POST"])
@recent_login_required
def codes(request: SignedInRequest) -> HttpResponse:
    """New recovery codes, in the answer to the form and nowhere else: they cannot be shown again."""
    if not Authenticator.objects.filter(user=request.user).exists():
        return redirect("mfa_index")
    context: dict[str, Any] = {"left": request.user.recovery_codes.count()}
    if request.method == "POST":
        now = timezone.now()
        context["codes"] = recovery_codes.issue(request.user, now=now)
        journal.record(
            request.user, action="recovery_codes_issued", by=request.user, now=now, network=network_of(request)
        )
    return render(request, "mfa/recovery_codes.html", context)


class SecondFactor(IndexView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(must_enrol=must_enrol(self.request.user), **kwargs)


class ThenCodes:
    """The first factor leads to the codes that stand in for it."""

    request: SignedInRequest

    def get_success_url(self) -> str:
        has_codes = self.request.user.recovery_codes.exists()
        return reverse("mfa_index" if has_codes else "recovery_codes")


class ActivateTOTP(ThenCodes, ActivateTOTPView):
    pass


class AddWebAuthn(ThenCodes, AddWebAuthnView):
    pass


class RemoveWebAuthn(RemoveWebAuthnView):
    def form_valid(self, form: Any) -> HttpResponse:
        adapter = get_mfa_adapter()
        if not adapter.can_delete_authenticator(self.get_object()):
            messages.error(self.request, adapter.error_messages["cannot_delete_authenticator"])
            return redirect("mfa_index")
        return super().form_valid(form)


@require_POST
@recent_login_required
def end_session(request: SignedInRequest, pk: int) -> HttpResponse:
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    if session.is_current():
        logout(request)
        return redirect("home")
    session.end()
    journal.record(
        request.user, action="session_ended", by=request.user, now=timezone.now(), network=network_of(request)
    )
    messages.success(request, _("Cet appareil n’est plus connecté."))
    return redirect("usersessions_list")


@require_http_methods(["GET", "POST"])
@recent_login_required
@roles_only(Role.TENANT)
def close(request: SignedInRequest) -> HttpResponse:
    if request.method == "POST":
        close_account(request.user, now=timezone.now())
        logout(request)
        messages.success(request, _("Votre compte est supprimé. Un e-mail vous le confirme."))
        return redirect("home")
    return render(request, "account/close.html", {"stays": [ROWS_BY_KEY[key] for key in STAYS]})
