"""Who is let in to the API, how often, and how it says no: problem+json (RFC 9457), in French."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from math import ceil
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from accounts.sign_in.throttling import Budget, Throttled, spend
from interventions.models import ApiToken, Landlord
from privacy import journal
from privacy.tokens import hash_of

PER_MINUTE = 120
A_MINUTE = timedelta(minutes=1)

TITLES = {
    401: "Jeton absent, inconnu ou révoqué",
    404: "Introuvable",
    405: "Lecture seule",
    422: "Paramètres à corriger",
    429: "Trop de demandes",
}


class Problem(Exception):
    def __init__(self, status: int, *, headers: dict[str, str] | None = None, **more: Any) -> None:
        self.status, self.headers, self.more = status, headers or {}, more


@dataclass(frozen=True)
class Asked:
    """A request that was let in."""

    request: HttpRequest
    token: ApiToken
    now: datetime

    @property
    def landlord(self) -> Landlord:
        return self.token.landlord


def api(view: Callable[..., dict[str, Any]]) -> Callable[..., HttpResponse]:
    """A GET that returns what becomes JSON. The token is the key and all there is: no cookie gives a right."""

    @csrf_exempt
    @login_not_required
    @wraps(view)
    def guarded(request: HttpRequest, **places: Any) -> HttpResponse:
        try:
            if request.method not in ("GET", "HEAD"):
                raise Problem(405, headers={"Allow": "GET, HEAD"})
            asked = let_in(request, now=timezone.now())
            response: HttpResponse = JsonResponse(view(asked, **places))
        except Problem as problem:
            response = said(problem)
        response["Cache-Control"] = "no-store, private"
        return response

    return guarded


def let_in(request: HttpRequest, *, now: datetime) -> Asked:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    alive = ApiToken.objects.alive().select_related("landlord")
    token = alive.filter(token_hash=hash_of(secret.strip())).first() if scheme.lower() == "bearer" else None
    if token is None:
        raise Problem(401, headers={"WWW-Authenticate": "Bearer"})
    try:
        spend([Budget(f"api:{token.pk}", PER_MINUTE, A_MINUTE)], now=now)
    except Throttled as throttled:
        seconds = max(1, ceil((throttled.until - now).total_seconds()))
        raise Problem(429, headers={"Retry-After": str(seconds)}) from None
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    journal.record(token, action="read", by=None, now=now, landlord=token.landlord_id)
    return Asked(request, token, now)


def said(problem: Problem) -> HttpResponse:
    content = {"type": "about:blank", "title": TITLES[problem.status], "status": problem.status, **problem.more}
    return JsonResponse(
        content, status=problem.status, content_type="application/problem+json", headers=problem.headers
    )
