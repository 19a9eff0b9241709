"""The landlord's duty manager (cadre d'astreinte): who is on duty, and what is asked of them in the night."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedInRequest, desk_only
from accounts.forms import LineField
from callcenter.console.forms import MomentField
from callcenter.console.on_call_forms import RANKS
from callcenter.console.once import once
from callcenter.console.page import console_page
from callcenter.console.views.on_call import posted, supervisor_only
from interventions import duty
from interventions.models import DutyDecision, DutyShift, Intervention, LandlordContact
from interventions.sensitive_words import sensitive_words
from privacy import journal
from privacy.disclosure import DisclosureRefused
from privacy.restriction import Restricted

NEVER_A_NAME = "Jamais le nom de quelqu’un\N{NO-BREAK SPACE}: le bailleur le lira."


class PlainLineField(LineField):
    """A line that its landlord reads too: no health, no opinion, no origin."""

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        found = sensitive_words(text)
        if found:
            raise forms.ValidationError(f"Réécrivez sans ces mots\N{NO-BREAK SPACE}: {', '.join(found)}.")
        return text


class QuestionForm(forms.Form):
    question = PlainLineField(label="Ce qu’il faut décider", max_length=300, help_text=NEVER_A_NAME)


class AnswerForm(forms.Form):
    contact = forms.ModelChoiceField(LandlordContact.objects.none(), label="Qui a répondu", empty_label=None)
    answer = forms.ChoiceField(label="Décision", choices=DutyDecision.Answer.choices, widget=forms.RadioSelect)
    words = PlainLineField(label="Ses mots", max_length=300, required=False, help_text=NEVER_A_NAME)

    def __init__(self, decision: DutyDecision, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        contacts = LandlordContact.objects.filter(landlord=decision.intervention.landlord_id)
        self.fields["contact"].queryset = contacts.order_by("name")  # type: ignore[attr-defined]
        self.fields["contact"].label_from_instance = lambda contact: contact.name  # type: ignore[attr-defined]


def duty_of(intervention: Intervention, *, has_question: bool, has_duty: bool, now: datetime) -> dict[str, Any]:
    """Whoever is on duty at the landlord's, and the question that waits for them."""
    if not intervention.is_open:
        return {}
    questions = intervention.duty_decisions.filter(decided_at=None).select_related("approval")
    waiting = questions.first() if has_question else None
    on_duty = duty.on_duty(intervention.landlord_id, now=now) if has_duty else []
    context: dict[str, Any] = {"on_duty": on_duty, "duty_question": waiting}
    if waiting is None:
        return context | {"question_form": QuestionForm()}
    waiting.intervention = intervention
    to_call = duty.whom_to_call(waiting, now=now)
    form = AnswerForm(waiting, initial={"contact": to_call[0] if to_call else None})
    return context | {"to_call": to_call[:1], "answer_form": form}


def visible(request: SignedInRequest, pk: int) -> Intervention:
    return get_object_or_404(Intervention.objects.visible_to(request.user), pk=pk)


def visible_question(request: SignedInRequest, pk: int) -> DutyDecision:
    theirs = Intervention.objects.visible_to(request.user)
    return get_object_or_404(DutyDecision.objects.filter(intervention__in=theirs).select_related("intervention"), pk=pk)


def said_wrong(request: SignedInRequest, form: forms.Form) -> None:
    for errors in form.errors.values():
        messages.warning(request, f"Rien n’a été noté. {errors[0]}")


@desk_only
@require_POST
@once
def ask_duty(request: SignedInRequest, pk: int) -> HttpResponse:
    found, now = visible(request, pk), timezone.now()
    form = QuestionForm(request.POST)
    if not form.is_valid():
        said_wrong(request, form)
        return redirect("console:intervention", pk)
    try:
        duty.ask(found, question=form.cleaned_data["question"], by=request.user, now=now)
    except (duty.DutyError, DisclosureRefused) as error:
        messages.warning(request, str(error))
    except Restricted:
        messages.warning(request, "Les données de cette personne sont sous limitation\N{NO-BREAK SPACE}: rien ne part.")
    else:
        journal.record(found, action="change", by=request.user, now=now, act="ask_duty")
        messages.success(request, "La question est notée. Appelez le cadre d’astreinte.")
    return redirect("console:intervention", pk)


@desk_only
@require_POST
@once
def no_answer_of_duty(request: SignedInRequest, pk: int) -> HttpResponse:
    asked, now = visible_question(request, pk), timezone.now()
    contacts = LandlordContact.objects.filter(landlord=asked.intervention.landlord_id)
    number = request.POST.get("contact", "")
    contact = contacts.filter(pk=int(number)).first() if number.isascii() and number.isdigit() else None
    if contact is None:
        raise Http404
    try:
        duty.note_no_answer(asked, contact=contact, by=request.user, now=now)
    except duty.DutyError as error:
        messages.warning(request, str(error))
    else:
        journal.record(asked, action="change", by=request.user, now=now, intervention=asked.intervention_id)
        messages.success(request, "L’appel sans réponse est noté.")
    return redirect("console:intervention", asked.intervention_id)


@desk_only
@require_POST
@once
def note_duty_decision(request: SignedInRequest, pk: int) -> HttpResponse:
    asked, now = visible_question(request, pk), timezone.now()
    form = AnswerForm(asked, request.POST)
    if not form.is_valid():
        said_wrong(request, form)
        return redirect("console:intervention", asked.intervention_id)
    said = form.cleaned_data
    answer = DutyDecision.Answer(said["answer"])
    try:
        duty.decide(asked, contact=said["contact"], answer=answer, words=said["words"], by=request.user, now=now)
    except duty.DutyError as error:
        messages.warning(request, str(error))
    else:
        journal.record(asked, action="change", by=request.user, now=now, intervention=asked.intervention_id)
        messages.success(request, "La décision du cadre d’astreinte est notée.")
    return redirect("console:intervention", asked.intervention_id)


# The rota -------------------------------------------------------------------------------------------------------------


class DutyShiftForm(forms.ModelForm):
    contact = forms.ModelChoiceField(
        LandlordContact.objects.exclude(number="").select_related("landlord").order_by("landlord__name", "name"),
        label="Cadre",
        empty_label="Choisir…",
    )
    starts_at = MomentField(label="Début")
    ends_at = MomentField(label="Fin")
    rank = forms.TypedChoiceField(label="Rang", choices=RANKS, coerce=int)

    class Meta:
        model = DutyShift
        fields = ["contact", "rank", "starts_at", "ends_at"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact"].label_from_instance = lambda one: f"{one.landlord}, {one.name}"  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        starts_at, ends_at = said.get("starts_at"), said.get("ends_at")
        if starts_at and ends_at and ends_at <= starts_at:
            self.add_error("ends_at", "La fin vient avant le début. Une nuit finit le lendemain.")
        return said


A_LANDLORD_SHOWS = 8


@desk_only
@require_GET
def duty_rota(request: SignedInRequest) -> HttpResponse:
    """Each landlord's, from now on: agents read it, supervisors fill it."""
    return rota_page(request, DutyShiftForm(initial={"rank": 1}))


@supervisor_only
@require_http_methods(["POST"])
@once
def new_duty_shift(request: SignedInRequest) -> HttpResponse:
    form = DutyShiftForm(posted(request))
    if form.is_valid():
        try:
            duty.keep_shift(form.save(commit=False))
        except duty.DutyError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Astreinte enregistrée.")
            return redirect("console:duty_rota")
    return rota_page(request, form, status=422)


@supervisor_only
@require_POST
def remove_duty_shift(request: SignedInRequest, pk: int) -> HttpResponse:
    DutyShift.objects.filter(pk=pk).delete()
    messages.success(request, "Astreinte retirée.")
    return redirect("console:duty_rota")


def rota_page(request: SignedInRequest, form: DutyShiftForm, *, status: int = 200) -> HttpResponse:
    now = timezone.now()
    coming = DutyShift.objects.filter(ends_at__gt=now).select_related("contact__landlord")
    by_landlord: dict[Any, list[DutyShift]] = {}
    for shift in coming.order_by("contact__landlord__name", "starts_at", "rank"):
        by_landlord.setdefault(shift.contact.landlord, []).append(shift)
    rota = [(landlord, shifts[:A_LANDLORD_SHOWS]) for landlord, shifts in by_landlord.items()]
    return console_page(request, "console/duty_rota.html", {"form": form, "rota": rota, "now": now}, status=status)
