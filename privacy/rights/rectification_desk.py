"""The DPO's part of a request to rectify: each proposal beside today's value, its answer, and the correction."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from privacy import journal
from privacy.models import RectificationItem, RightsRequest
from privacy.rights import grounds, rectification
from privacy.rights.proposal_form import ProposalForm
from privacy.rights.workflow import RequestError
from privacy.site import refuse_unless, signed_in

ACTING = "privacy.change_rightsrequest"


def urls(site: AdminSite) -> list[URLPattern]:
    def page(view: Any) -> Any:
        return site.admin_view(lambda request, **where: view(request, site=site, **where))

    return [
        path(
            "droits/<int:pk>/rectification/valeurs/",
            page(require_http_methods(["GET", "POST"])(values)),
            name="rights_rectification_values",
        ),
        path(
            "droits/<int:pk>/rectification/<int:item>/",
            page(require_POST(answer)),
            name="rights_rectification_answer",
        ),
        path(
            "droits/<int:pk>/rectification/executer/",
            page(require_POST(carry_out)),
            name="rights_rectification_execute",
        ),
    ]


def part(asked: RightsRequest, *, by: AbstractBaseUser, now: datetime) -> dict[str, Any]:
    """What ``admin/requests/rectification.html`` shows, on the page of the request."""
    return {
        "asked": asked,
        "plan": rectification.plan(asked, now=now),
        "grounds": grounds.of(rectification.Right.RECTIFICATION).values(),
        "may_act": by.has_perm(ACTING) and not asked.answered_at,  # type: ignore[attr-defined]
    }


def request_of(pk: int) -> RightsRequest:
    requests = RightsRequest.objects.filter(right=rectification.Right.RECTIFICATION).select_related("person")
    return get_object_or_404(requests, pk=pk)


def back(pk: int) -> HttpResponse:
    return redirect("admin:rights_request", pk)


def values(request: HttpRequest, *, site: AdminSite, pk: int) -> HttpResponse:
    """What is kept of the person, to be written as they wish it: each change becomes a proposal."""
    refuse_unless(request, ACTING)
    asked, by, now = request_of(pk), signed_in(request), timezone.now()
    kept = rectification.proposable(asked.person, request=asked, opinions=True) if asked.person else []
    form = ProposalForm(request.POST if request.method == "POST" else None, kept)
    if form.is_valid():
        try:
            found = rectification.propose(asked, form.changes(), by=by, now=now)
        except RequestError as error:
            messages.error(request, str(error))
        else:
            messages.success(
                request, "Ajouté à la demande." if found else "Rien ne change\N{NO-BREAK SPACE}: rien n’est ajouté."
            )
        return back(pk)
    journal.record_reads([asked.person], by=by, now=now, page="rectification")
    context = {
        **site.each_context(request),
        "title": f"Valeurs à rectifier, demande {asked.reference}",
        "asked": asked,
        "form": form,
    }
    return TemplateResponse(
        request, "admin/requests/rectification_values.html", context, status=422 if form.is_bound else 200
    )


def answer(request: HttpRequest, *, site: AdminSite, pk: int, item: int) -> HttpResponse:
    refuse_unless(request, ACTING)
    found = get_object_or_404(RectificationItem.objects.filter(request=request_of(pk)), pk=item)
    by, now, said = signed_in(request), timezone.now(), request.POST
    try:
        if said.get("answer") == rectification.Answer.APPROVED:
            rectification.approve(found, seen=said.get("seen", ""), by=by, now=now)
        else:
            statement = said.get("statement", "")[: RectificationItem._meta.get_field("statement").max_length]
            rectification.refuse(found, ground=said.get("ground", ""), statement=statement, by=by, now=now)
    except RequestError as error:
        messages.error(request, str(error))
    return back(pk)


def carry_out(request: HttpRequest, *, site: AdminSite, pk: int) -> HttpResponse:
    """The decision is what the answers add up to; what was approved is corrected in the same click."""
    refuse_unless(request, ACTING)
    try:
        counts = rectification.decide_and_execute(request_of(pk), by=signed_in(request), now=timezone.now())
    except RequestError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said_done(counts))
    return back(pk)


def said_done(counts: dict[str, int]) -> str:
    if not counts:
        return "Décidé\N{NO-BREAK SPACE}: rien n’est rectifié, il reste à répondre à la personne."
    copies = f", et {counts['copies']} copie(s)" if counts["copies"] else ""
    return f"Rectifié\N{NO-BREAK SPACE}: {counts['rectified']} valeur(s){copies}. Les destinataires sont prévenus."
