"""Who asks for a subscription, and proves who they are: for the supervisor and the DPO."""

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access import SignedInRequest, recent_login_required
from interventions import identity_documents, subscriptions
from interventions.identity_documents import VERIFYING_ROLES
from interventions.models import IdentityDocument, Subscription
from privacy import journal
from privacy.encrypted_files import Unreadable
from privacy.restriction import unrestricted

ACTS = {
    "identity": (subscriptions.ask_who, "La pièce d’identité est demandée."),
    "accept": (subscriptions.accept, "Abonnement accepté."),
    "end": (subscriptions.end, "Abonnement refusé ou terminé."),
}
DOCUMENT_ACTS = {
    "verified": (identity_documents.verify, "Vérifiée. La copie est détruite."),
    "unusable": (identity_documents.discard, "La copie est détruite. La personne peut en envoyer une autre."),
}


def of_those_who_verify(request: SignedInRequest) -> None:
    """To anyone else these pages don’t exist."""
    if request.user.role not in VERIFYING_ROLES:
        raise Http404


@require_GET
def all_subscriptions(request: SignedInRequest) -> HttpResponse:
    of_those_who_verify(request)
    waiting = (
        unrestricted(Subscription.objects.filter(state=Subscription.State.ASKED), "person")
        .select_related("person", "landlord")
        .prefetch_related("identity_documents__verified_by")
        .order_by("asked_at")
    )
    active = Subscription.objects.filter(state=Subscription.State.ACTIVE).count()
    page = list(waiting[:100])
    journal.record_reads([each.person for each in page], by=request.user, now=timezone.now())
    return render(request, "console/subscriptions.html", {"waiting": page, "active": active})


@require_POST
def act_on_subscription(request: SignedInRequest, pk: int) -> HttpResponse:
    of_those_who_verify(request)
    found = get_object_or_404(unrestricted(Subscription.objects.all(), "person"), pk=pk)
    if (wanted := request.POST.get("act", "")) not in ACTS:
        raise Http404
    act, done = ACTS[wanted]
    try:
        act(found, by=request.user, now=timezone.now())
    except subscriptions.NotNow as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect("console:subscriptions")


@require_POST
def act_on_identity(request: SignedInRequest, pk: int) -> HttpResponse:
    of_those_who_verify(request)
    document = get_object_or_404(IdentityDocument.objects.waiting(now=timezone.now()), pk=pk)
    if (wanted := request.POST.get("act", "")) not in DOCUMENT_ACTS:
        raise Http404
    act, done = DOCUMENT_ACTS[wanted]
    act(document, by=request.user, now=timezone.now())
    messages.success(request, done)
    return redirect("console:subscriptions")


@recent_login_required
@require_GET
def identity_copy(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """To save, never to open in the browser: a PDF may hold anything."""
    of_those_who_verify(request)
    now = timezone.now()
    document = get_object_or_404(IdentityDocument.objects.waiting(now=now), pk=pk)
    try:
        content = identity_documents.handed_out(document, by=request.user, now=now)
    except Unreadable as error:
        raise Http404 from error
    suffix = "pdf" if document.content_type == IdentityDocument.Format.PDF else "jpg"
    response = StreamingHttpResponse(content, content_type=document.content_type)
    response["Content-Disposition"] = f'attachment; filename="piece-{document.pk}.{suffix}"'
    response["Content-Length"] = str(document.size)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
