import logging
from collections.abc import Callable
from datetime import datetime, time

from django.conf import settings
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from privacy.journal import truncated
from privacy.models import CookieChoice, Visit
from privacy.navigation.choices import choice_of, key_of
from privacy.retention.due import PARIS, paris_day

logger = logging.getLogger(__name__)


class VisitorRequest(HttpRequest):
    """Every request, once `CountVisits` has seen it. Nobody asks the database until somebody asks for the choice."""

    cookie_choice: CookieChoice | None


class CountVisits:
    """A row for each public page seen by somebody who agreed to it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: VisitorRequest) -> HttpResponse:
        now = timezone.now()
        request.cookie_choice = SimpleLazyObject(lambda: choice_of(key_of(request), now=now))  # type: ignore[assignment]
        response = self.get_response(request)
        if is_page_seen(request, response):
            try:
                count_visit(request, now=now)
            except DatabaseError as error:  # the page is there to be read all the same
                logger.error("visit not counted", extra={"error": type(error).__name__})
        return response


def is_page_seen(request: HttpRequest, response: HttpResponse) -> bool:
    """A whole public page that somebody looks at, and not a fragment, a form's answer or a guess of the browser's."""
    return (
        request.method == "GET"
        and response.status_code == 200
        and response.headers.get("Content-Type", "").startswith("text/html")
        and request.resolver_match is not None
        and is_public(request)
        and "HX-Request" not in request.headers
        and "Sec-Purpose" not in request.headers
    )


def is_public(request: HttpRequest) -> bool:
    """Whether this page is one of those where visitors are asked about cookies; one that is nowhere is."""
    return request.resolver_match is None or request.resolver_match.namespace in settings.PUBLIC_NAMESPACES


def count_visit(request: VisitorRequest, *, now: datetime) -> None:
    choice = request.cookie_choice
    if not choice or not choice.audience:
        return
    assert request.resolver_match is not None
    with transaction.atomic():
        Visit.objects.create(
            at=now,
            page=request.resolver_match.view_name,
            network=truncated(request.META.get("REMOTE_ADDR")),
            first_deposit_at=datetime.combine(paris_day(choice.first_deposit_at), time(), PARIS),
        )
