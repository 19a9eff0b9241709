from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, desk_only
from callcenter.console.forms import AnswerForm, SeenForm
from callcenter.console.once import once
from interventions import messages as exchanges
from interventions.models import Intervention
from privacy import journal


def exchange_with_tenant(intervention: Intervention) -> dict[str, Any]:
    """What the sheet shows of it: their words and the desk’s, the oldest first."""
    thread = list(intervention.messages.select_related("author"))
    return {
        "exchange": thread,
        "exchange_seen": thread[-1].pk if thread else 0,
        "unanswered": sum(message.author_id is None and message.read_at is None for message in thread),
    }


@desk_only
@require_POST
@once
def answer_tenant(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Intervention.objects.visible_to(request.user), pk=pk)
    form, now = AnswerForm(request.POST), timezone.now()
    if not form.is_valid():
        messages.warning(request, "Rien n’a été envoyé\N{NO-BREAK SPACE}: le message est vide, ou trop long.")
        return redirect("console:intervention", pk)
    try:
        exchanges.write_to_tenant(found, by=request.user, now=now, **form.cleaned_data)
    except exchanges.NobodyToWriteTo as error:
        messages.warning(request, str(error))
    else:
        journal.record(found, action="change", by=request.user, now=now, act="answer_tenant")
        messages.success(request, "Message envoyé. Le locataire est prévenu, s’il est joignable.")
    return redirect(reverse("console:intervention", args=[pk]) + "#exchange")


@desk_only
@require_POST
def put_aside(request: SignedInRequest, pk: int) -> HttpResponse:
    """Read, and nothing to answer: it leaves the board."""
    found = get_object_or_404(Intervention.objects.visible_to(request.user), pk=pk)
    form, now = SeenForm(request.POST), timezone.now()
    if form.is_valid() and exchanges.put_aside(found, now=now, **form.cleaned_data):
        journal.record(found, action="change", by=request.user, now=now, act="put_aside")
    return redirect("console:intervention", pk)
