"""The payment provider's door: it tells what came of a visit to its page."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from interventions.invoicing import online, stripe_checkout

LONGEST = 64 * 1024  # bytes; theirs are a few thousand


@csrf_exempt
@login_not_required
@require_POST
def online_payment_event(request: HttpRequest) -> HttpResponse:
    """200 for what is signed, whether it concerns us or not; 400 for anything else. Told twice, it changes nothing."""
    if not online.is_offered():
        raise Http404
    body = request.read(LONGEST + 1)
    if len(body) > LONGEST:
        return HttpResponseBadRequest()
    try:
        session = stripe_checkout.session_of_event(body, signature=request.headers.get("Stripe-Signature", ""))
    except stripe_checkout.NoEvent:
        return HttpResponseBadRequest()
    if session is not None:
        online.settle(session, now=timezone.now())
    return HttpResponse()
