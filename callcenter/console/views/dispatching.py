"""What the desk sees of a provider's answer, and what it does when there is none or an expense needs a word."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, desk_only
from callcenter.console.forms import SpendingForm
from callcenter.console.once import once
from callcenter.thread import Line
from interventions import dispatch, spending
from interventions.models import Intervention, SpendingApproval, Status
from interventions.problems import Priority
from interventions.provider_links import NoJob
from interventions.reaching import addresses_of
from privacy import journal
from privacy.disclosure import DisclosureRefused
from privacy.restriction import Restricted


def how_it_was_sent(intervention: Intervention, thread: list[Line], *, now: datetime) -> dict[str, Any]:
    """
    The living link and when it was opened, the last word about an expense, and whom to send instead where the provider
    has refused or has not answered in time.
    """
    with_provider = intervention.is_with_provider
    link = intervention.links.filter(ended_at=None).first() if with_provider else None
    steps = [line for line in thread if line.to_status]
    declined = intervention.status == Status.QUALIFIED and bool(steps) and steps[0].by_provider
    silent = intervention.status == Status.DISPATCHED and is_silent(intervention, steps, now=now)
    provider = intervention.provider
    return {
        "living_link": link,
        "reached": with_provider and provider and addresses_of(provider, numbers=[provider.number]),
        "arrives_at": steps[0].arrives_at if steps and intervention.status == Status.ACCEPTED else None,
        "approval": intervention.approvals.last() if any(line.kind == "spending_asked" for line in thread) else None,
        "sent_at": steps[0].at if silent or declined else None,
        "declined": declined,
        "instead": dispatch.next_candidate(intervention, now=now) if silent or declined else None,
    }


def is_silent(intervention: Intervention, steps: list[Line], *, now: datetime) -> bool:
    return bool(steps) and steps[0].at <= now - dispatch.ANSWER_WITHIN[Priority(intervention.priority)]


def sent_by_provider(intervention: Intervention) -> dict[str, Any]:
    """Photos and signatures, where there was a provider."""
    if intervention.provider_id is None:
        return {}
    return {
        "work_photos": list(intervention.photos.from_provider()),
        "signatures": list(intervention.signatures.select_related("image")),
        "spending_form": SpendingForm() if intervention.is_with_provider else None,
    }


@desk_only
@require_POST
@once
def ask_to_spend(request: SignedInRequest, pk: int) -> HttpResponse:
    """The provider tells an amount on the telephone."""
    found = get_object_or_404(Intervention.objects.visible_to(request.user), pk=pk)
    form, now = SpendingForm(request.POST), timezone.now()
    if not form.is_valid():
        messages.warning(request, "Donnez un montant et dites pour quoi. Rien n’a été demandé.")
        return redirect("console:intervention", pk)
    said = form.cleaned_data
    try:
        approval = spending.ask(found, amount=said["amount"], what=said["what"], by=request.user, now=now)
    except (spending.SpendingError, NoJob, DisclosureRefused) as error:
        messages.warning(request, str(error))
    except Restricted:
        messages.warning(request, "Les données de cette personne sont sous limitation\N{NO-BREAK SPACE}: rien ne part.")
    else:
        journal.record(found, action="change", by=request.user, now=now, act="ask_to_spend")
        if approval.contact_id:
            messages.success(request, "L’accord est demandé au bailleur. Sa réponse s’affichera ici.")
        else:
            messages.warning(request, "Aucun contact du bailleur n’a de messagerie\N{NO-BREAK SPACE}: appelez-le.")
    return redirect("console:intervention", pk)


@desk_only
@require_POST
def note_decision(request: SignedInRequest, pk: int) -> HttpResponse:
    """What the landlord said on the telephone."""
    visible = Intervention.objects.visible_to(request.user)
    approval = get_object_or_404(SpendingApproval.objects.filter(intervention__in=visible), pk=pk)
    now = timezone.now()
    try:
        spending.decide(approval, approved=request.POST.get("decision") == "yes", by=request.user, now=now)
    except spending.SpendingError as error:
        messages.warning(request, str(error))
    else:
        journal.record(approval, action="change", by=request.user, now=now, intervention=approval.intervention_id)
        messages.success(request, "La décision du bailleur est notée.")
    return redirect("console:intervention", approval.intervention_id)
