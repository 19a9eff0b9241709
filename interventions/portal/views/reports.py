"""Signaler un problème: one question a page, what was answered kept for a day, sent once."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from interventions import photos, reports
from interventions.models import ReportDraft
from interventions.portal.report_forms import FORMS, StepForm
from interventions.portal.views.photos import drafts_of, photo_list, take_in, takes_photos
from interventions.portal.visitors import Purpose, VisitorRequest, portal_page
from interventions.problems import Priority

Step = ReportDraft.Step
STEPS = list(Step)


@portal_page(Purpose.REPORT)
@require_http_methods(["GET", "POST"])
def report(request: VisitorRequest) -> HttpResponse:
    """Where a report begins, or goes on."""
    visitor, now = request.visitor, timezone.now()
    homes = reports.homes_of(visitor.person, now=now)
    if request.method == "POST" and homes:
        return redirect(address_of(reports.start_draft(visitor.person, now=now)))
    draft = drafts_of(visitor, now=now).unsent().first()
    context = {"visitor": visitor, "draft": draft, "homes": homes, "steps": len(STEPS)}
    return render(request, "portal/report.html", context)


@portal_page(Purpose.REPORT)
@require_http_methods(["GET", "POST"])
def step(request: VisitorRequest, pk: int, step: str) -> HttpResponse:
    draft, now = draft_or_404(request, pk), timezone.now()
    if step not in Step.values:
        raise Http404
    asked = Step(step)
    if is_ahead(draft, asked):
        return redirect(address_of(draft))
    homes = reports.homes_of(draft.person, now=now)
    form = FORMS[asked](request.POST if request.method == "POST" else None, draft=draft, homes=homes)
    if request.method == "POST" and form.is_valid():
        return answered(request, draft, asked, form)
    return step_page(request, draft, asked, form)


@portal_page(Purpose.REPORT)
@require_http_methods(["GET", "POST"])
@takes_photos
def details(request: VisitorRequest, pk: int) -> HttpResponse:
    """The one step with photos: each button of its form keeps what was typed, and only one goes on."""
    draft, now = draft_or_404(request, pk), timezone.now()
    if is_ahead(draft, Step.DETAILS):
        return redirect(address_of(draft))
    form = FORMS[Step.DETAILS](request.POST if request.method == "POST" else None, draft=draft, homes=[])
    if request.method != "POST":
        return step_page(request, draft, Step.DETAILS, form)
    refusals = [] if draft.intervention_id else take_in(request, draft, now=now)
    if request.POST.get("remove", "").isdecimal():
        photos.remove_photos(list(draft.photos.filter(pk=request.POST["remove"])), now=now)
    if not form.is_valid() or refusals:
        return step_page(request, draft, Step.DETAILS, form, refusals=refusals)
    if "continue" in request.POST:
        return answered(request, draft, Step.DETAILS, form)
    try:
        reports.answer_step(draft, step=Step.DETAILS, said=form.said(), is_done=False)
    except reports.Gone:
        return gone(request)
    return redirect(reverse("portal:report_details", args=[pk]) + "#photos")


def step_page(
    request: VisitorRequest, draft: ReportDraft, asked: Step, form: StepForm, *, refusals: list[str] | None = None
) -> HttpResponse:
    number = STEPS.index(asked) + 1
    context = {
        "visitor": request.visitor,
        "draft": draft,
        "step": asked,
        "number": number,
        "steps": len(STEPS),
        "back": step_address(draft, STEPS[number - 2]) if number > 1 else reverse("portal:report"),
        "form": form,
        "advice": reports.advice_for(draft) if number > STEPS.index(Step.PROBLEM) + 1 else [],
    }
    if asked == Step.DETAILS:
        context |= photo_list(draft, refusals or [])
    status = 422 if form.errors or refusals else 200
    return render(request, f"portal/report_{asked.name.lower()}.html", context, status=status)


def answered(request: VisitorRequest, draft: ReportDraft, asked: Step, form: StepForm) -> HttpResponse:
    """Keep the answer, and lead to what comes next: a call that cannot wait, somebody else, or the next question."""
    now = timezone.now()
    before = draft.problem_code, draft.answers
    try:
        draft = reports.answer_step(draft, step=asked, said=form.said())
    except reports.Gone:
        return gone(request)
    suggestion = reports.suggestion_for(draft, now=now)
    if suggestion and before != (draft.problem_code, draft.answers):
        if suggestion.priority == Priority.EMERGENCY and (asked == Step.PROBLEM or any(draft.answers.values())):
            return redirect("portal:report_emergency", draft.pk)
        if reports.refer_to(suggestion):
            return redirect("portal:report_not_ours", draft.pk)
    return redirect(address_of(draft))


@portal_page(Purpose.REPORT)
@require_safe
def emergency(request: VisitorRequest, pk: int) -> HttpResponse:
    """Call now; and a way on for who cannot."""
    draft, now = draft_or_404(request, pk), timezone.now()
    suggestion = reports.suggestion_for(draft, now=now)
    if suggestion is None or suggestion.priority != Priority.EMERGENCY:
        return redirect(address_of(draft))
    context = {
        "visitor": request.visitor,
        "draft": draft,
        "advice": reports.advice_for(draft),
        "next": reverse("portal:report_not_ours", args=[pk]) if reports.refer_to(suggestion) else address_of(draft),
    }
    return render(request, "portal/report_emergency.html", context)


@portal_page(Purpose.REPORT)
@require_safe
def not_ours(request: VisitorRequest, pk: int) -> HttpResponse:
    """The landlord wants somebody else to be asked: to whom to turn. Nothing is opened."""
    draft = draft_or_404(request, pk)
    turn_to = reports.refer_to(reports.suggestion_for(draft, now=timezone.now()))
    if not turn_to:
        return redirect(address_of(draft))
    context = {
        "visitor": request.visitor,
        "draft": draft,
        "refer_to": turn_to,
        "advice": reports.advice_for(draft),
        "back": step_address(draft, Step.PROBLEM),
    }
    return render(request, "portal/report_not_ours.html", context)


@portal_page(Purpose.REPORT)
@require_http_methods(["GET", "POST"])
def summary(request: VisitorRequest, pk: int) -> HttpResponse:
    """All that was said, to be read again, and sent. Sent twice, it is the same request."""
    visitor, now = request.visitor, timezone.now()
    draft = draft_or_404(request, pk)
    if draft.intervention_id:
        return redirect("portal:report_sent", pk)
    if draft.next_step:
        return redirect(address_of(draft))
    if request.method == "POST":
        try:
            reports.send_report(draft, follow_link=not visitor.has_account, now=now)
        except reports.NotOurs:
            return redirect("portal:report_not_ours", pk)
        except reports.Unfinished:
            return redirect("portal:report")
        except reports.Gone:
            return gone(request)
        return redirect("portal:report_sent", pk)
    suggestion = reports.suggestion_for(draft, now=now)
    same = reports.already_reported(draft)
    context = {
        "visitor": visitor,
        "draft": draft,
        "answers": answers_of(draft),
        "advice": reports.advice_for(draft),
        "photos": draft.photos.all(),
        "is_emergency": suggestion is not None and suggestion.priority == Priority.EMERGENCY,
        "same": same,
        "same_is_mine": same is not None and visitor.interventions().filter(pk=same.pk).exists(),
        "back": step_address(draft, Step.VISIT),
        **{step.name.lower(): step_address(draft, step) for step in Step},
    }
    return render(request, "portal/report_summary.html", context)


def answers_of(draft: ReportDraft) -> list[tuple[str, str]]:
    """Each question and what was said to it, in the reader’s language."""
    said = {True: _("oui"), False: _("non"), None: _("je ne sais pas")}
    questions = draft.problem.questions if draft.problem else ()
    return [(_(question.text), said[draft.answers.get(question.code)]) for question in questions]


@portal_page(Purpose.REPORT)
@require_safe
def sent(request: VisitorRequest, pk: int) -> HttpResponse:
    """What happens next, and by when."""
    draft = draft_or_404(request, pk)
    if draft.intervention is None:
        return redirect(address_of(draft))
    context = {"visitor": request.visitor, "intervention": draft.intervention}
    return render(request, "portal/report_sent.html", context)


@portal_page(Purpose.REPORT)
@require_POST
def discard(request: VisitorRequest) -> HttpResponse:
    """There is one draft at a time. Thrown away twice, it is gone all the same."""
    now = timezone.now()
    draft = drafts_of(request.visitor, now=now).unsent().first()
    if draft is not None:
        reports.discard_draft(draft, now=now)
    messages.success(request, _("Votre brouillon est jeté. Rien n’a été envoyé."))
    return redirect("portal:home" if request.visitor.has_account else "portal:report")


def draft_or_404(request: VisitorRequest, pk: int) -> ReportDraft:
    drafts = drafts_of(request.visitor, now=timezone.now())
    found: ReportDraft = get_object_or_404(
        drafts.select_related("person", "dwelling__residence__landlord", "intervention"), pk=pk
    )
    return found


def is_ahead(draft: ReportDraft, asked: Step) -> bool:
    """Whether it was sent, or some question before this one has no answer."""
    return bool(draft.intervention_id) or any(step not in draft.done for step in STEPS[: STEPS.index(asked)])


def step_address(draft: ReportDraft, step: Step) -> str:
    if step == Step.DETAILS:
        return reverse("portal:report_details", args=[draft.pk])
    return reverse("portal:report_step", args=[draft.pk, step.value])


def address_of(draft: ReportDraft) -> str:
    """Where the draft goes on."""
    if draft.intervention_id:
        return reverse("portal:report_sent", args=[draft.pk])
    if draft.next_step:
        return step_address(draft, Step(draft.next_step))
    return reverse("portal:report_summary", args=[draft.pk])


def gone(request: VisitorRequest) -> HttpResponse:
    messages.info(request, _("Ce signalement est déjà envoyé ou jeté. Rien n’a été fait deux fois."))
    return redirect("portal:report")
