from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, desk_only
from accounts.models import Person
from callcenter.console.forms import ConsentForm
from callcenter.models import Call
from privacy import consent, journal
from privacy.models import ConsentEvent
from privacy.rights import withdrawal


@desk_only
@require_POST
def note_consent(request: SignedInRequest, pk: int, purpose: str) -> HttpResponse:
    """One form to give and to withdraw: the channel, and the one button that the current state leaves."""
    person = get_object_or_404(Person.objects.visible_to(request.user).current(), pk=pk)
    form = ConsentForm(request.POST)
    if purpose not in consent.CONSENTS or not form.is_valid():
        raise Http404
    note = consent.give if form.cleaned_data["answer"] == ConsentEvent.Answer.GIVEN else withdrawal.withdraw
    now = timezone.now()
    channel = form.cleaned_data["channel"]
    note(
        person,
        purpose=purpose,
        channel=channel,
        by=request.user,
        now=now,
        source=call_with(person, request) if channel == ConsentEvent.Channel.PHONE else None,
    )
    journal.record(person, action="change", by=request.user, now=now, act=note.__name__, purpose=purpose)
    done = "noté" if note is consent.give else "retiré, et ce qui ne tenait que par lui est supprimé"
    messages.success(request, f"Accord {done}.")
    return redirect("console:person", pk)


def call_with(person: Person, request: SignedInRequest) -> Call | None:
    """The call in progress, when it is this person who speaks."""
    return Call.objects.unfinished_by(request.user).filter(caller=person).first()
