"""What the DPO does to one request from its page: find the person, establish who asks, decide, carry out."""

from collections.abc import Callable
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from privacy.encrypted_files import Unreadable
from privacy.models import RequesterDocument, RightsRequest
from privacy.rights import identity, workflow
from privacy.rights.acts import handling_of
from privacy.rights.requests_desk import ACTING, DecisionForm, candidates, request_of, show
from privacy.rights.workflow import RequestError
from privacy.site import refuse_unless, signed_in
from privacy.subjects import declared_person

Identity = RightsRequest.Identity

# What the DPO may say of who asks without a copy being sent.
SEEN_BY_US = (Identity.KNOWN, Identity.DOCUMENT)


def urls(site: AdminSite) -> list[URLPattern]:
    def page(view: Any) -> Any:
        return site.admin_view(lambda request, **where: view(request, site=site, **where))

    form_page = require_http_methods(["GET", "POST"])
    return [
        path("droits/<int:pk>/personne/", page(form_page(find_person)), name="rights_find_person"),
        path("droits/<int:pk>/rien/", page(require_POST(find_nobody)), name="rights_find_nobody"),
        path("droits/<int:pk>/identite/", page(require_POST(prove_identity)), name="rights_identity"),
        path("droits/<int:pk>/decision/", page(require_POST(decide)), name="rights_decide"),
        path("droits/<int:pk>/execution/", page(require_POST(execute)), name="rights_execute"),
        path(
            "droits/<int:pk>/piece/",
            page(reauthentication_required(require_GET(document_copy))),
            name="rights_document",
        ),
        path("droits/<int:pk>/piece/<slug:word>/", page(require_POST(act_on_document)), name="rights_document_act"),
    ]


def try_to(request: HttpRequest, act: Callable[..., object], *, done: str) -> bool:
    """Tell what was done or, where the workflow refuses, why it was not."""
    try:
        act(by=signed_in(request), now=timezone.now())
    except RequestError as error:
        messages.error(request, str(error))
        return False
    messages.success(request, done)
    return True


def find_person(request: HttpRequest, *, site: AdminSite, pk: int) -> HttpResponse:
    refuse_unless(request, ACTING)
    asked = request_of(pk)
    if request.method == "POST":
        number = request.POST.get("record", "")
        people = declared_person()._base_manager
        person = people.filter(pk=number).first() if number.isdecimal() and len(number) < 19 else None
        if person is None:
            messages.error(request, "Choisissez une fiche qui existe.")
            return redirect("admin:rights_find_person", pk)
        try:
            found = workflow.find_person(asked, person, by=signed_in(request), now=timezone.now())
        except RequestError as error:
            messages.error(request, str(error))
            return redirect("admin:rights_request", pk)
        joined = found.pk != pk
        messages.success(request, "Jointe à la demande que cette personne a déjà faite." if joined else "C’est noté.")
        return redirect("admin:rights_request", found.pk)
    text = request.GET.get("q", "")
    context = {
        **site.each_context(request),
        "title": f"Retrouver la personne, demande {asked.reference}",
        "asked": asked,
        "asked_for": text,
        "candidates": candidates(request, text),
    }
    return TemplateResponse(request, "admin/requests/find_person.html", context)


def find_nobody(request: HttpRequest, *, site: AdminSite, pk: int) -> HttpResponse:
    refuse_unless(request, ACTING)
    asked = request_of(pk)
    try_to(request, lambda **act: workflow.find_nobody(asked, **act), done="Noté. Il reste à le lui répondre.")
    return redirect("admin:rights_request", pk)


def prove_identity(request: HttpRequest, *, site: AdminSite, pk: int) -> HttpResponse:
    refuse_unless(request, ACTING)
    asked, how = request_of(pk), request.POST.get("how", "")
    if how not in SEEN_BY_US:
        messages.error(request, "Dites comment l’identité est établie.")
    else:
        try_to(request, lambda **act: workflow.prove_identity(asked, how=how, **act), done="L’identité est établie.")
    return redirect("admin:rights_request", pk)


def decide(request: HttpRequest, *, site: AdminSite, pk: int) -> HttpResponse:
    refuse_unless(request, ACTING)
    asked = request_of(pk)
    form = DecisionForm(asked.right, request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            workflow.decide(
                asked, outcome=said["outcome"], ground=said["ground"], by=signed_in(request), now=timezone.now()
            )
        except RequestError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Décision notée.")
            return redirect("admin:rights_request", pk)
    return show(request, request_of(pk), site=site, decision=form)


def execute(request: HttpRequest, *, site: AdminSite, pk: int) -> HttpResponse:
    refuse_unless(request, ACTING)
    asked = request_of(pk)
    handling = handling_of(asked)
    if handling.execute is None:
        raise Http404
    chosen = {"reason": request.POST.get("reason", "")} if handling.reasons else {}
    carry_out = handling.execute
    try_to(request, lambda **act: carry_out(asked, **chosen, **act), done="C’est fait. Il reste à le lui répondre.")
    return redirect("admin:rights_request", pk)


# The identity document ------------------------------------------------------------------------------------------------


def document_of(pk: int) -> RequesterDocument:
    return get_object_or_404(RequesterDocument.objects.waiting(now=timezone.now()), request=pk)


def document_copy(request: HttpRequest, *, site: AdminSite, pk: int) -> HttpResponseBase:
    """To save, never to open in the browser: a PDF may hold anything."""
    refuse_unless(request, ACTING)
    document = document_of(pk)
    try:
        content = identity.handed_out(document, by=signed_in(request), now=timezone.now())
    except Unreadable as error:
        raise Http404 from error
    suffix = document.content_type.rpartition("/")[2]
    response = StreamingHttpResponse(content, content_type=document.content_type)
    response["Content-Disposition"] = f'attachment; filename="piece-{document.pk}.{suffix}"'
    response["Content-Length"] = str(document.size)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


DOCUMENT_ACTS: dict[str, tuple[Callable[..., object], str]] = {
    "verifier": (identity.verify, "Identité établie. La copie est détruite."),
    "ecarter": (identity.discard, "Copie détruite. La personne peut en envoyer une autre par le même lien."),
}


def act_on_document(request: HttpRequest, *, site: AdminSite, pk: int, word: str) -> HttpResponse:
    refuse_unless(request, ACTING)
    if word not in DOCUMENT_ACTS:
        raise Http404
    (act, done), document = DOCUMENT_ACTS[word], document_of(pk)
    try_to(request, lambda **said: act(document, **said), done=done)
    return redirect("admin:rights_request", pk)
