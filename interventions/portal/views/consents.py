"""Consents (GDPR article 7): one switch each. Taking one back is the same single gesture as giving it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from interventions.portal.visitors import VisitorRequest, tenants_only
from privacy import consent
from privacy.models import ConsentEvent
from privacy.rights import withdrawal
from privacy.wordings import CURRENT

# In a neighbour's words: what it is, what a yes changes, and what taking it back does at once.
EFFECTS = {
    "marketing": (
        gettext_lazy("Recevoir nos nouveautés"),
        gettext_lazy("Nous pourrons vous présenter nos services et nos nouveautés."),
        gettext_lazy("Vous ne recevrez plus rien de tel, dès maintenant."),
    ),
    "handing_identity": (
        gettext_lazy("Donner vos coordonnées à votre bailleur"),
        gettext_lazy(
            "Votre bailleur pourra recevoir votre nom et vos coordonnées pour autre chose que vos interventions."
        ),
        gettext_lazy("Nous ne lui transmettrons plus rien, sauf ce qu’il faut pour suivre vos propres interventions."),
    ),
    "surveys": (
        gettext_lazy("Vous demander votre avis"),
        gettext_lazy("Nous vous poserons deux questions après une intervention, une fois par intervention."),
        gettext_lazy("Nous ne vous demanderons plus votre avis."),
    ),
}


@tenants_only
@require_safe
def all_consents(request: VisitorRequest) -> HttpResponse:
    person = request.visitor.person
    said = list(consent.history(person))
    given = consent.state(person)
    consents = [
        {
            "key": key,
            "title": title,
            "wording": CURRENT[key],
            "is_given": given[key],
            "effect": given_effect if not given[key] else withdrawn_effect,
            "history": [event for event in reversed(said) if event.purpose == key],
        }
        for key, (title, given_effect, withdrawn_effect) in EFFECTS.items()
    ]
    recorded = [event for event in reversed(said) if event.purpose == "recording"]
    context = {"consents": consents, "recorded": recorded, "recording_given": given["recording"]}
    return render(request, "portal/consents.html", context)


@tenants_only
@require_POST
def answer(request: VisitorRequest, purpose: str) -> HttpResponse:
    """Yes or no to one purpose. A recording is agreed to on the telephone only, but taken back here too."""
    said, person = request.POST.get("answer"), request.visitor.person
    how: dict[str, Any] = {
        "purpose": purpose,
        "channel": ConsentEvent.Channel.PORTAL,
        "by": None,
        "now": timezone.now(),
    }
    if said == ConsentEvent.Answer.GIVEN and purpose in EFFECTS:
        consent.give(person, **how)
        messages.success(request, _("C’est noté. Vous pouvez changer d’avis à tout moment, ici même."))
    elif said == ConsentEvent.Answer.WITHDRAWN and purpose in (*EFFECTS, "recording"):
        last = consent.last_word(person, purpose=purpose)
        if last is None or last.answer != ConsentEvent.Answer.WITHDRAWN:  # a second click is not a second request
            withdrawal.withdraw(person, **how)
        messages.success(request, _("C’est noté, et c’est fait : ce que seul votre accord permettait s’arrête."))
    else:
        raise Http404
    return redirect("portal:consents")
