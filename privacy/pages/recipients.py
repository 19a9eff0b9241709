"""Where a recipient of somebody's data reads what they have to do, and says that it is done."""

from django.apps import apps
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from privacy.models import RecipientNotice, RightsRequest
from privacy.policy import DPO_EMAIL
from privacy.rights import recipients

Right = RightsRequest.Right

TO_DO = {
    Right.RECTIFICATION: "Ces données ont été corrigées. Corrigez-les aussi\N{NO-BREAK SPACE}: demandez-nous la "
    "nouvelle version, si vous les avez gardées.",
    Right.ERASURE: "Ces données sont effacées chez nous. Effacez-les aussi, avec leurs copies.",
    Right.RESTRICTION: "Ces données sont sous limitation. Gardez-les sans vous en servir, jusqu’à nouvel avis.",
}


@never_cache
@login_not_required
@require_http_methods(["GET", "POST"])
def recipient_notice(request: HttpRequest, token: str) -> HttpResponse:
    """Nothing happens by looking: mail programs open links by themselves."""
    try:
        notice = recipients.find(token)
    except recipients.NoSuchNotice:
        raise Http404 from None
    if request.method == "POST":
        recipients.acknowledge(notice, by=None, now=timezone.now())
        return redirect("privacy:recipient_notice", token)
    context = {
        "notice": notice,
        "to_do": TO_DO[Right(notice.request.right)],
        "pieces": pieces_in_words(notice),
        "dpo_email": DPO_EMAIL,
    }
    return render(request, "privacy/recipient_notice.html", context)


def pieces_in_words(notice: RecipientNotice) -> list[tuple[str, int, list[str]]]:
    return [(str(apps.get_model(model)._meta.verbose_name), pk, fields) for model, pk, fields in notice.pieces]
