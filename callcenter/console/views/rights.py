"""A right exercised on the telephone: written down while the person speaks, with a reference and a day to tell them."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import SignedInRequest, desk_only
from accounts.models import Person
from callcenter.console.forms import RequesterForm
from callcenter.console.once import once
from callcenter.console.page import console_page
from callcenter.console.views.locked import padlock_or_404
from privacy.models import RightsRequest
from privacy.policy import RIGHTS
from privacy.retention.due import paris_day
from privacy.rights import intake
from privacy.rights.workflow import RequestError

RIGHTS_BY_KEY = {right.key: right for right in RIGHTS}


@desk_only
@require_http_methods(["GET", "POST"])
@once
def enter_for(request: SignedInRequest, pk: int) -> HttpResponse:
    person = Person.objects.visible_to(request.user).current().filter(pk=pk).first()
    if person is None:
        return padlock_or_404(request, Person, pk)
    return enter(request, person)


@desk_only
@require_http_methods(["GET", "POST"])
@once
def enter_for_stranger(request: SignedInRequest) -> HttpResponse:
    """Nobody we know, or nobody that we find while they speak: the DPO looks for their record."""
    return enter(request, None)


def enter(request: SignedInRequest, person: Person | None) -> HttpResponse:
    """First which right (`droit`, in the address), then what it needs to know. What acts at once has acted."""
    right, now = request.GET.get("droit", ""), timezone.now()
    numbers = list(person.phones.order_by("pk").values_list("number", flat=True)) if person else []
    context: dict[str, Any] = {
        "now": now,
        "person": person,
        "numbers": numbers,
        "rights": RIGHTS,
        "right": RIGHTS_BY_KEY.get(right),
    }
    if right not in RIGHTS_BY_KEY:
        return console_page(request, "console/right_new.html", context, shows=[person])
    data = request.POST if request.method == "POST" else None
    form = intake.RightForm(right, data)
    who = RequesterForm(data, has_record=person is not None)
    if data is not None and all([form.is_valid(), who.is_valid()]):
        try:
            received = intake.receive(
                person,
                right=right,
                said=form.said(),
                channel=RightsRequest.Channel.PHONE,
                received_on=paris_day(now),
                by=request.user,
                now=now,
                **who.who(),
            )
        except RequestError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Demande {received.reference} enregistrée.")
            return redirect("console:right_receipt", received.pk)
    context |= {"form": form, "who": who}
    status = 422 if data is not None else 200
    return console_page(request, "console/right_new.html", context, shows=[person], status=status)


@desk_only
@require_GET
def receipt(request: SignedInRequest, pk: int) -> HttpResponse:
    """What to tell the caller: the reference, the last day to answer, and what was done at once."""
    visible = Person.objects.visible_to(request.user)
    requests = RightsRequest.objects.filter(Q(person__in=visible) | Q(person=None, entered_by=request.user))
    found = get_object_or_404(requests.select_related("person"), pk=pk)
    now = timezone.now()
    context = {
        "now": now,
        "asked": found,
        "right": RIGHTS_BY_KEY[found.right],
        "due_on": found.due_on(today=paris_day(now)),
        "afterwards": intake.AFTERWARDS.get(found.right, ""),
    }
    return console_page(request, "console/right_receipt.html", context, shows=[found, found.person])
