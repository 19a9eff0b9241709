from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from privacy.models import PolicyVersion
from privacy.publishing import rendered
from privacy.retention.watch import proofs
from privacy.rights.automated_decisions import SUGGESTIONS

PROVEN_FOR = 60  # seconds


@login_not_required
@require_safe
def policy(request: HttpRequest) -> HttpResponse:
    """The policy in force, and beside each period what is true of it now."""
    proven = cache.get_or_set("policy-proofs", proofs, PROVEN_FOR)
    text = rendered(proven, now=timezone.now())
    context = {"text": text, "versions": published(), "suggestions": SUGGESTIONS.values()}
    return render(request, "privacy/policy.html", context)


@login_not_required
@require_safe
def policy_version(request: HttpRequest, version: str) -> HttpResponse:
    """A version as it was published, to the letter."""
    kept = get_object_or_404(PolicyVersion, version=version)
    current = PolicyVersion.objects.current()
    context = {
        "text": mark_safe(kept.page),  # rendered by us, and the database refuses to change it
        "version": kept,
        "in_force": kept == current,
        "versions": published(),
    }
    return render(request, "privacy/policy.html", context)


def published() -> list[PolicyVersion]:
    return list(PolicyVersion.objects.order_by("-published_on").defer("page"))
