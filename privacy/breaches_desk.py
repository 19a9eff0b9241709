"""The DPO's register of breaches: the list with its clocks, and one page a breach that leads through article 33(3)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.paginator import Paginator
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from privacy import breaches, journal
from privacy.breaches import BreachError
from privacy.models import Breach
from privacy.pdf import pdf
from privacy.policy import BREACH_NOTIFIED_WITHIN, CONTROLLER
from privacy.site import refuse_unless, signed_in

A_PAGE = 50
READING, ACTING = "privacy.view_breach", "privacy.change_breach"
HOURS = int(BREACH_NOTIFIED_WITHIN / timedelta(hours=1))
SOON = timedelta(hours=24)


def urls(site: AdminSite) -> list[URLPattern]:
    def page(view: Any) -> Any:
        return site.admin_view(lambda request, **where: view(request, site=site, **where))

    return [
        path("violations/", page(require_safe(register)), name="breaches"),
        path("violations/nouvelle/", page(require_http_methods(["GET", "POST"])(new)), name="breach_new"),
        path("violations/<int:pk>/", page(require_http_methods(["GET", "POST"])(breach)), name="breach"),
        path("violations/<int:pk>/declaration.pdf", page(require_safe(declaration)), name="breach_pdf"),
    ]


@dataclass(frozen=True)
class Clock:
    """How far the 72 hours are, as a bar and in words."""

    hours: int
    state: str  # a class of the bar: "", "soon" or "late"
    words: str
    most: int = HOURS

    @classmethod
    def of(cls, breach: Breach, *, now: datetime) -> "Clock":
        hours = breaches.share_of_clock(breach, now=now)
        if breach.notified_at:
            late = breach.notified_at > breach.notify_by
            took = in_hours(breach.notified_at - breach.aware_at)
            return cls(hours, "late" if late else "", f"Notifiée en {took}{', hors délai' if late else ''}")
        if breach.dismissed_at:
            return cls(hours, "", "Non notifiée, avec sa raison")
        left = breach.notify_by - now
        if left < timedelta():
            return cls(hours, "late", f"Délai passé depuis {in_hours(-left)}")
        return cls(hours, "soon" if left < SOON else "", f"Il reste {in_hours(left)}")


def in_hours(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    return f"{minutes // 60}\N{NO-BREAK SPACE}h" if minutes >= 60 else f"{minutes}\N{NO-BREAK SPACE}min"


def register(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    """Those that are not closed first, the one whose clock ends first before the others."""
    refuse_unless(request, READING)
    now = timezone.now()
    found = Breach.objects.order_by(F("closed_at").desc(nulls_first=True), "aware_at", "pk")
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    running = list(Breach.objects.undecided().values_list("aware_at", flat=True))
    context = {
        **site.each_context(request),
        "title": "Registre des violations",
        "page": page,
        "lines": [(each, Clock.of(each, now=now)) for each in page],
        "open": Breach.objects.open().count(),
        "running": len(running),
        "late": sum(aware_at + BREACH_NOTIFIED_WITHIN < now for aware_at in running),
        "may_act": request.user.has_perm(ACTING),
    }
    return TemplateResponse(request, "admin/breaches.html", context)


# The forms ------------------------------------------------------------------------------------------------------------


def moment_field(label: str, **options: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget, **options)


def text_field(label: str, *, most: int = 2000, rows: int = 3, **options: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "maxlength": most})
    return forms.CharField(label=label, max_length=most, widget=widget, **options)


class ReportForm(forms.Form):
    what = text_field(
        "Ce qui s’est passé",
        most=4000,
        rows=5,
        help_text="Des faits\N{NO-BREAK SPACE}: quoi, où, depuis quand. Aucun nom, aucun numéro de téléphone.",
    )
    aware_at = moment_field("Quand vous l’avez appris", help_text="De là courent les 72 heures.")


class KnownForm(forms.ModelForm):
    seen = forms.IntegerField(widget=forms.HiddenInput)
    nature = forms.MultipleChoiceField(
        label="Nature", choices=Breach.Nature.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    happened_from = moment_field("Survenue le", required=False)
    happened_until = moment_field("Jusqu’au", required=False, help_text="Vide si elle dure, ou n’a duré qu’un moment.")

    class Meta:
        model = Breach
        fields = list(breaches.KNOWN)
        widgets = {name: forms.Textarea(attrs={"rows": 3}) for name in ("what", "consequences", "measures_taken")} | {
            "measures_planned": forms.Textarea(attrs={"rows": 3})
        }
        help_texts = {
            "what": "Des faits, sans aucun nom.",
            "people_categories": "Locataires, appelants, personnel…",
            "data_categories": "Identification, coordonnées, enregistrements…",
            "consequences": "Pour les personnes\N{NO-BREAK SPACE}: démarchage, usurpation, perte d’un service…",
        }

    def _post_clean(self) -> None:
        """`breaches.complete` writes, under its lock: the form only reads."""


class NotifyForm(forms.Form):
    at = moment_field("Notifiée le")
    reference = forms.CharField(label="Numéro donné par la CNIL", max_length=60, required=False)
    late_reason = text_field("Raison du retard", required=False, help_text="Obligatoire après 72 heures.")


class PhaseForm(forms.Form):
    what = text_field("Ce qui a été ajouté à la notification")


class DismissForm(forms.Form):
    reason = text_field("Pourquoi aucun risque n’est vraisemblable")


class TellForm(forms.Form):
    at = moment_field("Informées le")
    how = forms.CharField(label="Comment", max_length=500, help_text="Lettre, SMS, appel… et ce qui leur est dit.")


class SpareForm(forms.Form):
    ground = forms.ChoiceField(label="Dispense", choices=[each for each in Breach.NotTold.choices if each[0]])
    reason = text_field("Pourquoi")


class ReopenForm(forms.Form):
    reason = text_field("Ce qui est nouveau")


class NothingForm(forms.Form):
    pass


@dataclass(frozen=True)
class Act:
    """One thing that can be done from the page of a breach."""

    form: type[forms.BaseForm]
    carry_out: Callable[..., object]
    done: str


ACTS: dict[str, Act] = {
    "completer": Act(KnownForm, breaches.complete, "C’est enregistré."),
    "notifier": Act(NotifyForm, breaches.notify, "La notification est notée."),
    "ajouter": Act(PhaseForm, breaches.add_phase, "Le complément est noté."),
    "ecarter": Act(DismissForm, breaches.dismiss, "La raison de ne pas notifier est notée."),
    "informer": Act(TellForm, breaches.tell_people, "L’information des personnes est notée."),
    "dispenser": Act(SpareForm, breaches.spare_people, "La dispense est notée."),
    "clore": Act(NothingForm, breaches.close, "La violation est close."),
    "rouvrir": Act(ReopenForm, breaches.reopen, "La violation est rouverte."),
}


def new(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    refuse_unless(request, ACTING)
    now = timezone.now()
    form = ReportForm(request.POST if request.method == "POST" else None, initial={"aware_at": timezone.localtime(now)})
    if form.is_valid():
        try:
            reported = breaches.report(**form.cleaned_data, by=signed_in(request), now=now)
        except BreachError as error:
            form.add_error(None, str(error))
        else:
            return redirect("admin:breach", reported.pk)
    context = {**site.each_context(request), "title": "Nouvelle violation", "form": form}
    return TemplateResponse(request, "admin/breach_new.html", context, status=422 if form.errors else 200)


def breach(request: HttpRequest, *, site: AdminSite, pk: int) -> HttpResponse:
    refuse_unless(request, READING)
    found, by, now = (
        get_object_or_404(Breach.objects.select_related("reported_by"), pk=pk),
        signed_in(request),
        timezone.now(),
    )
    asked = request.POST.get("act", "") if request.method == "POST" else ""
    bound = None
    if request.method == "POST":
        refuse_unless(request, ACTING)
        if asked not in ACTS:
            raise Http404
        act = ACTS[asked]
        bound = act.form(request.POST, prefix=asked)
        if bound.is_valid():
            try:
                act.carry_out(found, **bound.cleaned_data, by=by, now=now)
            except BreachError as error:
                bound.add_error(None, str(error))
            else:
                messages.success(request, act.done)
                return redirect("admin:breach", pk)
    journal.record_reads([found], by=by, now=now)
    events = list(found.events.select_related("by"))
    context = {
        **site.each_context(request),
        "title": f"Violation {found.reference}",
        "breach": found,
        "clock": Clock.of(found, now=now),
        "events": events,
        "missing": breaches.what_is_missing(found),
        "notice": breaches.notice(found),
        "forms": {name: bound if name == asked else blank(name, found, events, now) for name in ACTS},
        "may_act": request.user.has_perm(ACTING),
    }
    return TemplateResponse(request, "admin/breach.html", context, status=422 if bound is not None else 200)


def blank(name: str, found: Breach, events: list[Any], now: datetime) -> forms.BaseForm:
    if name == "completer":
        return KnownForm(instance=found, initial={"seen": events[-1].pk if events else 0}, prefix=name)
    return ACTS[name].form(prefix=name, initial={"at": timezone.localtime(now)})


def declaration(request: HttpRequest, *, site: AdminSite, pk: int) -> HttpResponse:
    refuse_unless(request, READING)
    found = get_object_or_404(Breach, pk=pk)
    journal.record_reads([found], by=signed_in(request), now=timezone.now(), page="pdf")
    phases = found.events.filter(kind=breaches.Kind.COMPLETED)
    data = {
        "reference": found.reference,
        "controller": CONTROLLER.name,
        "notice": breaches.notice(found),
        "phases": [(breaches.moment(phase.at), phase.note) for phase in phases],
    }
    name = f'attachment; filename="violation-{found.reference}.pdf"'
    return HttpResponse(pdf("breach", data), content_type="application/pdf", headers={"Content-Disposition": name})
