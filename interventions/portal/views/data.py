"""My data: what, why, until which day, as the declarations give it (GDPR articles 12 to 15)."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from interventions.portal.right_words import ICONS
from interventions.portal.visitors import VisitorRequest, tenants_only
from interventions.portal.words import label_of
from privacy.declarations import Category, Dataset
from privacy.policy import RIGHTS
from privacy.registry import registry
from privacy.subjects import (
    given_to,
    holdings,
    pieces,
    purposes_of,
    recipients_of,
    standing_of,
    told,
    without_day_while,
)

A_PAGE = 20
ORDER = list(Category)


@tenants_only
@require_safe
def all_data(request: VisitorRequest) -> HttpResponse:
    found = holdings(request.visitor.person, now=timezone.now())
    found.sort(key=lambda holding: ORDER.index(holding.dataset.data[0].category))
    context = {
        "holdings": [(holding, described(holding.dataset)) for holding in found],
        "standing": standing_of(request.visitor.person),
        "receivers": given_to(request.visitor.person),
        "rights": [(right, ICONS[right.key]) for right in RIGHTS],
    }
    return render(request, "portal/data.html", context)


@tenants_only
@require_safe
def dataset(request: VisitorRequest, name: str) -> HttpResponse:
    """The rows of one dataset, `name` being its model’s: ``interventions.intervention``."""
    person = request.visitor.person
    found = next((each for each in registry.datasets.values() if each.model._meta.label_lower == name), None)
    if found is None or not found.subjects:
        raise Http404
    page = Paginator(pieces(found, person, now=timezone.now()), A_PAGE).get_page(request.GET.get("page"))
    account = request.user.pk if request.user.is_authenticated else None
    context = {
        "dataset": found,
        "about": described(found),
        "page": page,
        "pieces": [told(row, found, person, account=account) for row in page],
        "standing": standing_of(person),
    }
    return render(request, "portal/dataset.html", context)


def described(dataset: Dataset) -> dict[str, object]:
    return {
        "label": label_of(dataset),
        "category": dataset.data[0].category,
        "purposes": purposes_of(dataset),
        "recipients": recipients_of(dataset),
        "from_you": any(data.provided for data in dataset.data),
        "from_us": any(not data.provided for data in dataset.data),
        "while": without_day_while(dataset),
        "address": dataset.model._meta.label_lower,
    }
