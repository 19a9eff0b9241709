from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import SignedInRequest
from interventions.landlord.filters import Filters
from interventions.landlord.followed import follow, theirs, with_all_that_shows
from interventions.landlord.identity import FollowUpOver, Need, identity_of, need
from interventions.landlord.page import landlords_only
from interventions.models import Intervention
from privacy import journal
from privacy.disclosure import DisclosureRefused

A_PAGE = 25


class NeedForm(forms.Form):
    why = forms.ChoiceField(label="Pourquoi", choices=Need.choices, widget=forms.RadioSelect)


@landlords_only
@require_safe
def all_interventions(request: SignedInRequest) -> HttpResponse:
    """Those of the estate, the open ones first, whichever waits longest at the top."""
    now = timezone.now()
    filters = Filters(request.GET, user=request.user)
    context: dict[str, Any] = {"filters": filters, "now": now, "asked": asked_without_page(request)}
    if not filters.is_valid():
        return render(request, "landlord/interventions.html", context, status=422)
    found = filters.apply(theirs(request.user, now=now), now=now).order_by("-closed_at", "on_site_by", "pk")
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    shown = with_all_that_shows(cast("QuerySet[Intervention]", page.object_list))
    rows = follow(shown, by=request.user, now=now)
    context |= {"page": page, "rows": [(row, row.is_late(now=now)) for row in rows]}
    return render(request, "landlord/interventions.html", context)


def asked_without_page(request: SignedInRequest) -> str:
    """What the list is narrowed to, for the links to its other pages and files."""
    asked = request.GET.copy()
    asked.pop("page", None)
    return asked.urlencode()


@landlords_only
@require_safe
def intervention(request: SignedInRequest, pk: int) -> HttpResponse:
    return sheet(request, pk, form=NeedForm())


@landlords_only
@require_POST
def need_person(request: SignedInRequest, pk: int) -> HttpResponse:
    """The manager has to know who it is for."""
    now = timezone.now()
    found = get_object_or_404(theirs(request.user, now=now), pk=pk)
    form = NeedForm(request.POST)
    if not form.is_valid():
        return sheet(request, pk, form=form, status=422)
    try:
        need(found, why=Need(form.cleaned_data["why"]), by=request.user, now=now)
    except FollowUpOver:
        messages.warning(
            request, "Cette intervention est terminée, ou ne concerne personne\N{NO-BREAK SPACE}: rien n’est transmis."
        )
    except DisclosureRefused as refusal:
        messages.warning(request, str(refusal))
    return redirect("landlord:intervention", pk=pk)


def sheet(request: SignedInRequest, pk: int, *, form: NeedForm, status: int = 200) -> HttpResponse:
    now = timezone.now()
    found = get_object_or_404(with_all_that_shows(theirs(request.user, now=now)), pk=pk)
    handed_over = follow([found], by=request.user, now=now)
    if not handed_over:
        raise Http404
    row = handed_over[0]
    identity = identity_of(found, by=request.user, now=now)
    if identity is not None:
        journal.record_reads([identity.person], by=request.user, now=now, intervention=found.pk)
    context = {
        "row": row,
        "late": row.is_late(now=now),
        "identity": identity,
        "may_need": identity is None and found.is_open and found.correspondent is not None,
        "decisions": found.duty_decisions.exclude(decided_at=None),
        "form": form,
        "now": now,
    }
    return render(request, "landlord/intervention.html", context, status=status)
