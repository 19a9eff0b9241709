"""The one button that tells firefighters, the police or the SAMU, and the supervisor's review of each."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedInRequest, desk_only, roles_only
from accounts.roles import Role
from callcenter.console.emergency_forms import DangerForm, ReviewForm
from callcenter.console.once import once
from callcenter.console.page import console_page
from callcenter.models import Call
from interventions import emergencies
from interventions.models import EmergencyAlert, Intervention
from privacy import journal

SHEET = ("intervention__residence", "intervention__dwelling", "dwelling__residence", "by", "person")
SHOWN_AT_MOST = 200


@desk_only
@require_http_methods(["GET", "POST"])
@once
def tell_of_intervention(request: SignedInRequest, pk: int) -> HttpResponse:
    """Also where the data of whom it is for are restricted: this alone may be done then."""
    return tell(request, get_object_or_404(Intervention, pk=pk), call=None)


@desk_only
@require_http_methods(["GET", "POST"])
@once
def tell_of_call(request: SignedInRequest, pk: int) -> HttpResponse:
    call = get_object_or_404(Call.objects.select_related("intervention", "caller", "on_behalf_of"), pk=pk)
    return tell(request, call.intervention, call=call)


def tell(request: SignedInRequest, intervention: Intervention | None, *, call: Call | None) -> HttpResponse:
    """Which service and which danger; then what to read out, which is on the register by then."""
    now = timezone.now()
    form = DangerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        known: dict[str, object] = {"intervention": intervention}
        if intervention is None and call is not None:
            person = call.concerns
            tenancy = person.tenancies.current(on=timezone.localdate(now)).first() if person else None
            known = {"dwelling": tenancy and tenancy.dwelling, "person": person, "number": call.other_number}
        alert = emergencies.tell(**form.cleaned_data, **known, by=request.user, now=now)  # type: ignore[arg-type]
        journal.record(alert, action="create", by=request.user, now=now)
        return redirect("console:emergency", alert.pk)
    context = {"intervention": intervention, "call": call, "form": form, "services": EmergencyAlert.Service}
    return console_page(request, "console/emergency_new.html", context, status=422 if form.errors else 200)


@desk_only
@require_GET
def emergency(request: SignedInRequest, pk: int) -> HttpResponse:
    """To read out; once it is reviewed there is nothing left to read."""
    alert = get_object_or_404(EmergencyAlert.objects.select_related(*SHEET), pk=pk)
    now = timezone.now()
    given = emergencies.give(alert, now=now) if alert.reviewed_at is None else {}
    return console_page(
        request, "console/emergency.html", {"now": now, "alert": alert, "given": given}, shows=[alert, alert.person]
    )


@roles_only(Role.SUPERVISOR)
@require_GET
def all_emergencies(request: SignedInRequest) -> HttpResponse:
    return emergencies_page(request)


@roles_only(Role.SUPERVISOR)
@require_POST
def review_emergency(request: SignedInRequest, pk: int) -> HttpResponse:
    alert = get_object_or_404(EmergencyAlert, pk=pk)
    form = ReviewForm(request.POST, auto_id=f"review_{pk}_%s")
    if not form.is_valid():
        return emergencies_page(request, sent={pk: form}, status=422)
    now = timezone.now()
    try:
        emergencies.review(alert, **form.cleaned_data, by=request.user, now=now)
    except emergencies.AlreadyReviewed as error:
        messages.warning(request, str(error))
    else:
        journal.record(alert, action="change", by=request.user, now=now, act="review")
        messages.success(request, "C’est relu.")
    return redirect("console:emergencies")


def emergencies_page(
    request: SignedInRequest, *, sent: dict[int, ReviewForm] | None = None, status: int = 200
) -> HttpResponse:
    now, sent = timezone.now(), sent or {}
    alerts = EmergencyAlert.objects.select_related("intervention", "by", "reviewed_by")
    waiting = [
        (alert, sent.get(alert.pk) or ReviewForm(auto_id=f"review_{alert.pk}_%s"))
        for alert in alerts.unreviewed()[:SHOWN_AT_MOST]
    ]
    context = {
        "now": now,
        "today": timezone.localdate(now),
        "waiting": waiting,
        "reviewed": alerts.exclude(reviewed_at=None).order_by("-at")[:30],
    }
    return console_page(request, "console/emergencies.html", context, status=status)
