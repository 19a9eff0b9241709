"""The DPO's page of who waits to be told: recipients (article 19), third parties (article 14), the restricted."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from privacy.models import RecipientNotice, Restriction, ThirdPartyNotice
from privacy.retention.due import paris_day
from privacy.rights import information, recipients, restriction
from privacy.rights.workflow import RequestError
from privacy.site import refuse_unless, signed_in

A_PAGE = 100

Act = Callable[..., object]  # called with the row, the posted form, and `by` and `now` by keyword

ACTS: dict[str, tuple[type[Model], Act, str]] = {
    "confirme": (
        RecipientNotice,
        lambda row, said, **act: recipients.acknowledge(row, **act),
        "Le destinataire est prévenu.",
    ),
    "impossible": (
        RecipientNotice,
        lambda row, said, **act: recipients.give_up(row, reason=said.get("reason", ""), **act),
        "C’est noté, avec la raison.",
    ),
    "informee": (
        ThirdPartyNotice,
        lambda row, said, **act: information.mark_told(row.person, how=information.How.LETTER, **act),
        "La personne est informée.",
    ),
    "dispense": (
        ThirdPartyNotice,
        lambda row, said, **act: information.exempt(
            row, exemption=said.get("exemption", ""), reason=said.get("reason", ""), **act
        ),
        "La dispense est notée.",
    ),
    "annoncer": (
        Restriction,
        lambda row, said, **act: restriction.announce_lifting(row, **act),
        "L’annonce part. La limitation se lève quand elle est partie.",
    ),
    "lever": (
        Restriction,
        lambda row, said, **act: restriction.lift(row, **act),
        "La limitation est levée.",
    ),
}


def urls(site: AdminSite) -> list[URLPattern]:
    def page(view: Any) -> Any:
        return site.admin_view(lambda request, **where: view(request, site=site, **where))

    return [
        path("droits/a-prevenir/", page(require_safe(duties)), name="rights_duties"),
        path("droits/a-prevenir/<slug:word>/<int:pk>/", page(require_POST(carry_out)), name="rights_duty"),
    ]


def duties(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    refuse_unless(request, "privacy.view_recipientnotice")
    executed = RecipientNotice.objects.unsettled().filter(request__executed_at__isnull=False)
    context = {
        **site.each_context(request),
        "title": "À prévenir",
        "today": paris_day(timezone.now()),
        "recipients": executed.select_related("request").order_by("made_at", "pk")[:A_PAGE],
        "third_parties": ThirdPartyNotice.objects.waiting()[:A_PAGE],
        "restrictions": Restriction.objects.active().select_related("notice").order_by("started_at", "pk")[:A_PAGE],
        "exemptions": ThirdPartyNotice.Exemption.choices,
        "may_act": request.user.has_perm("privacy.change_recipientnotice"),
    }
    return TemplateResponse(request, "admin/duties.html", context)


def carry_out(request: HttpRequest, *, site: AdminSite, word: str, pk: int) -> HttpResponse:
    refuse_unless(request, "privacy.change_recipientnotice")
    if word not in ACTS:
        raise Http404
    model, act, done = ACTS[word]
    row = get_object_or_404(model, pk=pk)
    try:
        act(row, request.POST, by=signed_in(request), now=timezone.now())
    except RequestError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("admin:rights_duties")
