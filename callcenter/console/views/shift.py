from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, desk_only
from callcenter.console.page import console_page
from callcenter.shifts import current_shift, hand_over, handover_sheet


@desk_only
@require_http_methods(["GET", "POST"])
def handover(request: SignedInRequest) -> HttpResponse:
    """The sheet that whoever comes next reads; posting it ends the shift and begins the next."""
    now = timezone.now()
    shift = current_shift(by=request.user, now=now)
    if request.method == "POST":
        if request.POST.get("shift") == str(shift.pk):
            hand_over(shift, by=request.user, now=now)
            messages.success(request, "Relève faite. La vacation suivante a commencé.")
        else:
            messages.warning(request, "Un collègue a déjà fait la relève.")
        return redirect("console:handover")
    return console_page(request, "console/handover.html", {"now": now, "sheet": handover_sheet(shift, now=now)})
