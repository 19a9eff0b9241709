"""Nights at a hotel: asked for on the intervention's sheet, approved there by a supervisor."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import SignedInRequest, desk_only, roles_only
from accounts.roles import Role
from callcenter.console.forms import ReasonForm
from callcenter.console.once import once
from callcenter.console.page import console_page
from callcenter.console.relocation_forms import RelocationForm
from interventions import relocations
from interventions.models import Hotel, Intervention, Relocation
from interventions.reaching import addresses_of
from privacy import journal
from privacy.disclosure import DisclosureRefused

ANSWERS = {"yes": True, "no": False}


def nights_away(intervention: Intervention) -> dict[str, Any]:
    """The stay that goes on, else the last word about one."""
    last = intervention.relocations.select_related("hotel", "asked_by", "approved_by").last()
    if last is None:
        return {}
    return {
        "stay": last,
        "hotel_reached": addresses_of(last.hotel, numbers=[last.hotel.number]),
        "approval_form": ReasonForm(auto_id="stay_%s") if last.approved_at is None else None,
    }


@desk_only
@require_http_methods(["GET", "POST"])
@once
def new_relocation(request: SignedInRequest, pk: int) -> HttpResponse:
    visible = Intervention.objects.visible_to(request.user).select_related("residence", "dwelling")
    found = get_object_or_404(visible, pk=pk)
    now = timezone.now()
    form = RelocationForm(request.POST if request.method == "POST" else None, today=timezone.localdate(now))
    if request.method == "POST" and form.is_valid():
        try:
            asked = relocations.ask(found, **form.cleaned_data, by=request.user, now=now)
        except relocations.RelocationError as error:
            form.add_error(None, str(error))
        else:
            journal.record(asked, action="create", by=request.user, now=now, intervention=pk)
            messages.success(request, "Le relogement attend l’accord d’un superviseur.")
            return redirect("console:intervention", pk)
    context = {"intervention": found, "form": form, "hotels": Hotel.objects.filter(is_active=True).exists()}
    return console_page(
        request, "console/relocation_new.html", context, shows=[found], status=422 if form.errors else 200
    )


Act = Callable[[SignedInRequest, Relocation, datetime], str]


def on_stay(act: Act) -> Callable[..., HttpResponseBase]:
    """What the act says of itself, or why it was refused; then back to the intervention's sheet."""

    @require_POST
    @wraps(act)
    def guarded(request: SignedInRequest, pk: int) -> HttpResponse:
        visible = Intervention.objects.visible_to(request.user)
        stay = get_object_or_404(Relocation.objects.filter(intervention__in=visible).select_related("hotel"), pk=pk)
        now = timezone.now()
        try:
            done = act(request, stay, now)
        except (relocations.RelocationError, DisclosureRefused) as error:
            messages.warning(request, str(error))
        else:
            journal.record(stay, action="change", by=request.user, now=now, act=act.__name__)
            messages.success(request, done)
        return redirect("console:intervention", stay.intervention_id)

    return guarded


@roles_only(Role.SUPERVISOR)
@on_stay
def approve_relocation(request: SignedInRequest, stay: Relocation, now: datetime) -> str:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise relocations.RelocationError("Dites pourquoi un relogement est nécessaire. Rien n’est parti.")
    relocations.approve(stay, reason=form.cleaned_data["reason"], by=request.user, now=now)
    if not addresses_of(stay.hotel, numbers=[stay.hotel.number]):
        return f"Accordé. {stay.hotel} n’a pas de messagerie\N{NO-BREAK SPACE}: appelez l’hôtel."
    return f"Accordé. Le lien est parti à {stay.hotel}."


@desk_only
@on_stay
def note_hotel_answer(request: SignedInRequest, stay: Relocation, now: datetime) -> str:
    """What the hotel said on the telephone."""
    if (said := request.POST.get("answer", "")) not in ANSWERS:
        raise Http404
    relocations.answer(stay, confirmed=ANSWERS[said], now=now)
    return "La réponse de l’hôtel est notée."


@desk_only
@on_stay
def cancel_relocation(request: SignedInRequest, stay: Relocation, now: datetime) -> str:
    relocations.cancel(stay, by=request.user, now=now)
    if stay.confirmed:
        return f"Annulé, le lien est mort. Prévenez {stay.hotel} par téléphone."
    return "Le relogement est annulé."
