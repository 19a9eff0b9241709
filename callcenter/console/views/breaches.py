"""Whoever works here and suspects a breach of personal data says so: the clock starts, and the DPO is told."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, roles_only
from accounts.roles import ADMIN_SITE_ROLES, DESK_ROLES
from privacy import breaches
from privacy.breaches_desk import ReportForm

DONE = (
    "Violation {reference} signalée. Le délégué à la protection des données est prévenu. "
    "Gardez ce que vous avez vu, n’effacez rien."
)


@roles_only(*DESK_ROLES, *ADMIN_SITE_ROLES)
@require_http_methods(["GET", "POST"])
def report_breach(request: SignedInRequest) -> HttpResponse:
    now = timezone.now()
    form = ReportForm(request.POST if request.method == "POST" else None, initial={"aware_at": timezone.localtime(now)})
    if form.is_valid():
        try:
            breach = breaches.report(**form.cleaned_data, by=request.user, now=now)
        except breaches.BreachError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, DONE.format(reference=breach.reference))
            return redirect("console:report_breach")
    return render(request, "console/report_breach.html", {"form": form}, status=422 if form.errors else 200)
