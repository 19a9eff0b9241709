"""
A long-lived signed cookie says which accounts this browser signed in to. It is strictly necessary: it gives the person
tries of their own at their password, and tells a new device from a known one. It holds neither address nor name.
"""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from accounts.sign_in.throttling import keyed

COOKIE = "device"
LIFETIME = 180 * 24 * 3600  # seconds, from the last sign-in
MOST_ACCOUNTS = 20  # a desk's shared computer
SALT = "accounts.devices"


def number_of(request: HttpRequest, email: str) -> str | None:
    """This browser's own number for the account, if it signed in to it before."""
    return numbers(request).get(keyed(email.lower()))


def remember(response: HttpResponse, request: HttpRequest, email: str) -> None:
    known = numbers(request)
    account = keyed(email.lower())
    known[account] = known.pop(account, "") or secrets.token_hex(8)
    response.set_cookie(
        COOKIE,
        signing.dumps(dict(list(known.items())[-MOST_ACCOUNTS:]), salt=SALT),
        max_age=LIFETIME,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def numbers(request: HttpRequest) -> dict[str, str]:
    try:
        return dict(signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LIFETIME))
    except signing.BadSignature:
        return {}
