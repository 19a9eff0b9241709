from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from privacy.outbox.mailbox import letters


@never_cache
@login_not_required
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """What the demonstration sent to anybody. Its address exists there only."""
    return render(request, "privacy/mailbox.html", {"letters": letters()})
