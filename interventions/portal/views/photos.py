"""Photos on their way in, read no further than they may be long, and shown to those they are for."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import wraps
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from interventions import photos
from interventions.models import Photo, ReportDraft
from interventions.photo_uploads import PhotoUploads, dropped, opened, too_long
from interventions.portal.visitors import Purpose, Visitor, VisitorRequest, portal_page
from privacy.encrypted_files import Unreadable

View = Callable[..., HttpResponse]


def takes_photos(view: View) -> View:
    """
    A view whose form brings photos. A body that no ten photos fill is refused before it is read, so the check of the
    form's token, which reads it, comes after.
    """
    checked = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def guarded(request: VisitorRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if too_long(request):
            response = render(request, "portal/too_much.html", {"visitor": request.visitor}, status=413)
            response["Connection"] = "close"
            return response
        request.upload_handlers = [PhotoUploads(request)]
        return checked(request, *args, **kwargs)

    return guarded


def take_in(request: VisitorRequest, draft: ReportDraft, *, now: datetime) -> list[str]:
    """Add the photos of the request to the draft. Returns why some were refused, once each."""
    sent = request.FILES.getlist("photos")
    refusals = dropped(request)
    for file in sent:
        try:
            photos.add_photo(draft, stream=opened(file), now=now)
        except photos.Refused as refusal:
            refusals.append(str(refusal))
    return list(dict.fromkeys(refusals))


@portal_page(Purpose.REPORT)
@require_POST
@takes_photos
def add_photos(request: VisitorRequest, pk: int) -> HttpResponse:
    """For the page’s script: one photo at a time, and the list as it is then."""
    now = timezone.now()
    draft = get_object_or_404(drafts_of(request.visitor, now=now).unsent(), pk=pk)
    refusals = take_in(request, draft, now=now)
    return render(request, "portal/photos.html", photo_list(draft, refusals))


def photo_list(draft: ReportDraft, refusals: Iterable[str] = ()) -> dict[str, Any]:
    held = list(draft.photos.all())
    return {"draft": draft, "photos": held, "refusals": refusals, "room": photos.MOST - len(held), "most": photos.MOST}


def drafts_of(visitor: Visitor, *, now: datetime) -> Any:
    """What this visitor has begun to report: none with a link that is for following something."""
    if visitor.link is not None and visitor.link.purpose != Purpose.REPORT:
        return ReportDraft.objects.none()
    return ReportDraft.objects.alive(now=now).filter(person=visitor.person)


@portal_page(Purpose.REPORT, Purpose.FOLLOW)
@require_safe
def photo(request: VisitorRequest, pk: int, *, thumbnail: bool) -> HttpResponseBase:
    visitor, now = request.visitor, timezone.now()
    told = Q(intervention__in=visitor.interventions(), kind=Photo.Kind.TENANT)
    theirs = Q(draft__in=drafts_of(visitor, now=now)) | told
    return picture(get_object_or_404(Photo.objects.unexpired(now=now).filter(theirs), pk=pk), thumbnail=thumbnail)


def picture(found: Photo, *, thumbnail: bool) -> StreamingHttpResponse:
    """The JPEG itself, for this page and no cache."""
    try:
        pieces = photos.pixels(found, thumbnail=thumbnail)
    except Unreadable as error:
        raise Http404(_("Cette photo ne peut pas être lue.")) from error
    response = StreamingHttpResponse(pieces, content_type="image/jpeg")
    response["Content-Length"] = found.thumbnail_size if thumbnail else found.size - found.thumbnail_size
    response["Content-Disposition"] = "inline"
    response["Cache-Control"] = "no-store, private"
    return response
