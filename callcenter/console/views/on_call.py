from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from accounts.access import SignedInRequest, desk_only, roles_only
from accounts.roles import Role
from callcenter.console.on_call_calendar import Span, draw_calendar, paris_date, together
from callcenter.console.on_call_forms import FeedForm, HandOverForm, ShiftForm, SimulationForm, known_sectors
from callcenter.console.once import once
from callcenter.console.page import console_page
from interventions import on_call, on_call_feeds
from interventions.models import OnCallFeed, OnCallShift
from interventions.problems import Trade
from interventions.rota import Source, Weighing, weigh

HOLES_LISTED = 8
WITH_PROVIDERS = ("provider", "handed_over_from", "handed_over_by")

supervisor_only = roles_only(Role.SUPERVISOR)


def posted(request: SignedInRequest) -> QueryDict | None:
    """What was sent, even if that is nothing."""
    return request.POST if request.method == "POST" else None


@desk_only
@require_GET
def calendar(request: SignedInRequest) -> HttpResponse:
    """A week or a month of the rota, `le` a day of it, after what is to come without anybody on call."""
    now = timezone.now()
    day = paris_date(request.GET.get("le", ""), now=now)
    span = Span.month_of(day) if request.GET.get("vue") == "mois" else Span.week_of(day)
    trade = request.GET.get("metier", "")
    sector = request.GET.get("secteur", "")
    trade = trade if trade in Trade.values else ""
    ahead = now + on_call.LOOK_AHEAD
    known = on_call.gaps(since=now, until=max(ahead, span.ends_at))
    shown = [gap for gap in known if gap.starts_at < ahead and trade in ("", gap.trade) and sector in ("", gap.sector)]
    holes = together(shown)
    context = {
        "now": now,
        "today": timezone.localdate(now),
        "calendar": draw_calendar(span, gaps=known, trade=trade, sector=sector, now=now),
        "holes": holes[:HOLES_LISTED],
        "more_holes": len(holes) - HOLES_LISTED,
        "view": "mois" if span.is_month else "semaine",
        "trade": trade,
        "sector": sector,
        "trades": Trade.choices,
        "sectors": known_sectors(),
    }
    return console_page(request, "console/on_call.html", context)


@supervisor_only
@require_http_methods(["GET", "POST"])
@once
def new_shift(request: SignedInRequest) -> HttpResponse:
    """`metier`, `secteur`, `debut` and `fin` in the address say what is to be filled."""
    asked = request.GET
    initial = {
        "trades": asked.getlist("metier"),
        "sectors": asked.getlist("secteur"),
        "starts_at": asked.get("debut", ""),
        "ends_at": asked.get("fin", ""),
        "rank": 1,
    }
    form = ShiftForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            shift = on_call.keep_shift(form.save(commit=False))
        except on_call.OnCallError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Astreinte enregistrée.")
            return redirect(week_of(shift))
    status = 422 if form.errors else 200
    return console_page(request, "console/on_call_form.html", {"form": form}, status=status)


@desk_only
@require_http_methods(["GET", "POST"])
@once
def shift(request: SignedInRequest, pk: int) -> HttpResponse:
    """Agents read it, supervisors change it."""
    found = get_object_or_404(OnCallShift.objects.select_related(*WITH_PROVIDERS), pk=pk)
    if request.method == "POST" and not request.user.is_supervisor:
        raise PermissionDenied
    form = ShiftForm(posted(request), instance=found)
    if request.method == "POST" and form.is_valid():
        try:
            on_call.keep_shift(form.save(commit=False))
        except on_call.OnCallError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Astreinte modifiée.")
            return redirect(week_of(found))
    if form.errors:
        found.refresh_from_db()
    return shift_page(request, found, form=form, status=422 if form.errors else 200)


def shift_page(
    request: SignedInRequest,
    shift: OnCallShift,
    *,
    form: ShiftForm | None = None,
    hand_over_form: HandOverForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "shift": shift,
        "form": form or ShiftForm(instance=shift),
        "hand_over_form": hand_over_form or HandOverForm(shift, auto_id="over_%s"),
        "week": week_of(shift),
    }
    return console_page(request, "console/on_call_shift.html", context, status=status)


@require_POST
@supervisor_only
@once
def hand_over(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(OnCallShift.objects.select_related(*WITH_PROVIDERS), pk=pk)
    form = HandOverForm(found, request.POST, auto_id="over_%s")
    if form.is_valid():
        try:
            part = on_call.hand_over(found, by=request.user, now=timezone.now(), **form.cleaned_data)
        except on_call.OnCallError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{part.provider} reprend l’astreinte.")
            return redirect(week_of(part))
    return shift_page(request, found, hand_over_form=form, status=422)


@require_POST
@supervisor_only
def remove_shift(request: SignedInRequest, pk: int) -> HttpResponse:
    found = OnCallShift.objects.filter(pk=pk).first()
    if found is None:
        messages.info(request, "Cette astreinte était déjà retirée.")
        return redirect("console:on_call")
    back = week_of(found)
    found.delete()
    messages.success(request, "Astreinte retirée.")
    return redirect(back)


def week_of(shift: OnCallShift) -> str:
    return f"{reverse('console:on_call')}?le={timezone.localdate(shift.starts_at).isoformat()}"


@desk_only
@require_GET
def simulate(request: SignedInRequest) -> HttpResponse:
    """Who would be suggested, step by step, for a problem somewhere at some moment. Nothing is kept."""
    now = timezone.now()
    initial = {"at": now}
    form = SimulationForm(request.GET if "problem" in request.GET else None, initial=initial)
    context: dict[str, Any] = {"now": now, "form": form}
    if form.is_valid():
        weighed = weigh(form.job(), at=form.cleaned_data["at"])
        context |= {"job": form.job(), "at": form.cleaned_data["at"], "steps": steps_of(weighed)}
    return console_page(request, "console/on_call_simulation.html", context)


STEPS = {
    Source.RULE: "Règles du bailleur",
    Source.ON_CALL: "Astreinte",
    Source.ABLE: "Autres prestataires du métier",
}


def steps_of(weighed: Weighing) -> list[dict[str, Any]]:
    return [
        {
            "title": title,
            "candidates": [one for one in weighed.candidates if one.source == source],
            "set_aside": [one for one in weighed.set_aside if one.source == source],
        }
        for source, title in STEPS.items()
    ]


@supervisor_only
@require_http_methods(["GET", "POST"])
def feeds(request: SignedInRequest) -> HttpResponse:
    """The calendar addresses that were given out. A new one is shown once, on the answer to its form."""
    form = FeedForm(posted(request))
    address = ""
    if request.method == "POST" and form.is_valid():
        token = on_call_feeds.open_feed(**form.cleaned_data, by=request.user, now=timezone.now())
        address = request.build_absolute_uri(reverse("console:on_call_feed", args=[token]))
        form = FeedForm()
    context = {
        "form": form,
        "address": address,
        "feeds": OnCallFeed.objects.select_related("provider", "created_by"),
    }
    return console_page(request, "console/on_call_feeds.html", context, status=422 if form.errors else 200)


@require_POST
@supervisor_only
def close_feed(request: SignedInRequest, pk: int) -> HttpResponse:
    OnCallFeed.objects.filter(pk=pk).delete()
    messages.success(request, "L’adresse ne répond plus.")
    return redirect("console:on_call_feeds")


@login_not_required
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """For a calendar program: whoever has the address reads it. An unknown token and one taken back answer the same."""
    text = on_call_feeds.read_feed(token, now=timezone.now())
    if text is None:
        raise Http404
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "no-store, private"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"  # the address is the key
    return response
