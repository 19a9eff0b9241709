"""The security journal: who signed in, who tried to, what changed about a login, and from which network."""

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as factors
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import Signal
from django.http import HttpRequest
from django.utils import timezone

from accounts.inactivity import note_activity_of
from accounts.models import User
from accounts.sign_in import sessions
from privacy import journal

# allauth’s own signals, and what the journal calls them.
ACTIONS: dict[Signal, str] = {
    account.password_set: "password_set",
    account.password_changed: "password_changed",
    account.password_reset: "password_reset",
    account.email_changed: "email_changed",
    factors.authenticator_added: "factor_added",
    factors.authenticator_removed: "factor_removed",
    factors.authentication_failed: "factor_failed",
    user_logged_out: "sign_out",
}


def listen() -> None:
    user_logged_in.connect(note_sign_in)
    user_login_failed.connect(note_failure)
    factors.authenticator_removed.connect(forget_recovery_codes)
    for signal in ACTIONS:
        signal.connect(note_event)


def note_sign_in(user: User, request: HttpRequest, **kwargs: Any) -> None:
    now = timezone.now()
    sessions.begin(request.session, now=now)
    note_activity_of(user, now=now)
    journal.record(user, action="sign_in", by=user, now=now, network=network_of(request))


def note_failure(credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    """With the account that was tried, where there is one. What was typed goes nowhere."""
    tried = User.objects.filter(email__iexact=credentials.get("email", "")).first()
    now, network = timezone.now(), network_of(request)
    if tried is None:
        journal.record_of_none(User, action="sign_in_failed", by=None, now=now, network=network)
    else:
        journal.record(tried, action="sign_in_failed", by=None, now=now, network=network)


def note_event(signal: Signal, user: User | None, request: HttpRequest | None = None, **kwargs: Any) -> None:
    if user is not None:
        by = None if signal is factors.authentication_failed else user  # whoever it was
        journal.record(user, action=ACTIONS[signal], by=by, now=timezone.now(), network=network_of(request))


def forget_recovery_codes(user: User, **kwargs: Any) -> None:
    """They stand in for a factor: without one there is nothing to stand in for."""
    if not Authenticator.objects.filter(user=user).exists():
        user.recovery_codes.all().delete()


def network_of(request: HttpRequest | None) -> str | None:
    return journal.truncated(request.META.get("REMOTE_ADDR")) if request is not None else None
