from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedInRequest, desk_only
from accounts.models import Person
from callcenter import calls, recordings
from callcenter.consents import RECORDING
from callcenter.console.forms import CallbackForm, CallerForm, CallForm, EntryForm, OutcomeForm
from callcenter.console.once import once
from callcenter.console.page import console_page
from callcenter.console.views.locked import padlock_or_404
from callcenter.models import Call, Callback, Recording
from callcenter.notices import CURRENT_NOTICE, NOTICES
from callcenter.search import search
from callcenter.thread import read_lines
from interventions.models import Intervention, Tenancy
from interventions.surroundings import alerts_about, last_interventions
from privacy import journal, wordings

SHEET = ("landlord", "agent", "caller", "on_behalf_of", "intervention")


@desk_only
@require_http_methods(["GET", "POST"])
@once
def new_call(request: SignedInRequest) -> HttpResponse:
    form = CallForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            call = calls.start(
                direction=Call.Direction(form.cleaned_data["direction"]),
                number=form.cleaned_data["number"],
                landlord=form.cleaned_data["landlord"],
                by=request.user,
                now=timezone.now(),
            )
        except calls.OutcomeMissing as error:
            messages.warning(request, str(error))
            return redirect("console:call", error.unfinished.pk)
        journal.record(call, action="create", by=request.user, now=timezone.now())
        return redirect("console:call", call.pk)
    return console_page(request, "console/call_new.html", {"form": form}, status=422 if form.errors else 200)


@desk_only
@require_POST
def demo_ring(request: SignedInRequest) -> HttpResponse:
    """In the demonstration there is no telephone: an invented tenant calls."""
    if not settings.DEMO:
        raise Http404
    now = timezone.now()
    tenancy = (
        Tenancy.objects.current(on=timezone.localdate(now))
        .filter(person__phones__number__gt="", landlord__dialled_numbers__number__gt="")
        .order_by("?")
        .values_list("person__phones__number", "landlord__dialled_numbers__number")
        .first()
    )
    if tenancy is None:
        messages.info(request, "Il n’y a encore aucun locataire.")
        return redirect("console:board")
    calls.ring(from_number=tenancy[0], to_number=tenancy[1], external_id=None, now=now)
    return redirect("console:board")


@desk_only
@require_POST
def answer_call(request: SignedInRequest, pk: int) -> HttpResponse:
    call = get_object_or_404(Call.objects.visible_to(request.user), pk=pk)
    try:
        calls.answer(call, by=request.user, now=timezone.now())
    except calls.OutcomeMissing as error:
        if error.unfinished != call:  # a second click on the same button is no mistake
            messages.warning(request, str(error))
        return redirect("console:call", error.unfinished.pk)
    except calls.AlreadyAnswered as error:
        messages.warning(request, str(error))
        return redirect("console:board")
    journal.record(call, action="change", by=request.user, now=timezone.now(), act="answer")
    return redirect("console:call", pk)


@desk_only
@require_GET
def call(request: SignedInRequest, pk: int) -> HttpResponse:
    found = Call.objects.visible_to(request.user).select_related(*SHEET).filter(pk=pk).first()
    if found is None:
        return padlock_or_404(request, Call, pk)
    return call_page(request, found, outcome_form=OutcomeForm())


@desk_only
@require_POST
def look_for_caller(request: SignedInRequest, pk: int) -> HttpResponse:
    """The people found; each can be put into the call."""
    call = get_object_or_404(Call.objects.visible_to(request.user).select_related(*SHEET), pk=pk)
    now = timezone.now()
    who = request.POST.get("who", "")
    results = search(who, user=request.user, on=timezone.localdate(now))
    if results.people:
        journal.record_of_none(Person, action="search", by=request.user, now=now, found=len(results.people))
    context = {
        "now": now,
        "call": call,
        "mine": call.agent_id == request.user.pk and not call.outcome,
        "who": who,
        "results": results,
        "caller_form": CallerForm(),
    }
    return console_page(request, "console/call_search.html", context)


def call_page(request: SignedInRequest, call: Call, *, outcome_form: OutcomeForm, status: int = 200) -> HttpResponse:
    now = timezone.now()
    today = timezone.localdate(now)
    concerned = call.concerns
    tenancies = (
        Tenancy.objects.visible_to(request.user)
        .filter(person=concerned)
        .current(on=today)
        .select_related("dwelling__residence")
        if concerned
        else Tenancy.objects.none()
    )
    tenancy = tenancies.first()
    context = {
        "now": now,
        "call": call,
        "mine": call.agent_id == request.user.pk and not call.outcome,
        "entries": read_lines(call),
        "notice": NOTICES[call.notice_version or CURRENT_NOTICE].format(landlord=call.landlord or "votre bailleur"),
        "recording_question": wordings.CURRENT[RECORDING].text,
        "recording": Recording.objects.visible_to(request.user).unexpired(now=now).filter(call=call).first(),
        "known": calls.known_callers(call.other_number) if call.caller is None else [],
        "waiting": call.waiting_time(now=now),
        "talking": call.talking_time(now=now),
        "tenancy": tenancy,
        "outcome_form": outcome_form,
        "entry_form": EntryForm(),
        "caller_form": CallerForm(),
    }
    if tenancy is not None:
        context |= beside(tenancy, person=concerned, now=now)
    return console_page(
        request, "console/call.html", context, shows=[call, call.caller, call.on_behalf_of], status=status
    )


def beside(tenancy: Tenancy, *, person: Person | None, now: datetime) -> dict[str, object]:
    """The dwelling that a call is about: its alerts and what happened there before."""
    dwelling = tenancy.dwelling
    history = last_interventions(dwelling)
    return {
        "dwelling": dwelling,
        "residence": dwelling.residence,
        "alerts": alerts_about(dwelling, person=person, on=timezone.localdate(now)),
        "history": history,
        "open_here": [past for past in history if past.is_open],
    }


def on_my_call(view: Callable[[SignedInRequest, Call], HttpResponse | None]) -> Callable[..., HttpResponseBase]:
    """
    An act on the call that one is on, journalled, then back to its sheet. A page left open over its end is told so.

    What the act refuses with a CallError is told as well.
    """

    @desk_only
    @require_POST
    @wraps(view)
    def guarded(request: SignedInRequest, pk: int) -> HttpResponse:
        call = get_object_or_404(Call.objects.visible_to(request.user).select_related(*SHEET), pk=pk)
        if call.agent_id != request.user.pk or call.outcome:
            messages.warning(request, "Cet appel n’est pas, ou n’est plus, le vôtre. Rien n’a été changé.")
            return redirect("console:call", pk)
        try:
            response = view(request, call)
        except calls.CallError as error:
            messages.error(request, str(error))
            return redirect("console:call", pk)
        if response is None or response.status_code == 302:
            journal.record(call, action="change", by=request.user, now=timezone.now(), act=view.__name__)
        return response or redirect("console:call", pk)

    return guarded


@on_my_call
def identify_caller(request: SignedInRequest, call: Call) -> None:
    """Put a person into the call, as the caller or as the one it is about."""
    form = CallerForm(request.POST)
    if not form.is_valid():
        raise calls.CallError("Cette fiche n’existe plus. Cherchez de nouveau la personne.")
    person, relation = form.cleaned_data["person"], form.cleaned_data["relation"]
    if form.cleaned_data["role"] == "caller":
        calls.identify(call, caller=person, on_behalf_of=call.on_behalf_of, relation=call.relation, by=request.user)
    else:
        relation = relation or Call.Relation.OTHER
        calls.identify(call, caller=call.caller, on_behalf_of=person, relation=relation, by=request.user)


@on_my_call
def clear_caller(request: SignedInRequest, call: Call) -> None:
    calls.identify(call, caller=None, on_behalf_of=None, relation="", by=request.user)


@on_my_call
def give_notice(request: SignedInRequest, call: Call) -> None:
    calls.give_notice(call, by=request.user, now=timezone.now())


@on_my_call
def answer_recording(request: SignedInRequest, call: Call) -> None:
    answer = request.POST.get("answer")
    if answer in (Call.RecordingAnswer.ACCEPTED, Call.RecordingAnswer.REFUSED):
        calls.note_recording_answer(call, answer=Call.RecordingAnswer(answer), by=request.user, now=timezone.now())


@desk_only
@require_POST
def object_to_recording(request: SignedInRequest, pk: int) -> HttpResponse:
    """Whoever was heard in this one call, or spoken of, objects to its recording after it (GDPR article 21)."""
    found, now = get_object_or_404(Call.objects.visible_to(request.user), pk=pk), timezone.now()
    recordings.delete_of(found, by=request.user, now=now)
    journal.record(found, action="change", by=request.user, now=now, act="object_to_recording")
    messages.success(request, "L’enregistrement de cet appel est effacé, ou le sera dès que rien ne le retient.")
    return redirect("console:call", pk)


@on_my_call
def pause_recording(request: SignedInRequest, call: Call) -> None:
    calls.pause_recording(call, by=request.user, now=timezone.now())


@on_my_call
def resume_recording(request: SignedInRequest, call: Call) -> None:
    calls.resume_recording(call, by=request.user, now=timezone.now())


@on_my_call
def finish_call(request: SignedInRequest, call: Call) -> HttpResponse:
    form = OutcomeForm(request.POST)
    if form.is_valid():
        try:
            calls.finish(
                call,
                outcome=Call.Outcome(form.cleaned_data["outcome"]),
                promised_at=form.cleaned_data["promised_at"],
                by=request.user,
                now=timezone.now(),
            )
        except calls.CallError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Appel terminé.")
            return redirect("console:board")
    return call_page(request, call, outcome_form=form, status=422)


@desk_only
@require_POST
def link_intervention(request: SignedInRequest, pk: int, intervention_pk: int) -> HttpResponse:
    call = get_object_or_404(Call.objects.visible_to(request.user), pk=pk)
    intervention = get_object_or_404(Intervention.objects.visible_to(request.user), pk=intervention_pk)
    try:
        suggested = "suggested" in request.POST
        calls.link_intervention(call, intervention=intervention, suggested=suggested, by=request.user)
    except calls.CallError as error:
        messages.warning(request, str(error))
    else:
        journal.record(
            call, action="change", by=request.user, now=timezone.now(), act="link", intervention=intervention.pk
        )
        messages.success(request, f"Appel rattaché à {intervention.reference}.")
    return redirect("console:call", pk)


@desk_only
@require_POST
@once
def ring_back(request: SignedInRequest, pk: int) -> HttpResponse:
    callback = get_object_or_404(Callback, pk=pk)
    try:
        call = calls.ring_back(callback, by=request.user, now=timezone.now())
    except calls.OutcomeMissing as error:
        messages.warning(request, str(error))
        return redirect("console:call", error.unfinished.pk)
    except calls.CallError as error:
        messages.warning(request, str(error))
        return redirect("console:callback", pk)
    journal.record(call, action="create", by=request.user, now=timezone.now(), callback=pk)
    return redirect("console:call", call.pk)


@desk_only
@require_http_methods(["GET", "POST"])
def callback(request: SignedInRequest, pk: int) -> HttpResponse:
    """A missed call or a promise: who takes it, and for when."""
    found = get_object_or_404(
        Callback.objects.unrestricted().select_related("call__landlord", "call__caller", "owner", "done_by"), pk=pk
    )
    form = CallbackForm(request.POST or None, initial={"promised_at": found.promised_at})
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["promised_at"] <= timezone.now():
            form.add_error("promised_at", "Promettez une heure à venir.")
        else:
            try:
                calls.take_callback(found, by=request.user, promised_at=form.cleaned_data["promised_at"])
            except calls.CallError as error:
                messages.warning(request, str(error))
            else:
                journal.record(found, action="change", by=request.user, now=timezone.now(), act="take")
                messages.success(request, "Rappel pris.")
            return redirect("console:callback", pk)
    known = calls.known_callers(found.call.other_number)
    context = {"callback": found, "form": form, "known": known}
    shows = [found, found.call.caller, *known]
    return console_page(request, "console/callback.html", context, shows=shows, status=422 if form.errors else 200)


@desk_only
@require_POST
def give_up_callback(request: SignedInRequest, pk: int) -> HttpResponse:
    callback = get_object_or_404(Callback, pk=pk)
    now = timezone.now()
    calls.give_up_callback(callback, by=request.user, now=now)
    journal.record(callback, action="change", by=request.user, now=now, act="give_up")
    messages.success(request, "Rappel classé.")
    return redirect("console:board")
