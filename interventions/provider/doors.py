"""Pages behind a secret address, for companies without an account."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

View = Callable[..., HttpResponse]


class Gone(Exception):
    """The token opens nothing: forged, dead or another page's. Nobody is told which."""


def secret_page(view: View) -> View:
    """
    The address is the key and all there is: no cookie gives a right, so no other site can make a browser use one. (A
    page that sends no referrer could not pass the usual check either.) Whatever the token is not, it is the same 404.
    """

    @csrf_exempt
    @login_not_required
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        try:
            response = view(request, token)
        except Gone:
            response = render(request, "provider/gone.html", status=404)
        response["Cache-Control"] = "no-store, private"
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return guarded
