from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedInRequest, desk_only
from callcenter.console.forms import EntryForm, IncidentForm, ReasonForm
from callcenter.console.once import once
from callcenter.console.page import console_page
from callcenter.thread import read_lines
from interventions import incidents, lifecycle
from interventions.models import Incident, Intervention, Residence
from privacy import journal


@desk_only
@require_http_methods(["GET", "POST"])
@once
def new_incident(request: SignedInRequest, residence_pk: int) -> HttpResponse:
    residence = get_object_or_404(Residence.objects.visible_to(request.user), pk=residence_pk)
    form = IncidentForm(request.POST or None, equipment=residence.equipment.order_by("label"))
    if request.method == "POST" and form.is_valid():
        try:
            incident = incidents.open_incident(
                form.cleaned_data["problem"],
                residence=residence,
                equipment=form.cleaned_data["equipment"],
                by=request.user,
                now=timezone.now(),
            )
        except incidents.IncidentError as error:
            form.add_error(None, str(error))
        else:
            journal.record(incident, action="create", by=request.user, now=timezone.now())
            messages.success(request, "Incident ouvert. Les interventions du même problème y sont rattachées.")
            return redirect("console:incident", incident.pk)
    context = {"form": form, "residence": residence}
    return console_page(request, "console/incident_new.html", context, status=422 if form.errors else 200)


@desk_only
@require_GET
def incident(request: SignedInRequest, pk: int) -> HttpResponse:
    return incident_page(request, find_incident(request, pk), close_form=ReasonForm())


def find_incident(request: SignedInRequest, pk: int) -> Incident:
    found = Incident.objects.visible_to(request.user).select_related("residence__landlord", "equipment", "opened_by")
    return get_object_or_404(found, pk=pk)


def incident_page(
    request: SignedInRequest, incident: Incident, *, close_form: ReasonForm, status: int = 200
) -> HttpResponse:
    gathered = incident.interventions.unrestricted().select_related("dwelling", "occupant")
    members = list(gathered.order_by("opened_at"))
    context = {
        "incident": incident,
        "residence": incident.residence,
        "members": members,
        "others": [] if incident.closed_at else open_outside(incident),
        "entries": read_lines(incident),
        "entry_form": EntryForm(),
        "close_form": close_form,
    }
    shows = [incident, *(member.occupant for member in members)]
    return console_page(request, "console/incident.html", context, shows=shows, status=status)


def open_outside(incident: Incident) -> QuerySet[Intervention]:
    """What could still be gathered under it."""
    others = Intervention.objects.open().unrestricted().filter(residence=incident.residence, incident=None)
    return others.select_related("dwelling")


@desk_only
@require_POST
def close_incident(request: SignedInRequest, pk: int) -> HttpResponse:
    incident = find_incident(request, pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            closed = incidents.close_incident(
                incident, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now()
            )
        except (incidents.IncidentError, lifecycle.LifecycleError) as error:
            messages.warning(request, str(error))
        else:
            journal.record(incident, action="change", by=request.user, now=timezone.now(), act="close", closed=closed)
            messages.success(request, f"Incident clos, avec {closed} intervention{'s' if closed > 1 else ''}.")
        return redirect("console:incident", pk)
    return incident_page(request, incident, close_form=form, status=422)


@desk_only
@require_POST
def attach(request: SignedInRequest, pk: int, intervention_pk: int) -> HttpResponse:
    incident = find_incident(request, pk)
    intervention = get_object_or_404(Intervention.objects.visible_to(request.user), pk=intervention_pk)
    try:
        lifecycle.attach_to_incident(intervention, incident=incident)
    except lifecycle.LifecycleError as error:
        messages.warning(request, str(error))
    else:
        journal.record(
            intervention, action="change", by=request.user, now=timezone.now(), act="attach", incident=incident.pk
        )
    return redirect("console:intervention", intervention_pk)
