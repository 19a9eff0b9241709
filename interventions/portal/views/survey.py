from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from interventions import following, surveys
from interventions.portal.answers import SurveyForm
from interventions.portal.views.follow import asks, back, follower, question, theirs_or_404
from interventions.portal.visitors import VisitorRequest


@follower
@asks
def survey(request: VisitorRequest, pk: int) -> HttpResponse:
    """Two questions about one intervention, once, and only for those who agreed to be asked."""
    found, now = theirs_or_404(request, pk), timezone.now()
    person = request.visitor.person
    if not surveys.is_asked(found, person=person, now=now):
        messages.info(request, _("Nous ne vous demandons pas d’avis sur cette demande."))
        return redirect("portal:intervention", pk)
    form = SurveyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            surveys.give_opinion(found, person=person, now=now, **form.cleaned_data)
        except surveys.NotAsked:
            return redirect("portal:intervention", pk)
        if not form.cleaned_data["solved"] and following.may_reopen(found, now=now):
            messages.success(request, _("Merci de votre avis. Ce n’est pas réglé : dites-nous ce qui ne va pas."))
            return redirect("portal:reopen", pk)
        return back(request, pk, _("Merci de votre avis."))
    return question(
        request,
        found,
        form,
        title=_("Votre avis"),
        intro=_("Deux questions. Votre avis est effacé si vous retirez votre accord."),
        submit=_("Envoyer mon avis"),
    )
