"""What tenants told on the portal, as the desk sees it, and the links it sends them."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import SignedInRequest, desk_only
from accounts.models import Person
from callcenter.console.forms import LinkForm
from callcenter.console.once import once
from callcenter.console.page import console_page
from interventions.models import Intervention, PersonalLink, Photo
from interventions.personal_links import addresses_of, revoke_links, send_link
from interventions.portal.views.photos import picture
from privacy import journal

Purpose = PersonalLink.Purpose


def told_on_the_portal(intervention: Intervention) -> dict[str, Any]:
    """Answers, availability and photos, for the sheet. Only the portal asks when somebody is in."""
    if not intervention.availability:
        return {}
    said = {True: "oui", False: "non", None: "ne sait pas"}
    questions = intervention.problem.questions
    return {
        "answers": [(question.text, said[intervention.answers.get(question.code)]) for question in questions],
        "photos": list(intervention.photos.from_tenant()),
    }


@desk_only
@require_safe
def photo(request: SignedInRequest, pk: int, *, thumbnail: bool) -> HttpResponseBase:
    now = timezone.now()
    visible = Photo.objects.unexpired(now=now).filter(intervention__in=Intervention.objects.visible_to(request.user))
    found = get_object_or_404(visible, pk=pk)
    if not thumbnail:
        journal.record_reads([found], by=request.user, now=now)
    return picture(found, thumbnail=thumbnail)


@desk_only
@require_http_methods(["GET", "POST"])
@once
def send_report_link(request: SignedInRequest, pk: int) -> HttpResponse:
    """So that the caller shows the problem: to a number or address of their own."""
    person = get_object_or_404(Person.objects.visible_to(request.user).current(), pk=pk)
    return link_page(request, purpose=Purpose.REPORT, people=[person], intervention=None)


@desk_only
@require_POST
def take_back_links(request: SignedInRequest, pk: int) -> HttpResponse:
    """Sent to a wrong number, or read by somebody else: none of the person's links opens any more."""
    person = get_object_or_404(Person.objects.visible_to(request.user).current(), pk=pk)
    now = timezone.now()
    taken_back = revoke_links(person, now=now)
    journal.record(person, action="change", by=request.user, now=now, act="take_back_links", links=taken_back)
    messages.success(request, "Les liens de cette personne ne s’ouvrent plus.")
    return redirect("console:person", pk)


@desk_only
@require_http_methods(["GET", "POST"])
@once
def send_follow_link(request: SignedInRequest, pk: int) -> HttpResponse:
    """To follow it without an account: for who reported it, or whom it is for."""
    found = get_object_or_404(
        Intervention.objects.visible_to(request.user).select_related("occupant", "reported_by"), pk=pk
    )
    people = dict.fromkeys(person for person in (found.reported_by, found.occupant) if person is not None)
    return link_page(request, purpose=Purpose.FOLLOW, people=list(people), intervention=found)


def link_page(
    request: SignedInRequest, *, purpose: Purpose, people: list[Person], intervention: Intervention | None
) -> HttpResponse:
    now = timezone.now()
    form = LinkForm(
        request.POST if request.method == "POST" else None,
        reachable=[(person, address) for person in people for address in addresses_of(person)],
    )
    if request.method == "POST" and form.is_valid():
        person, to = form.cleaned_data["to"]
        send_link(person, purpose=purpose, to=to, intervention=intervention, by=request.user, now=now)
        journal.record(intervention or person, action="change", by=request.user, now=now, act=f"{purpose.value}_link")
        messages.success(request, "Le lien part tout de suite.")
        if intervention is not None:
            return redirect("console:intervention", intervention.pk)
        return redirect("console:person", person.pk)
    context = {"form": form, "people": people, "intervention": intervention}
    return console_page(request, "console/send_link.html", context, shows=people, status=422 if form.errors else 200)
