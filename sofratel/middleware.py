import ipaddress
import logging
import time
from collections.abc import Callable
from contextlib import suppress

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from sofratel.errors import method_not_allowed

logger = logging.getLogger("sofratel.requests")

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestLog:
    """One line a request: never the query string, a form's content or a name."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started_at = time.perf_counter()
        response = self.get_response(request)
        logger.info(
            "request",
            extra={
                "method": request.method,
                "path": _loggable_path(request),
                "status": response.status_code,
                "milliseconds": round((time.perf_counter() - started_at) * 1000, 1),
                "user": _signed_in_id(request),
            },
        )
        return response


class ClientAddress:
    """
    Behind our proxy REMOTE_ADDR becomes whom the proxy saw: the last address of X-Forwarded-For, the only one that the
    client did not write. Without a proxy the header is anybody's word, and is not read.
    """

    def __init__(self, get_response: GetResponse) -> None:
        if not settings.BEHIND_PROXY:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        seen = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        with suppress(ValueError):  # the proxy's own address is better than a word that is none
            request.META["REMOTE_ADDR"] = str(ipaddress.ip_address(seen))
        return self.get_response(request)


class ReadersLanguage:
    """
    Pages for the public and for tenants speak the reader's language, as chosen on the device or said by the browser.
    Everything else is for people at work in French.
    """

    WRITTEN_IN_ALL = (
        "/portail/",
        "/connexion/",
        "/deconnexion/",
        "/compte/",
        "/cookies/",
        "/langue/",
        "/confidentialite/copie/",
        "/confidentialite/droits/",
    )

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        free = request.path == "/" or request.path.startswith(self.WRITTEN_IN_ALL)
        language = translation.get_language_from_request(request) if free else settings.LANGUAGE_CODE
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = self.get_response(request)
        if free:
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        response.headers.setdefault("Content-Language", translation.get_language())
        return response


class SayWhatIsNotAllowed:
    """Django's answer to a wrong method is an empty page."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or response.headers["Content-Type"] == "application/problem+json":
            return response
        page = method_not_allowed(request)
        page["Allow"] = response["Allow"]
        return page


class NoStoreWhenSignedIn:
    """What a signed-in person was shown stays in no cache, shared computer or not."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if _signed_in_id(request):
            response["Cache-Control"] = "no-store, private"
        return response


class HideTokens(logging.Filter):
    """Django's own line about a page that failed names its address, and the request with it."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = record.__dict__.pop("request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            path = _loggable_path(request)
            record.args = tuple(path if arg == request.path else arg for arg in record.args)
        return True


def _loggable_path(request: HttpRequest) -> str | None:
    """An address of ours without its secret token. One that is not ours may hold anything, so it is left out."""
    if request.path.startswith(settings.STATIC_URL):
        return request.path
    if request.resolver_match is None:
        return None
    path = request.path
    for secret in ("token", "key"):
        if value := request.resolver_match.kwargs.get(secret):
            path = path.replace(str(value), "…")
    return path


def _signed_in_id(request: HttpRequest) -> str | None:
    """Without a query: a page that never looked at the session is the same for everybody."""
    session = getattr(request, "session", None)
    return session.get(SESSION_KEY) if session is not None and session.accessed else None
