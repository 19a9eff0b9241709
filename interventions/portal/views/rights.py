"""The ten rights (section 9 of the policy), each two clicks from the first page, and what became of each request."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from interventions.portal import right_words
from interventions.portal.visitors import VisitorRequest, tenants_only
from interventions.portal.words import label_of
from privacy.encrypted_files import Unreadable
from privacy.models import ExportPackage, Letter, RequestStep, RightsRequest
from privacy.policy import DPO_EMAIL, PURPOSES, RIGHTS
from privacy.registry import registry
from privacy.retention.due import paris_day
from privacy.rights import intake, packages, rectification
from privacy.rights.intake import RightForm
from privacy.rights.links import LinkGone

BY_KEY = {right.key: right for right in RIGHTS}
LATEST = 50


@dataclass(frozen=True)
class Asked:
    """A request, as its person reads it."""

    request: RightsRequest
    due_on: object

    @property
    def right(self) -> object:
        return BY_KEY[self.request.right]

    @property
    def icon(self) -> str:
        return right_words.ICONS[self.request.right]


def asked(request: RightsRequest, *, now: datetime) -> Asked:
    return Asked(request, request.due_on(today=paris_day(now)))


@tenants_only
@require_safe
def all_rights(request: VisitorRequest) -> HttpResponse:
    now = timezone.now()
    theirs = RightsRequest.objects.filter(person=request.visitor.person).order_by("-pk")
    context = {
        "rights": [(right, right_words.ICONS[right.key]) for right in RIGHTS],
        "requests": [asked(each, now=now) for each in theirs[:LATEST]],
        "dpo_email": DPO_EMAIL,
    }
    return render(request, "portal/rights.html", context)


@tenants_only
@require_http_methods(["GET", "POST"])
def right(request: VisitorRequest, right: str) -> HttpResponse:
    """One right and its questions. Asked again while it is open, it is the same request."""
    if right not in BY_KEY:
        raise Http404
    form = RightForm(right, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return received(request, right, form)
    return right_page(request, right, form)


def received(request: VisitorRequest, right: str, form: RightForm) -> HttpResponse:
    now = timezone.now()
    found = intake.receive(
        request.visitor.person,
        right=right,
        said=form.said(),
        channel=RightsRequest.Channel.PORTAL,
        received_on=paris_day(now),
        identity=RightsRequest.Identity.SIGNED_IN,
        by=None,
        now=now,
    )
    if found.answered_at:
        messages.success(request, _("C’est fait. Notre réponse est sur cette page."))
    else:
        messages.success(request, _("Votre demande est arrivée."))
    return redirect("portal:right_request", found.pk)


def right_page(request: VisitorRequest, right: str, form: RightForm) -> HttpResponse:
    theirs = RightsRequest.objects.open().filter(person=request.visitor.person, right=right)
    context = {
        "right": BY_KEY[right],
        "afterwards": intake.AFTERWARDS[right],
        "form": form,
        "open": [asked(each, now=timezone.now()) for each in theirs.order_by("-pk")],
    }
    return render(request, "portal/right.html", context, status=422 if form.errors else 200)


@tenants_only
@require_safe
def right_request(request: VisitorRequest, pk: int) -> HttpResponse:
    found, now = theirs_or_404(request, pk), timezone.now()
    context = {
        "asked": asked(found, now=now),
        "said": in_words(found),
        "afterwards": intake.AFTERWARDS[found.right],
        "outcome": right_words.OUTCOMES.get(found.outcome),
        "steps": [
            (right_words.STEPS[step.kind], step.at) for step in found.steps.all() if step.kind in right_words.STEPS
        ],
        "letters": [(right_words.LETTERS[letter.kind], letter) for letter in found.letters.all()],
        "package": ExportPackage.objects.filter(request=found).first(),
        "can_fetch": ExportPackage.objects.open_to_link(now=now).filter(request=found).exists(),
        "corrections": rectification.plan(found, now=now).lines,
        "dpo_email": DPO_EMAIL,
    }
    return render(request, "portal/right_request.html", context)


def in_words(request: RightsRequest) -> list[tuple[Promise | str, list[Promise | str]]]:
    """What was asked: each question and the answer to it."""
    labels = {dataset.name: label_of(dataset) for dataset in registry.datasets.values()}
    said: list[tuple[Promise | str, list[Promise | str]]] = []
    if request.purpose:
        said.append((_("L’usage"), [_(PURPOSES[request.purpose].label)]))
    if request.scope:
        said.append((_("Seulement"), [labels.get(name, name) for name in request.scope]))
    if request.restriction_reason:
        said.append((_("La raison"), [intake.RESTRICTION_CASES[request.restriction_reason]]))
    if request.wish:
        said.append((_("Vos mots"), [request.wish]))
    return said


@tenants_only
@require_POST
def fetch_copy(request: VisitorRequest, pk: int) -> HttpResponseBase:
    """The copy that was released, for who is signed in: once, as by the link that was sent."""
    found, now = theirs_or_404(request, pk), timezone.now()
    try:
        package = get_object_or_404(ExportPackage, request=found)
        pieces = packages.fetch(package, by=request.user, now=now)
    except (LinkGone, Unreadable):
        messages.error(request, _("Cette copie ne peut plus être téléchargée. Demandez-nous un nouveau lien."))
        return redirect("portal:right_request", pk)
    response = StreamingHttpResponse(pieces, content_type="application/zip")
    response["Content-Length"] = package.size
    response["Content-Disposition"] = f'attachment; filename="mes-donnees-{found.reference}.zip"'
    return response


def theirs_or_404(request: VisitorRequest, pk: int) -> RightsRequest:
    sent = Prefetch("letters", queryset=Letter.objects.exclude(sent_at=None).order_by("sent_at"))
    theirs = RightsRequest.objects.filter(person=request.visitor.person)
    found: RightsRequest = get_object_or_404(
        theirs.prefetch_related(sent, Prefetch("steps", queryset=RequestStep.objects.order_by("-at", "-pk"))), pk=pk
    )
    return found
