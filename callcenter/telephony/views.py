"""The telephone system's door: it tells of calls, and never asks for anything back."""

import json
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.phones import InvalidPhone, to_e164
from callcenter import calls
from callcenter.models import Call


@csrf_exempt
@login_not_required
@require_POST
def call_event(request: HttpRequest, token: str) -> JsonResponse:
    """
    One event of a call, as JSON: ``{"event": "ringing" | "ended", "call": "…", "from": "…", "to": "…"}``.

    400 with a reason for what is no event, 404 for an unknown token or call. An event told twice changes nothing.
    """
    if not settings.CTI_TOKEN or not constant_time_compare(token, settings.CTI_TOKEN):
        raise Http404
    try:
        event = json.loads(request.body)
        name, external_id = event["event"], event["call"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return refusal("Un événement est un objet JSON avec « event » et « call ».")
    if not isinstance(external_id, str) or not 0 < len(external_id) <= 64 or not external_id.isprintable():
        return refusal("« call » est un texte de 1 à 64 caractères.")
    now = timezone.now()
    if name == "ringing":
        call = calls.ring(
            from_number=number(event.get("from")), to_number=number(event.get("to")), external_id=external_id, now=now
        )
    elif name == "ended":
        found = Call.objects.filter(external_id=external_id).first()
        if found is None:
            raise Http404
        call = calls.hang_up(found, now=now)
    else:
        return refusal("« event » est « ringing » ou « ended ».")
    return JsonResponse({"call": call.pk})


def number(text: Any) -> str:
    """E.164, or nothing where the caller hides it or the exchange says something else."""
    try:
        return to_e164(str(text or ""))
    except InvalidPhone:
        return ""


def refusal(reason: str) -> JsonResponse:
    return JsonResponse({"error": reason}, status=400)
