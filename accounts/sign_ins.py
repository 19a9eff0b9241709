"""The staff journal knows who of the staff signed in, who tried to, and from which network."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from privacy import journal

OUTSIDERS = frozenset({Role.TENANT, Role.LANDLORD_MANAGER})


def listen() -> None:
    user_logged_in.connect(note_sign_in)
    user_login_failed.connect(note_failure)


def note_sign_in(user: User, request: HttpRequest | None = None, **kwargs: Any) -> None:
    if user.role not in OUTSIDERS:
        journal.record(user, action="sign_in", by=user, now=timezone.now(), network=network_of(request))


def note_failure(credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    """With the account that was tried, where there is one. What was typed goes nowhere."""
    tried = User.objects.filter(email__iexact=credentials.get("username", "")).first()
    now, network = timezone.now(), network_of(request)
    if tried is None:
        journal.record_of_none(User, action="sign_in_failed", by=None, now=now, network=network)
    elif tried.role not in OUTSIDERS:
        journal.record(tried, action="sign_in_failed", by=None, now=now, network=network)


def network_of(request: HttpRequest | None) -> str | None:
    return journal.truncated(request.META.get("REMOTE_ADDR")) if request is not None else None
