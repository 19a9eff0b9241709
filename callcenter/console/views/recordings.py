import logging
import re
from datetime import datetime

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import SignedInRequest
from accounts.roles import LISTENING_ROLES
from callcenter import recordings
from callcenter.console.forms import ListeningForm
from callcenter.models import Recording
from privacy.encrypted_files import Unreadable

logger = logging.getLogger(__name__)

A_PAGE = 50
RIGHTS = "listening"  # in the session: recording → until when
NUMBER = re.compile(r"\d{1,18}", re.ASCII)
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
AT_ONCE = 1024**2  # of what a player asks to the end: it comes back for more, and a slow one keeps nobody waiting
PLAYERS = ("audio", "video", "")  # not "document": the browser's own page of a sound offers to save it


@require_GET
def all_recordings(request: SignedInRequest) -> HttpResponse:
    """What there is to listen to, the latest call first; `appel` is a call's number."""
    if request.user.role not in LISTENING_ROLES:
        raise Http404
    audible = Recording.objects.visible_to(request.user).unexpired(now=timezone.now())
    audible = audible.select_related("call__landlord").order_by("-ended_at")
    call = request.GET.get("appel", "").strip()
    if call:
        audible = audible.filter(call=int(call)) if NUMBER.fullmatch(call) else audible.none()
    page = Paginator(audible, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "console/recordings.html", {"page": page, "call": call})


@require_http_methods(["GET", "POST"])
def recording(request: SignedInRequest, pk: int) -> HttpResponse:
    """For the supervisor and the DPO: say why, then listen for half an hour."""
    now = timezone.now()
    found = audible_or_404(request, pk, now=now)
    form = ListeningForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        may_until = recordings.open_for_listening(found, by=request.user, now=now, **form.cleaned_data)
        request.session[RIGHTS] = {**rights(request, now=now), str(pk): may_until.isoformat()}
        return redirect("console:recording", pk)
    until = rights(request, now=now).get(str(pk))
    context = {
        "recording": found,
        "goes_on": recordings.goes_on(found.call),
        "until": datetime.fromisoformat(until) if until else None,
        "form": form,
    }
    return render(request, "console/recording.html", context, status=422 if form.errors else 200)


@require_GET
def recording_sound(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The sound itself, for the page's player only, from wherever it seeks to."""
    now = timezone.now()
    found = audible_or_404(request, pk, now=now)
    if str(pk) not in rights(request, now=now) or request.headers.get("Sec-Fetch-Dest", "") not in PLAYERS:
        raise Http404
    try:
        asked = asked_range(request.headers.get("Range", ""), size=found.size)
    except Unsatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{found.size}"})
    start, stop = asked or (0, found.size)
    try:
        pieces = recordings.sound(found, start=start, stop=stop)
    except Unreadable as error:
        logger.error("recording cannot be read", extra={"recording": pk, "error": str(error)})
        raise Http404 from error
    response = StreamingHttpResponse(pieces, content_type=found.content_type, status=206 if asked else 200)
    response["Accept-Ranges"] = "bytes"
    response["Content-Length"] = stop - start
    response["Content-Disposition"] = "inline"
    if asked:
        response["Content-Range"] = f"bytes {start}-{stop - 1}/{found.size}"
    return response


def audible_or_404(request: SignedInRequest, pk: int, *, now: datetime) -> Recording:
    audible = Recording.objects.visible_to(request.user).unexpired(now=now)
    return get_object_or_404(audible.select_related("call__landlord", "key"), pk=pk)


def rights(request: SignedInRequest, *, now: datetime) -> dict[str, str]:
    """The recordings that this session may listen to, and until when."""
    held: dict[str, str] = request.session.get(RIGHTS, {})
    return {pk: until for pk, until in held.items() if now < datetime.fromisoformat(until)}


class Unsatisfiable(Exception):
    """The range begins after the end."""


def asked_range(header: str, *, size: int) -> tuple[int, int] | None:
    """From where up to where; None for the whole, which is also the answer to what is no single range (RFC 9110)."""
    found = RANGE.fullmatch(header)
    if found is None or found[0] == "bytes=-":
        return None
    first, last = found.groups()
    if not first:
        start, stop = max(size - int(last), 0), size
    elif not last:
        start, stop = int(first), min(int(first) + AT_ONCE, size)
    elif int(last) < int(first):
        return None
    else:
        start, stop = int(first), min(int(last) + 1, size)
    if start >= size:
        raise Unsatisfiable
    return start, stop
