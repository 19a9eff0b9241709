from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import SignedInRequest, desk_only, polled
from accounts.models import Person
from callcenter.board import read_board
from callcenter.console.forms import EntryForm
from callcenter.console.page import console_page
from callcenter.search import search, suggest
from callcenter.shifts import current_shift
from callcenter.thread import read_lines
from interventions.reviews import waiting_reviews
from interventions.watch import waiting_escalations
from privacy import journal


@desk_only
@require_GET
def board(request: SignedInRequest) -> HttpResponse:
    """The desk between two calls: the shift's notes, and for the supervisor what escalated."""
    now = timezone.now()
    shift = current_shift(by=request.user, now=now)
    context = {
        "now": now,
        "shift": shift,
        "entries": read_lines(shift, newest=30)[::-1],
        "entry_form": EntryForm(),
        "reviews": waiting_reviews(),
        "escalations": waiting_escalations()[:20] if request.user.is_supervisor else [],
    }
    return console_page(request, "console/home.html", context)


@polled
@desk_only
@require_GET
def live_board(request: SignedInRequest) -> HttpResponse:
    """The board, for a page that shows the state `seen`: nothing to send while nothing changed."""
    now = timezone.now()
    board = read_board(request.user, now=now)
    if request.GET.get("seen") == board.fingerprint:
        return HttpResponse(status=204)
    return render(request, "console/board.html", {"board": board, "now": now, "here": request.GET.get("here", "")})


@desk_only
@require_http_methods(["GET", "POST"])
def find(request: SignedInRequest) -> HttpResponse:
    """
    One box for people, places and references. What is looked for is posted: a name has no place in an address.

    As-you-type asks for the suggestions alone.
    """
    text, today = request.POST.get("q", ""), timezone.localdate()
    if request.htmx:
        results = suggest(text, user=request.user, on=today)
        tell_journal(request, found=len(results))
        return render(request, "console/suggestions.html", {"q": text, "results": results})
    found = search(text, user=request.user, on=today) if text else None
    tell_journal(request, found=len(found.people) if found else 0)
    return console_page(request, "console/search.html", {"q": text, "results": found})


def tell_journal(request: SignedInRequest, *, found: int) -> None:
    """How many people a search showed: neither who nor what was typed."""
    if found:
        journal.record_of_none(Person, action="search", by=request.user, now=timezone.now(), found=found)
