"""An expense above the limit: asked of the landlord, and what it answered."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, desk_only
from callcenter.console.forms import SpendingForm
from callcenter.console.once import once
from callcenter.console.views.interventions import intervention_page, sheets
from interventions import spending
from interventions.models import Intervention, SpendingApproval
from interventions.provider_links import NoJob
from privacy import journal
from privacy.disclosure import DisclosureRefused
from privacy.restriction import Restricted


@desk_only
@require_POST
@once
def ask_to_spend(request: SignedInRequest, pk: int) -> HttpResponse:
    """The provider tells an amount on the telephone."""
    found = get_object_or_404(sheets(request.user), pk=pk)
    form, now = SpendingForm(request.POST), timezone.now()
    if not form.is_valid():
        return intervention_page(request, found, spending_form=form, status=422)
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
