import re

from django.contrib import messages
from django.db import transaction
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedInRequest, desk_only
from accounts.models import Person
from callcenter.console.forms import AlertForm
from callcenter.console.once import once
from callcenter.console.page import console_page
from callcenter.console.views.interventions import get_from
from interventions.models import Dwelling, Incident, Intervention, Residence, SafetyAlert, Tenancy
from interventions.surroundings import alerts_about
from privacy import journal

PARTS = re.compile(r"\d+|\D+")


@desk_only
@require_GET
def dwelling(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Dwelling.objects.visible_to(request.user).select_related("residence__landlord"), pk=pk)
    now = timezone.now()
    tenancies = list(found.tenancies.unrestricted().select_related("person").order_by("-since_on"))
    context = {
        "now": now,
        "dwelling": found,
        "residence": found.residence,
        "tenancies": tenancies,
        "alerts": alerts_about(found, on=timezone.localdate(now)),
        "interventions": Intervention.objects.remembered().filter(dwelling=found).order_by("-opened_at")[:40],
    }
    shows = [found, *(tenancy.person for tenancy in tenancies)]
    return console_page(request, "console/dwelling.html", context, shows=shows)


@desk_only
@require_GET
def residence(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Residence.objects.visible_to(request.user).select_related("landlord"), pk=pk)
    now = timezone.now()
    living_there = Tenancy.objects.unrestricted().current(on=timezone.localdate(now)).select_related("person")
    dwellings = found.dwellings.prefetch_related(Prefetch("tenancies", living_there, to_attr="living_there"))
    context = {
        "now": now,
        "residence": found,
        "equipment": found.equipment.order_by("label"),
        "dwellings": sorted(dwellings, key=natural_place),
        "alerts": alerts_about(found, on=timezone.localdate(now)),
        "interventions": Intervention.objects.open()
        .unrestricted()
        .filter(residence=found)
        .select_related("dwelling")
        .order_by("on_site_by"),
        "incidents": Incident.objects.filter(residence=found).order_by("-opened_at")[:10],
    }
    return console_page(request, "console/residence.html", context)


def natural_place(dwelling: Dwelling) -> list[list[tuple[int, str]]]:
    """The order of the letter boxes: RDC before floor 1, door 3 before door 11."""
    texts = (dwelling.staircase, dwelling.floor, dwelling.door, dwelling.reference)
    return [[(int(part), "") if part.isdecimal() else (-1, part) for part in PARTS.findall(text)] for text in texts]


@desk_only
@require_http_methods(["GET", "POST"])
@once
def new_alert(request: SignedInRequest) -> HttpResponse:
    """A danger on a dwelling, a residence or a person: `logement`, `residence` or `personne` in the address."""
    asked = request.POST if request.method == "POST" else request.GET
    about = {
        "dwelling": get_from(
            Dwelling.objects.visible_to(request.user).select_related("residence"), asked.get("logement")
        ),
        "residence": get_from(Residence.objects.visible_to(request.user), asked.get("residence")),
        "person": get_from(Person.objects.visible_to(request.user).current(), asked.get("personne")),
    }
    named = {field: subject for field, subject in about.items() if subject is not None}
    if len(named) != 1:
        messages.error(request, "Une alerte porte sur un logement, une résidence ou une personne.")
        return redirect("console:search")
    ((field, subject),) = named.items()
    form = AlertForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        alert = form.save(commit=False)
        setattr(alert, field, subject)
        alert.starts_on, alert.raised_by = timezone.localdate(now), request.user
        alert.save()
        journal.record(alert, action="create", by=request.user, now=now)
        messages.success(request, "Alerte posée.")
        return redirect(f"console:{field}", subject.pk)
    context = {"form": form, "subject": subject, "field": field, **about}
    status = 422 if form.errors else 200
    return console_page(request, "console/alert_form.html", context, shows=[about["person"]], status=status)


@desk_only
@require_POST
@transaction.atomic
def end_alert(request: SignedInRequest, pk: int) -> HttpResponse:
    """The danger is over: the alert goes at once."""
    alert = SafetyAlert.objects.filter(pk=pk).first()
    if alert is None:
        messages.info(request, "Cette alerte était déjà levée.")
        return redirect("console:board")
    field, subject_pk = next(
        (field, getattr(alert, f"{field}_id"))
        for field in ("dwelling", "residence", "person")
        if getattr(alert, f"{field}_id")
    )
    journal.record(alert, action="delete", by=request.user, now=timezone.now())
    alert.delete()
    messages.success(request, "Alerte levée.")
    return redirect(f"console:{field}", subject_pk)
