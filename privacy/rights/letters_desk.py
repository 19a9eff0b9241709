"""The DPO's letters about a request: drafted, edited, sent or printed."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from privacy import finding, journal
from privacy.models import Letter, RightsRequest
from privacy.policy import CONTROLLER
from privacy.rights import letters
from privacy.rights.requests_desk import ACTING, READING, request_of
from privacy.rights.workflow import RequestError
from privacy.site import refuse_unless, signed_in

POSTED = "poste"


def urls(site: AdminSite) -> list[URLPattern]:
    def page(view: Any) -> Any:
        return site.admin_view(lambda request, **where: view(request, site=site, **where))

    return [
        path(
            "droits/<int:pk>/lettre/<slug:kind>/",
            page(require_http_methods(["GET", "POST"])(write)),
            name="rights_letter",
        ),
        path("droits/<int:pk>/papier/<int:letter>/", page(require_safe(printed)), name="rights_letter_printed"),
    ]


class LetterForm(forms.Form):
    reason = forms.CharField(
        label="Raison",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="La personne la lit dans la lettre, à la place de «\N{NO-BREAK SPACE}[la raison]\N{NO-BREAK SPACE}».",
        error_messages={"required": "Donnez la raison\N{NO-BREAK SPACE}: la personne a le droit de la connaître."},
    )
    text = forms.CharField(label="Texte", max_length=20000, widget=forms.Textarea(attrs={"rows": 22}))
    to = forms.ChoiceField(label="Envoi", widget=forms.RadioSelect)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=40, required=False)

    def __init__(self, asked: RightsRequest, kind: str, *args: Any, **kwargs: Any) -> None:
        self.addresses = dict(enumerate(letters.addresses_for(asked)))
        super().__init__(*args, **kwargs)
        known = [(str(number), f"Un lien à {address}") for number, address in self.addresses.items()]
        self.fields["to"].choices = [*known, (POSTED, "Par la poste\N{NO-BREAK SPACE}: je l’ai imprimée et postée")]  # type: ignore[attr-defined]
        self.fields["to"].initial = "0" if known else POSTED
        if not letters.ACTS[kind].with_reason:
            del self.fields["reason"]

    def said(self) -> dict[str, str]:
        said = {name: self.cleaned_data.get(name, "") for name in ("text", "reason", "seen")}
        chosen = self.cleaned_data["to"]
        return said | {"to": "" if chosen == POSTED else self.addresses[int(chosen)]}


def write(request: HttpRequest, *, site: AdminSite, pk: int, kind: str) -> HttpResponse:
    """One page from the template to the sending. Whatever is refused, what was typed stays on it."""
    refuse_unless(request, ACTING)
    if kind not in letters.ACTS:
        raise Http404
    asked, now, by = request_of(pk), timezone.now(), signed_in(request)
    draft = letters.draft_of(asked, kind)
    if request.method == "POST":
        form = LetterForm(asked, kind, request.POST)
        if form.is_valid():
            said = form.said()
            try:
                if "send" in request.POST:
                    letters.send(asked, kind, **said, by=by, now=now)
                    messages.success(request, "Lettre envoyée." if said["to"] else "Lettre notée comme postée.")
                    return redirect("admin:rights_request", pk)
                del said["to"]
                letters.save_draft(asked, kind, **said, by=by, now=now)
            except RequestError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, "Brouillon gardé.")
                return redirect("admin:rights_letter", pk, kind)
    elif refusal := letters.ACTS[kind].refusal(asked):
        messages.warning(request, refusal)
        return redirect("admin:rights_request", pk)
    else:
        text = draft.text if draft else letters.drafted(asked, kind, now=now)
        start = {"text": text, "reason": draft.reason if draft else "", "seen": letters.mark_of(draft)}
        form = LetterForm(asked, kind, initial=start)
    context = {
        **site.each_context(request),
        "title": f"{Letter.Kind(kind).label}, demande {asked.reference}",
        "asked": asked,
        "draft": draft,
        "form": form,
        "person_name": finding.name_of(asked.person) if asked.person else "",
    }
    return TemplateResponse(request, "admin/requests/letter.html", context, status=422 if form.is_bound else 200)


def printed(request: HttpRequest, *, site: AdminSite, pk: int, letter: int) -> HttpResponse:
    """For paper: a draft, to be posted, or what was sent."""
    refuse_unless(request, READING)
    found = get_object_or_404(Letter.objects.select_related("request__person"), pk=letter, request=pk)
    journal.record_reads([found], by=signed_in(request), now=timezone.now())
    asked = found.request
    context = {
        **site.each_context(request),
        "title": f"{found.get_kind_display()}, demande {asked.reference}",
        "asked": asked,
        "letter": found,
        "controller": CONTROLLER,
        "name": asked.requester_name or (finding.name_of(asked.person) if asked.person else ""),
        "address": asked.reply_to,
        "on": found.sent_at or timezone.now(),
    }
    return TemplateResponse(request, "admin/requests/printed.html", context)
