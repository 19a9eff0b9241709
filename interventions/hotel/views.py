"""A stay, for the hotel that has its link: no account, no more than it needs, nothing after check-out."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from interventions import relocations
from interventions.provider.doors import Gone, secret_page
from privacy.disclosure import DisclosureRefused

ANSWERS = {"yes": True, "no": False}


@secret_page
def stay(request: HttpRequest, token: str) -> HttpResponse:
    """Nothing happens by looking: mail programs open links by themselves."""
    now = timezone.now()
    found = relocations.find(token, now=now)
    if found is None:
        raise Gone
    if request.method == "POST" and request.POST.get("answer") in ANSWERS:
        try:
            answered = relocations.answer(found, confirmed=ANSWERS[request.POST["answer"]], now=now)
        except relocations.RelocationError:
            return redirect("hotel:stay", token)  # sent twice
        return redirect("hotel:stay", token) if answered.confirmed else render(request, "hotel/refused.html")
    try:
        given = relocations.give(found, by=None, now=now)
    except DisclosureRefused:
        raise Gone from None
    if request.method == "GET":
        relocations.note_opening(found, now=now)
    return render(request, "hotel/stay.html", {"stay": given, "confirmed": found.confirmed})
