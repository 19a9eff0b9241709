from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.access import SignedInRequest
from callcenter.models import FormSubmission


def once(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """
    A form sent twice (a double click, a page sent again) acts once: the second is led where the first went.

    The form carries ``{% form_key %}``. Key and act are one transaction: two at the same instant wait for each other.
    """

    @wraps(view)
    def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = form_key(request)
        if key is None:
            return view(request, *args, **kwargs)
        with transaction.atomic():
            submission, first = FormSubmission.objects.get_or_create(
                key=key, defaults={"user": request.user, "at": timezone.now()}
            )
            if not first:
                messages.info(request, "C’était déjà enregistré, rien n’a été fait deux fois.")
                return redirect(submission.led_to)
            response = view(request, *args, **kwargs)
            if response.status_code == 302:
                submission.led_to = response.url  # type: ignore[attr-defined]
                submission.save(update_fields=["led_to"])
            else:
                transaction.set_rollback(True)  # refused: the corrected form may be sent under the same key
            return response

    return guarded


def form_key(request: SignedInRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("form_key", ""))
    except ValueError:
        return None
