"""The pages that say what happened, what was kept and what to do: whole, or as a fragment where htmx swaps them in."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _alone(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _in_site(request, "403.html", status=403, why=getattr(exception, "why", ""))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _in_site(request, "403_csrf.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _in_site(request, "404.html", status=404)


def method_not_allowed(request: HttpRequest) -> HttpResponse:
    """The address of a form, opened as a page: after signing in again, or from the history."""
    return _in_site(request, "405.html", status=405)


def server_error(request: HttpRequest) -> HttpResponse:
    return _alone(request, "500.html", status=500)


def unavailable(request: HttpRequest) -> HttpResponse:
    """While the database cannot be reached, or must not be yet."""
    response = _alone(request, "503.html", status=503)
    response["Retry-After"] = "60"
    return response


def _in_site(request: HttpRequest, template: str, *, status: int, **context: str) -> HttpResponse:
    layout = "errors/fragment.html" if _swapped(request) else "base.html"
    return render(request, template, {"layout": layout, **context}, status=status)


def _alone(request: HttpRequest, template: str, *, status: int) -> HttpResponse:
    """Without context processors: neither the session nor the database is asked."""
    layout = "errors/fragment.html" if _swapped(request) else "errors/alone.html"
    context = {"layout": layout, "emergency_phone": settings.EMERGENCY_PHONE}
    return HttpResponse(render_to_string(template, context), status=status)


def _swapped(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"
