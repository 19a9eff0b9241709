from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import SignedInRequest, desk_only
from callcenter.console.forms import ComplaintAnswerForm
from callcenter.console.once import once
from callcenter.console.page import console_page
from interventions import complaints
from interventions.models import Complaint
from privacy import journal

A_PAGE = 50


@desk_only
@require_GET
def all_complaints(request: SignedInRequest) -> HttpResponse:
    """Those that wait for their final answer, the one that is due first before the others."""
    waiting = Complaint.objects.visible_to(request.user).open().select_related("landlord").order_by("opened_at", "pk")
    page = Paginator(waiting, A_PAGE).get_page(request.GET.get("page"))
    return console_page(request, "console/complaints.html", {"page": page}, shows=page.object_list)


@desk_only
@require_http_methods(["GET", "POST"])
@once
def complaint(request: SignedInRequest, pk: int) -> HttpResponse:
    """The exchange; a word to add to it, or the answer that ends it (`final`)."""
    visible = Complaint.objects.visible_to(request.user).select_related("landlord", "person", "intervention")
    found, now = get_object_or_404(visible, pk=pk), timezone.now()
    form = ComplaintAnswerForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        final = "final" in request.POST
        say = complaints.give_final_answer if final else complaints.write_message
        try:
            say(found, text=form.cleaned_data["text"], by=request.user, now=now)
        except complaints.AlreadyAnswered as error:
            form.add_error(None, str(error))
        else:
            journal.record(found, action="change", by=request.user, now=now, act=say.__name__)
            messages.success(request, "Réponse définitive envoyée." if final else "Réponse envoyée.")
            return redirect("console:complaint", pk)
    context = {
        "now": now,
        "complaint": found,
        "exchange": found.messages.select_related("author"),
        "form": form,
    }
    shows, status = [found, found.person], 422 if form.errors else 200
    return console_page(request, "console/complaint.html", context, shows=shows, status=status)
