from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedInRequest, desk_only, polled
from accounts.models import Person, User
from callcenter import calls
from callcenter.console.forms import EntryForm, InterventionForm, ProblemForm, SpendingForm, StepForm, TriageForm
from callcenter.console.once import once
from callcenter.console.page import console_page
from callcenter.console.views.dispatching import how_it_was_sent, sent_by_provider
from callcenter.console.views.duty import duty_of
from callcenter.console.views.exchanges import exchange_with_tenant
from callcenter.console.views.locked import padlock_or_404
from callcenter.console.views.relocations import nights_away
from callcenter.console.views.reports import told_on_the_portal
from callcenter.models import Call, LogEntry
from callcenter.thread import read_thread
from interventions import lifecycle, provider_links, watch
from interventions.duplicates import possible_duplicates
from interventions.models import (
    DutyDecision,
    DutyShift,
    Dwelling,
    Estimate,
    Incident,
    Instruction,
    Intervention,
    Relocation,
    Residence,
    Status,
)
from interventions.problems import PROBLEMS_BY_CODE, Priority
from interventions.reviews import with_review
from interventions.surroundings import alerts_about, last_interventions
from interventions.triage import suggest
from privacy import journal
from privacy.disclosure import DisclosureRefused
from privacy.rights.rectification import statements_beside

TRIAGE_AT_MOST = timedelta(hours=1)
LONGEST_ID = 18  # digits, as many as a bigint surely holds

# The step most often taken next comes first on the sheet, with its key.
STEP_KEYS: dict[Status, str] = {
    Status.QUALIFIED: "q",
    Status.DISPATCHED: "t",
    Status.ACCEPTED: "a",
    Status.APPOINTMENT: "r",
    Status.ON_SITE: "s",
    Status.DONE: "f",
    Status.FOLLOW_ON: "d",
    Status.NO_ACCESS: "b",
    Status.CLOSED: "c",
    Status.REOPENED: "o",
    Status.REFUSED: "h",
    Status.CANCELLED: "x",
}
STEP_WORDS: dict[Status, str] = {
    Status.QUALIFIED: "Qualifier",
    Status.DISPATCHED: "Transmettre",
    Status.ACCEPTED: "Acceptée",
    Status.APPOINTMENT: "Rendez-vous",
    Status.ON_SITE: "Sur place",
    Status.DONE: "Faite",
    Status.FOLLOW_ON: "Suite à donner",
    Status.NO_ACCESS: "Absent",
    Status.CLOSED: "Clore",
    Status.REOPENED: "Rouvrir",
    Status.REFUSED: "Hors périmètre",
    Status.CANCELLED: "Annuler",
}


@dataclass(frozen=True)
class Step:
    to: Status
    word: str
    key: str
    at_once: bool  # nothing to fill in: one click
    gives_up: bool  # shown last, in red

    @classmethod
    def of(cls, to: Status, *, after: Status) -> "Step":
        asks = to in (Status.DISPATCHED, Status.APPOINTMENT) or (to in lifecycle.REASON_NEEDED and after != Status.DONE)
        asks = asks or (after, to) == (Status.RECEIVED, Status.QUALIFIED)
        return cls(
            to, STEP_WORDS[to], STEP_KEYS[to], at_once=not asks, gives_up=to in (Status.REFUSED, Status.CANCELLED)
        )


# A provider that will not come: it says so on its page. The desk sends somebody else.
PROVIDERS_OWN = {(Status.DISPATCHED, Status.QUALIFIED), (Status.ACCEPTED, Status.QUALIFIED)}


def steps_from(intervention: Intervention) -> list[Step]:
    now_at = Status(intervention.status)
    steps = [Step.of(to, after=now_at) for to in lifecycle.TRANSITIONS[now_at] if (now_at, to) not in PROVIDERS_OWN]
    return sorted(steps, key=lambda step: step.gives_up)


SHEET = ("residence", "dwelling", "occupant", "reported_by", "provider", "owner")


def sheets(user: User) -> QuerySet[Intervention]:
    itself = Intervention.objects.filter(pk=OuterRef(OuterRef("pk")))
    entries = LogEntry.objects.filter(intervention=OuterRef(OuterRef("pk")))
    shown = with_review(Intervention.objects.visible_to(user).select_related(*SHEET))
    return shown.annotate(statements=statements_beside(itself, entries), **beside())


def beside() -> dict[str, Exists]:
    """Whether there is any of what few interventions have: what there is none of is not read."""
    of_it = {"intervention": OuterRef("pk")}
    return {
        "has_estimates": Exists(Estimate.objects.filter(**of_it).exclude(offered_at=None)),
        "has_stays": Exists(Relocation.objects.filter(**of_it)),
        "has_question": Exists(DutyDecision.objects.filter(**of_it, decided_at=None)),
        "has_duty": Exists(DutyShift.objects.filter(contact__landlord=OuterRef("landlord"))),
    }


@desk_only
@require_GET
def intervention(request: SignedInRequest, pk: int) -> HttpResponse:
    found = sheets(request.user).filter(pk=pk).first()
    if found is None:
        return padlock_or_404(request, Intervention, pk)
    to = request.GET.get("etape", "")
    form = None
    if to in [step.to for step in steps_from(found)]:
        form = StepForm(found, Status(to), now=timezone.now())
    return intervention_page(request, found, step_form=form, to=to)


def intervention_page(
    request: SignedInRequest,
    intervention: Intervention,  # of `sheets`
    *,
    step_form: StepForm | None = None,
    to: str = "",
    spending_form: SpendingForm | None = None,
    link: str = "",
    status: int = 200,
) -> HttpResponse:
    now, there = timezone.now(), vars(intervention)
    context = {
        "now": now,
        "intervention": intervention,
        **live_part(intervention, now=now),
        "step_form": step_form,
        "step": Status(to) if step_form else None,
        "step_word": STEP_WORDS[Status(to)] if step_form else "",
        "link": link,
        "entry_form": EntryForm(),
        "codes": intervention.residence.access_codes.order_by("label") if intervention.is_open else [],
        **around(intervention, now=now),
        **exchange_with_tenant(intervention),
        **told_on_the_portal(intervention),
        **sent_by_provider(intervention),
        "spending_form": spending_form or (SpendingForm() if intervention.is_with_provider else None),
        **(nights_away(intervention) if there["has_stays"] else {}),
        **duty_of(intervention, has_question=there["has_question"], has_duty=there["has_duty"], now=now),
    }
    shows = [intervention, intervention.occupant, intervention.reported_by]
    return console_page(request, "console/intervention.html", context, shows=shows, status=status)


def live_part(intervention: Intervention, *, now: datetime) -> dict[str, Any]:
    thread = read_thread(intervention)
    dispatched = how_it_was_sent(intervention, thread, now=now)
    link = dispatched["living_link"]
    shown = (
        *(intervention.version, len(thread), intervention.owner_id, intervention.incident_id, f"{now:%H%M}"),
        link.opened if link else "",
    )
    return {
        **dispatched,
        "steps": steps_from(intervention),
        "thread": thread,
        "seen": ".".join(map(str, shown)),
        "last_slot": intervention.appointments.last() if intervention.status == Status.APPOINTMENT else None,
    }


def around(intervention: Intervention, *, now: datetime) -> dict[str, Any]:
    place = intervention.dwelling or intervention.residence
    return {
        "dwelling": intervention.dwelling,
        "residence": intervention.residence,
        "alerts": alerts_about(place, person=intervention.occupant, on=timezone.localdate(now)),
        "history": last_interventions(place, but=intervention),
    }


@desk_only
@require_POST
def new_link(request: SignedInRequest, pk: int) -> HttpResponse:
    """A link for the provider, shown on this page and never again; the former dies."""
    found = get_object_or_404(sheets(request.user), pk=pk)
    now = timezone.now()
    try:
        token = provider_links.renew_link(found, now=now)
    except (provider_links.NoJob, DisclosureRefused) as error:
        messages.warning(request, str(error))
        return redirect("console:intervention", pk)
    journal.record(found, action="change", by=request.user, now=now, act="link")
    link = request.build_absolute_uri(reverse("provider:job", args=[token]))
    return intervention_page(request, found, link=link)


@polled
@desk_only
@require_GET
def live_intervention(request: SignedInRequest, pk: int) -> HttpResponse:
    """State and thread, for a page that shows `seen`: what colleagues do appears; forms being filled in stay."""
    found = get_object_or_404(sheets(request.user), pk=pk)
    now = timezone.now()
    context = {"intervention": found, "now": now, **live_part(found, now=now)}
    if request.GET.get("seen") == context["seen"]:
        return HttpResponse(status=204)
    return render(request, "console/intervention_live.html", context)


@desk_only
@require_POST
@once
def advance(request: SignedInRequest, pk: int, to: str) -> HttpResponse:
    found = get_object_or_404(sheets(request.user), pk=pk)
    if to not in Status.values:
        raise Http404
    step = Status(to)
    form = StepForm(found, step, request.POST, now=timezone.now())
    if form.is_valid():
        try:
            take_step(found, form, by=request.user, now=timezone.now())
        except lifecycle.StaleIntervention as error:
            if not form.says_something:
                messages.warning(request, str(error))
                return redirect("console:intervention", pk)
            form = form.again()
            form.add_error(None, str(error))
        except (lifecycle.LifecycleError, DisclosureRefused) as error:
            form.add_error(None, str(error))
        else:
            journal.record(found, action="change", by=request.user, now=timezone.now(), status=step.value)
            messages.success(request, f"{found.reference}\N{NO-BREAK SPACE}: {step.label.lower()}.")
            return redirect("console:intervention", pk)
    return intervention_page(request, found, step_form=form, to=to, status=422)


def take_step(intervention: Intervention, form: StepForm, *, by: User, now: datetime) -> None:
    said = form.cleaned_data
    if form.confirms_a_report:
        lifecycle.qualify(
            intervention,
            priority=Priority(said["priority"]),
            on_site_by=said["on_site_by"],
            override_reason=said["reason"],
            by=by,
            now=now,
            version=said["version"],
        )
        return
    lifecycle.advance(
        intervention,
        to=form.to,
        by=by,
        now=now,
        version=said["version"],
        reason=said["reason"],
        provider=said.get("provider"),
        suggested_provider=said.get("suggested"),
        slot=form.slot(),
        promise=said.get("on_site_by"),
    )


@desk_only
@require_POST
def take_over(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Intervention.objects.visible_to(request.user), pk=pk)
    now = timezone.now()
    owner = request.POST.get("owner", "")
    try:
        lifecycle.take_over(found, seen_owner=int(owner) if owner.isdecimal() else None, by=request.user, now=now)
    except lifecycle.AlreadyFollowed as error:
        messages.warning(request, str(error))
    else:
        watch.take_escalations(found, by=request.user, now=now)
        journal.record(found, action="change", by=request.user, now=now, act="take_over")
        messages.success(request, f"Vous suivez {found.reference}.")
    return redirect("console:intervention", pk)


@desk_only
@require_http_methods(["GET", "POST"])
@once
def new_intervention(request: SignedInRequest) -> HttpResponse:
    """
    Open an intervention, with or without a call: the problem first, then its script, then what the agent confirms.

    The address names the call, the dwelling or the residence (`appel`, `logement`, `residence`), never a person.
    """
    now = timezone.now()
    asked = request.POST if request.method == "POST" else request.GET
    call = get_from(Call.objects.visible_to(request.user).select_related("caller", "on_behalf_of"), asked.get("appel"))
    dwelling, residence = place_of(request, call=call)
    if residence is None:
        messages.info(request, "Cherchez d’abord le logement ou la résidence.")
        return redirect("console:call", call.pk) if call else redirect("console:search")

    problem = PROBLEMS_BY_CODE.get(asked.get("problem", ""))
    triage = TriageForm(problem, asked if problem else None) if problem else None
    answers = triage.answers() if triage else {}
    began_at = triage_began(asked.get("began_at", ""), now=now)
    suggestion = suggest(problem, answers=answers, landlord=residence.landlord, now=began_at) if problem else None
    incidents = list(Incident.objects.open().filter(residence=residence).select_related("equipment"))
    duplicates = possible_duplicates(problem, residence=residence, dwelling=dwelling)
    form = None
    if suggestion is not None:
        initial = {
            "priority": suggestion.priority,
            "on_site_by": suggestion.on_site_by,
            "contact_number": call.from_number if call else "",
            "description": asked.get("description", ""),
            "incident": next((one.pk for one in incidents if problem and one.problem_code == problem.code), ""),
        }
        posted = request.POST if "open" in request.POST or "refuse" in request.POST else None
        form = InterventionForm(posted, initial=initial, incidents=incidents)

    if form is not None and form.is_bound and form.is_valid() and problem and suggestion:
        try:
            with transaction.atomic():
                opened = lifecycle.open_intervention(
                    problem,
                    suggestion=suggestion,
                    residence=residence,
                    dwelling=dwelling,
                    occupant=call.concerns if call else current_occupant(dwelling, now=now),
                    reported_by=call.caller if call else None,
                    contact_number=form.cleaned_data["contact_number"],
                    answers=answers,
                    description=form.cleaned_data["description"],
                    priority=Priority(form.cleaned_data["priority"]),
                    on_site_by=form.cleaned_data["on_site_by"],
                    override_reason=form.cleaned_data["override_reason"],
                    incident=form.cleaned_data["incident"],
                    duplicates=len(duplicates),
                    by=request.user,
                    now=now,
                )
                if call:
                    calls.link_intervention(call, intervention=opened, by=request.user)
                if "refuse" in request.POST:
                    reason = f"Orienté vers {suggestion.refer_to}" if suggestion.refer_to else "Hors périmètre"
                    lifecycle.advance(
                        opened, to=Status.REFUSED, by=request.user, now=now, version=opened.version, reason=reason
                    )
        except (lifecycle.LifecycleError, calls.CallError) as error:
            form.add_error(None, str(error))
        else:
            journal.record(opened, action="create", by=request.user, now=now)
            messages.success(request, f"Intervention {opened.reference} ouverte.")
            return redirect("console:intervention", opened.pk)

    context = {
        "now": now,
        "call": call,
        "dwelling": dwelling,
        "residence": residence,
        "problem": problem,
        "problem_form": ProblemForm(initial={"problem": asked.get("problem", "")}),
        "triage": triage,
        "began_at": began_at,
        "suggestion": suggestion,
        "not_ours": suggestion is not None and suggestion.action == Instruction.Action.NOT_OURS,
        "form": form,
        "duplicates": duplicates,
        "alerts": alerts_about(
            dwelling or residence, person=call.concerns if call else None, on=timezone.localdate(now)
        ),
    }
    if request.htmx:
        return render(request, "console/triage.html", context)
    shows = [call, call.concerns] if call else [dwelling]
    status = 422 if form and form.errors else 200
    return console_page(request, "console/intervention_new.html", context, shows=shows, status=status)


def triage_began(text: str, *, now: datetime) -> datetime:
    """When the script was opened, to the minute: what it suggested then is what the agent confirms, not a new time."""
    try:
        began_at = datetime.fromisoformat(text)
    except ValueError:
        began_at = now
    if timezone.is_naive(began_at) or not now - TRIAGE_AT_MOST <= began_at <= now:
        began_at = now
    return began_at.replace(second=0, microsecond=0)


def get_from(queryset: Any, pk: str | None) -> Any:
    """The object an address names, None when it names none, 404 when it is not there or not yours."""
    if not pk:
        return None
    if not pk.isdecimal() or len(pk) > LONGEST_ID:
        raise Http404
    return get_object_or_404(queryset, pk=pk)


def place_of(request: SignedInRequest, *, call: Call | None) -> tuple[Dwelling | None, Residence | None]:
    """The dwelling and residence named in the address, else the current dwelling of whom the call is about."""
    asked = request.POST if request.method == "POST" else request.GET
    dwellings = Dwelling.objects.visible_to(request.user).select_related("residence__landlord")
    dwelling = get_from(dwellings, asked.get("logement"))
    residence = get_from(Residence.objects.visible_to(request.user).select_related("landlord"), asked.get("residence"))
    if dwelling is None and residence is None and call is not None and call.concerns is not None:
        tenancy = call.concerns.tenancies.current(on=timezone.localdate()).first()
        dwelling = dwellings.filter(pk=tenancy.dwelling_id).first() if tenancy else None
    return dwelling, dwelling.residence if dwelling else residence


def current_occupant(dwelling: Dwelling | None, *, now: datetime) -> Person | None:
    if dwelling is None:
        return None
    tenancies = dwelling.tenancies.unrestricted().current(on=timezone.localdate(now))
    tenancy = tenancies.select_related("person").first()
    return tenancy.person if tenancy else None
