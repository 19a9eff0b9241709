from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.forms import LineField
from accounts.models import Person
from interventions import complaints
from interventions.models import Intervention, Invoice, Landlord
from interventions.models.complaints import ANSWER_WITHIN
from interventions.portal.answers import MessageForm, words_field
from interventions.portal.views.follow import asks
from interventions.portal.visitors import VisitorRequest, tenants_only

A_PAGE = 20
LATEST = 20  # interventions that one may complain about

About = tuple[Landlord, Intervention | None]


class ComplaintForm(forms.Form):
    """What it is about decides which landlord is told: that of the dwelling, or of the intervention."""

    about = forms.ChoiceField(label=gettext_lazy("À propos de"))
    subject = LineField(label=gettext_lazy("En quelques mots"), max_length=200)
    text = words_field(gettext_lazy("Que s’est-il passé ?"))

    def __init__(self, *args: object, subjects: dict[str, tuple[str, About]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.subjects = subjects
        self.fields["about"].choices = [(key, label) for key, (label, _about) in subjects.items()]  # type: ignore[attr-defined]

    def clean_about(self) -> About:
        return self.subjects[self.cleaned_data["about"]][1]


def subjects_of(person: Person) -> dict[str, tuple[str, About]]:
    """Where they live, then their latest interventions."""
    tenancies = person.tenancies.current(on=timezone.localdate()).select_related("landlord", "dwelling__residence")
    latest = Intervention.objects.concerning(person).select_related("landlord").order_by("-opened_at")[:LATEST]
    dwellings: dict[str, tuple[str, About]] = {
        f"logement-{each.pk}": (
            _("Mon logement, %(address)s") % {"address": each.dwelling.residence.address},
            (each.landlord, None),
        )
        for each in tenancies
    }
    return dwellings | {
        f"demande-{each.pk}": (f"{_(each.problem.label)} ({each.reference})", (each.landlord, each)) for each in latest
    }


@tenants_only
@require_safe
def all_complaints(request: VisitorRequest) -> HttpResponse:
    """The open ones first."""
    found = request.visitor.person.complaints.order_by(F("answered_at").desc(nulls_first=True), "-opened_at")
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "portal/complaints.html", {"visitor": request.visitor, "page": page})


@tenants_only
@asks
def new_complaint(request: VisitorRequest) -> HttpResponse:
    """`demande` is the intervention that it is about, or `facture` the invoice, when they come from one."""
    person = request.visitor.person
    subjects = subjects_of(person)
    billed = asked_invoice(request)
    asked = f"demande-{billed.intervention_id if billed else request.GET.get('demande', '')}"
    form = ComplaintForm(
        request.POST if request.method == "POST" else None,
        subjects=subjects,
        initial={
            "about": asked if asked in subjects else None,
            "subject": _("Facture %(number)s") % {"number": billed.number} if billed else "",
        },
    )
    if subjects and form.is_valid():
        landlord, intervention = form.cleaned_data["about"]
        complaint = complaints.open_complaint(
            person,
            landlord=landlord,
            subject=form.cleaned_data["subject"],
            text=form.cleaned_data["text"],
            intervention=intervention,
            now=timezone.now(),
        )
        messages.success(request, _("Votre réclamation est enregistrée."))
        return redirect("portal:complaint", complaint.pk)
    context = {
        "visitor": request.visitor,
        "form": form if subjects else None,
        "answer_days": ANSWER_WITHIN.days,
    }
    return render(request, "portal/complaint_new.html", context, status=422 if form.errors else 200)


def asked_invoice(request: VisitorRequest) -> Invoice | None:
    asked = request.GET.get("facture", "")
    if not (asked.isascii() and asked.isdigit()):
        return None
    return Invoice.objects.visible_to(request.user, now=timezone.now()).filter(pk=asked).first()


@tenants_only
@asks
def complaint(request: VisitorRequest, pk: int) -> HttpResponse:
    """Its exchanges, when it will be answered, and a box to add to it until it is."""
    found = get_object_or_404(request.visitor.person.complaints.select_related("intervention", "landlord"), pk=pk)
    now = timezone.now()
    form = MessageForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            complaints.write_message(found, text=form.cleaned_data["text"], by=None, now=now)
        except complaints.AlreadyAnswered:
            messages.warning(request, _("Cette réclamation a eu sa réponse définitive. Ouvrez-en une nouvelle."))
        else:
            messages.success(request, _("Votre message est ajouté à la réclamation."))
        return redirect("portal:complaint", pk)
    context = {
        "visitor": request.visitor,
        "complaint": found,
        "thread": found.messages.all(),
        "is_late": found.answered_at is None and found.answer_by < now,
        "form": form,
    }
    return render(request, "portal/complaint.html", context, status=422 if form.errors else 200)
