"""Where a person fetches the copy of their data: by a link that serves once, signed in or with a code."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from privacy.encrypted_files import Unreadable
from privacy.models import ExportPackage
from privacy.pages.links import CodeForm, hinted, too_many_codes
from privacy.policy import DPO_EMAIL
from privacy.registry import registry
from privacy.rights import packages
from privacy.rights.gather import Whole
from privacy.rights.links import LinkGone, TooManyCodes
from privacy.rights.portable import schema
from privacy.rights.readers import is_for_portability, readers_of


@sensitive_post_parameters("code")
@never_cache
@login_not_required
@require_http_methods(["GET", "POST"])
def package(request: HttpRequest, token: str) -> HttpResponseBase:
    """Nothing is used up by looking: mail programs open links by themselves."""
    now = timezone.now()
    try:
        found = packages.find_package(token, now=now)
        is_theirs = Whole.of(found.request).owns(request.user)
        if request.method == "POST" and "to" in request.POST:
            return send_code(request, found, token=token)
        form = CodeForm(request.POST or None)
        if request.method == "POST" and (is_theirs or form.is_valid()):
            if is_theirs or packages.is_right_code(found, form.cleaned_data["code"], now=now):
                return download(request, found)
            form.add_error("code", _("Ce code n’est pas le bon, ou il a plus de dix minutes."))
    except LinkGone:
        return gone(request)
    return page(request, found, form=form, is_theirs=is_theirs)


def page(request: HttpRequest, found: ExportPackage, *, form: CodeForm, is_theirs: bool) -> HttpResponse:
    context = {
        "package": found,
        "portable": is_for_portability(found.request),
        "is_theirs": is_theirs,
        "addresses": list(enumerate(map(hinted, readers_of(found.request)))),
        "code_sent": "code" in request.GET or request.method == "POST",
        "form": form,
    }
    return render(request, "privacy/package.html", context, status=422 if form.errors else 200)


def send_code(request: HttpRequest, found: ExportPackage, *, token: str) -> HttpResponse:
    known = dict(enumerate(readers_of(found.request)))
    number = request.POST["to"]
    try:
        packages.send_code(found, to=known.get(int(number) if number.isdecimal() else -1, ""), now=timezone.now())
    except TooManyCodes:
        return too_many_codes(request)
    return redirect(f"{reverse('privacy:package', args=[token])}?code")


def download(request: HttpRequest, found: ExportPackage) -> HttpResponseBase:
    by = request.user if request.user.is_authenticated else None
    try:
        pieces = packages.fetch(found, by=by, now=timezone.now())
    except Unreadable:
        return gone(request)
    response = StreamingHttpResponse(pieces, content_type="application/zip")
    response["Content-Length"] = found.size
    response["Content-Disposition"] = f'attachment; filename="mes-donnees-{found.request.reference}.zip"'
    return response


def gone(request: HttpRequest) -> HttpResponse:
    return render(request, "privacy/package_gone.html", {"dpo_email": DPO_EMAIL}, status=410)


@login_not_required
@require_safe
def portability_schema(request: HttpRequest) -> JsonResponse:
    """What a portable copy looks like, for the service that takes it in."""
    dumps = {"indent": 2, "ensure_ascii": False}
    return JsonResponse(schema(registry), json_dumps_params=dumps, content_type="application/schema+json")
