"""The DPO's board of requests, the entry of one that came by letter or telephone, the page that leads through it."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.cache import cache
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.views.decorators.http import require_http_methods, require_safe

from privacy import finding, journal
from privacy.models import Letter, RightsRequest
from privacy.policy import PURPOSES
from privacy.registry import registry
from privacy.retention.due import paris_day
from privacy.rights import grounds, intake, letters, standing
from privacy.rights.acts import handling_of
from privacy.rights.workflow import RequestError
from privacy.site import refuse_unless, signed_in
from privacy.subjects import declared_person

A_PAGE = 50
READING = "privacy.view_rightsrequest"
ACTING = "privacy.change_rightsrequest"
ENTERED_ONCE = 3600  # seconds for which a form that was sent is not taken in again

Right = RightsRequest.Right
Channel = RightsRequest.Channel
Outcome = RightsRequest.Outcome


def urls(site: AdminSite) -> list[URLPattern]:
    def page(view: Any) -> Any:
        return site.admin_view(lambda request, **where: view(request, site=site, **where))

    return [
        path("droits/", page(require_safe(board)), name="rights_board"),
        path("droits/nouvelle/", page(require_http_methods(["GET", "POST"])(enter)), name="rights_enter"),
        path("droits/<int:pk>/", page(require_safe(one)), name="rights_request"),
    ]


# All of them ----------------------------------------------------------------------------------------------------------

CLOSED = "closes"


def board(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    """Numbers first; each is a filter. What is due first is at the top."""
    refuse_unless(request, READING)
    now = timezone.now()
    today, chosen = paris_day(now), request.GET.get("vue", "")
    everything = standing.open_standings(today=today)
    closed = RightsRequest.objects.filter(answered_at__gt=now - standing.CLOSED_LATELY)
    if chosen == CLOSED:
        found: Any = closed.select_related("person").order_by("-answered_at")
    else:
        _, belongs = standing.SECTIONS.get(chosen, ("", bool))
        found = [each for each in everything if belongs(each)]
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    rows = [standing.Standing(each, today) for each in page] if chosen == CLOSED else list(page)
    context = {
        **site.each_context(request),
        "title": "Demandes de droits",
        "sections": [
            ("", "Ouvertes", len(everything)),
            *standing.numbers(everything),
            (CLOSED, f"Closes depuis {standing.CLOSED_LATELY.days} jours", closed.count()),
        ],
        "chosen": chosen,
        "page": page,
        "rows": rows,
        "may_act": request.user.has_perm(ACTING),
    }
    return TemplateResponse(request, "admin/requests/board.html", context)


# Writing one down -----------------------------------------------------------------------------------------------------


class EntryForm(forms.Form):
    """Who asked, how and when, for what arrived elsewhere than on the site."""

    channel = forms.ChoiceField(
        label="Reçue par",
        choices=[(each.value, each.label) for each in (Channel.LETTER, Channel.EMAIL, Channel.PHONE)],
        widget=forms.RadioSelect,
    )
    received_on = forms.DateField(
        label="Reçue le",
        help_text="Le délai court de ce jour, pas d’aujourd’hui.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    requester = forms.ChoiceField(
        label="Demandée par", choices=RightsRequest.Requester, widget=forms.RadioSelect, initial="self"
    )
    requester_name = forms.CharField(label="Nom de qui demande", max_length=200, required=False)
    reply_to = forms.CharField(
        label="Répondre à",
        max_length=300,
        required=False,
        help_text="E-mail, mobile (+33…) ou adresse postale. Vide si l’on connaît déjà celle de la personne.",
    )
    record = forms.IntegerField(
        label="Numéro de la fiche",
        min_value=1,
        max_value=2**63 - 1,
        required=False,
        help_text="Vide si la personne n’est pas encore retrouvée.",
    )
    once = forms.CharField(widget=forms.HiddenInput, max_length=20)

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("requester") not in (None, RightsRequest.Requester.SELF) and not said.get("requester_name"):
            self.add_error("requester_name", "Dites qui demande pour la personne.")
        said["person"] = None
        if said.get("record"):
            said["person"] = declared_person()._base_manager.filter(pk=said["record"]).first()
            if said["person"] is None:
                self.add_error("record", "Aucune fiche n’a ce numéro.")
        elif "record" not in self.errors and not (said.get("reply_to") and said.get("requester_name")):
            self.add_error(None, "Sans fiche, donnez le nom de qui demande et où lui répondre.")
        return said


def enter(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    """First which right, then what it needs to know."""
    refuse_unless(request, ACTING)
    right, now = request.GET.get("droit", ""), timezone.now()
    context = {**site.each_context(request), "title": "Saisir une demande", "rights": Right.choices}
    if right not in Right.values:
        return TemplateResponse(request, "admin/requests/enter.html", context)
    data = request.POST if request.method == "POST" else None
    start = {"received_on": paris_day(now), "record": request.GET.get("fiche"), "once": get_random_string(20)}
    entry, form = EntryForm(data, initial=start), intake.RightForm(right, data)
    is_valid = data is not None and all([entry.is_valid(), form.is_valid()])
    if is_valid and (written := write_down(request, entry, form, right=right, now=now)):
        return written
    asked = request.GET.get("q", "")
    context |= {
        "right": right,
        "right_label": Right(right).label,
        "entry": entry,
        "form": form,
        "asked_for": asked,
        "candidates": candidates(request, asked),
    }
    return TemplateResponse(request, "admin/requests/enter.html", context, status=422 if data is not None else 200)


def write_down(
    request: HttpRequest, entry: EntryForm, form: intake.RightForm, *, right: str, now: datetime
) -> HttpResponse | None:
    """The page of the request, or nothing when the forms say what is wrong."""
    said = entry.cleaned_data
    key = f"rights:entered:{said['once']}"
    if not cache.add(key, True, ENTERED_ONCE):
        messages.warning(request, "Cette demande est déjà enregistrée.")
        return redirect("admin:rights_board")
    try:
        written = intake.receive(
            said["person"],
            right=right,
            said=form.said(),
            channel=said["channel"],
            received_on=said["received_on"],
            requester=said["requester"],
            requester_name=said["requester_name"],
            reply_to=said["reply_to"],
            by=signed_in(request),
            now=now,
        )
    except RequestError as error:
        cache.delete(key)
        entry.add_error(None, str(error))
        return None
    messages.success(request, f"Demande {written.reference} enregistrée.")
    return redirect("admin:rights_request", written.pk)


def candidates(request: HttpRequest, text: str) -> list[finding.Candidate]:
    """Who it may be. The journal knows that one looked, and for how many."""
    found = finding.search(text)
    if text.strip():
        person, by = declared_person(), signed_in(request)
        journal.record_of_none(person, action="search", by=by, now=timezone.now(), found=len(found))
    return found


# One of them ----------------------------------------------------------------------------------------------------------


class DecisionForm(forms.Form):
    outcome = forms.ChoiceField(
        label="Décision",
        choices=[(each.value, each.label) for each in (Outcome.GRANTED, Outcome.PARTLY, Outcome.REFUSED)],
        widget=forms.RadioSelect,
    )
    ground = forms.ChoiceField(
        label="Motif légal",
        required=False,
        help_text="D’un refus, même partiel. La lettre le dit à la personne, avec la CNIL et le tribunal.",
    )

    def __init__(self, right: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(key, f"{ground.label} ({ground.law})") for key, ground in grounds.of(right).items()]
        self.fields["ground"].choices = [("", "—"), *known]  # type: ignore[attr-defined]


def request_of(pk: int) -> RightsRequest:
    requests = RightsRequest.objects.with_documents_waiting().select_related("person", "entered_by")
    return get_object_or_404(requests, pk=pk)


def one(request: HttpRequest, *, site: AdminSite, pk: int) -> HttpResponse:
    refuse_unless(request, READING)
    return show(request, request_of(pk), site=site)


def show(
    request: HttpRequest, asked: RightsRequest, *, site: AdminSite, decision: DecisionForm | None = None
) -> HttpResponse:
    """Step by step; with what was wrong in the `decision`, when there is one."""
    now, by = timezone.now(), signed_in(request)
    journal.record_reads([asked, asked.person], by=by, now=now)
    handling, stands = handling_of(asked), standing.Standing(asked, paris_day(now), asked.document_waits)
    may_act = request.user.has_perm(ACTING) and asked.answered_at is None
    has_part = asked.person is not None and (asked.executed_at is None or handling.decides)
    written = list(asked.letters.select_related("written_by"))
    context = {
        **site.each_context(request),
        "title": f"Demande {asked.reference}, {asked.get_right_display().lower()}",
        "asked": asked,
        "stands": stands,
        "next": stands.next_act,
        "purpose": PURPOSES.get(asked.purpose),
        "scope": [dataset.label for dataset in registry.datasets.values() if dataset.name in asked.scope],
        "person_name": finding.name_of(asked.person) if asked.person else "",
        "handling": handling,
        "part": handling.part(asked, by=by, now=now) | {"may_act": may_act} if has_part else None,
        "decision": decision or DecisionForm(asked.right),
        "ground": grounds.GROUNDS.get(asked.ground),
        "document": asked.identity_documents.waiting(now=now).first(),
        "steps": asked.steps.select_related("by"),
        "letters": [letter for letter in written if letter.sent_at],
        "drafts": [letter for letter in written if not letter.sent_at],
        "other_letters": other_letters(asked) if may_act else [],
        "may_act": may_act,
    }
    return TemplateResponse(request, "admin/requests/request.html", context, status=422 if decision else 200)


def other_letters(asked: RightsRequest) -> list[tuple[str, str]]:
    """Those that may be sent now."""
    kinds = [Letter.Kind.ACKNOWLEDGEMENT, Letter.Kind.IDENTITY, Letter.Kind.EXTENSION, letters.answer_kind(asked)]
    return [(kind.value, kind.label) for kind in kinds if not letters.ACTS[kind].refusal(asked)]
