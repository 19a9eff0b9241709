from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Person
from interventions import following, surveys
from interventions.following import MovedOn
from interventions.lifecycle import REOPEN_WITHIN
from interventions.messages import is_thread_open, open_thread, write_to_desk
from interventions.models import Appointment, Intervention, PersonalLink
from interventions.portal.answers import AppointmentForm, CancelForm, GiveUpForm, MessageForm, MoveForm, ReopenForm
from interventions.portal.story import request_of, story_of
from interventions.portal.visitors import VisitorRequest, portal_page
from interventions.reviews import ask_for_review
from interventions.suggestions import PRIORITY
from privacy.rights.automated_decisions import waiting_for
from privacy.rights.workflow import RequestError

follower = portal_page(PersonalLink.Purpose.FOLLOW)
asks = require_http_methods(["GET", "HEAD", "POST"])


@follower
@require_safe
def intervention(request: VisitorRequest, pk: int) -> HttpResponse:
    """Where it stands and what comes next; all of it for the person it is for, the state alone for who reported it."""
    visitor, now = request.visitor, timezone.now()
    followed = visitor.interventions().select_related("residence", "provider").prefetch_related("appointments")
    found = get_object_or_404(followed, pk=pk)
    new_messages = found.messages.for_tenant().filter(person=visitor.person).count()
    context: dict[str, Any] = {
        "visitor": visitor,
        "followed": request_of(found, person=visitor.person, new_messages=new_messages, now=now),
        "intervention": found,
        "now": now,
    }
    if context["followed"].theirs:
        context |= {
            "story": story_of(found),
            "own_words": own_words(found, person=visitor.person),
            "may_write": is_thread_open(found, now=now),
            "may_cancel": following.may_cancel(found),
            "may_reopen": following.may_reopen(found, now=now),
            "reopen_until": found.closed_at + REOPEN_WITHIN if found.closed_at else None,
            "asks_opinion": surveys.is_asked(found, person=visitor.person, now=now),
            "review": waiting_for(found, suggestion=PRIORITY) if found.is_open else None,
        }
    return render(request, "portal/intervention.html", context)


def own_words(intervention: Intervention, *, person: Person) -> str:
    """What they wrote on the portal themselves; what an agent noted of a call is the desk's."""
    reported_here = intervention.transitions.filter(from_status="", by_tenant=True).exists()
    return intervention.description if reported_here and intervention.reported_by_id == person.pk else ""


def theirs_or_404(request: VisitorRequest, pk: int) -> Intervention:
    """One that this visitor decides about: who only reported it for somebody else does not."""
    visitor = request.visitor
    followed = visitor.interventions().dealt_with(visitor.person)
    return get_object_or_404(followed.select_related("residence").prefetch_related("appointments"), pk=pk)


def question(request: VisitorRequest, about: Intervention, form: forms.Form, **words: Any) -> HttpResponse:
    """One question on a page of its own: `title`, `intro`, `submit`, and `gives_up` for what takes something away."""
    context = {"visitor": request.visitor, "intervention": about, "form": form, **words}
    return render(request, "portal/question.html", context, status=422 if form.errors else 200)


def back(request: VisitorRequest, pk: int, told: str) -> HttpResponse:
    messages.success(request, told)
    return redirect("portal:intervention", pk)


def back_stale(request: VisitorRequest, pk: int) -> HttpResponse:
    messages.warning(request, _("La demande a avancé entre-temps. Rien n’a été changé : voici où elle en est."))
    return redirect("portal:intervention", pk)


@follower
@asks
def thread(request: VisitorRequest, pk: int) -> HttpResponse:
    """What they and the desk wrote to each other, and a box to write in."""
    found, now = theirs_or_404(request, pk), timezone.now()
    may_write = is_thread_open(found, now=now)
    form = MessageForm(request.POST if request.method == "POST" else None)
    if may_write and form.is_valid():
        write_to_desk(found, person=request.visitor.person, text=form.cleaned_data["text"], now=now)
        messages.success(request, _("Votre message est arrivé. Nous vous répondrons ici."))
        return redirect("portal:thread", pk)
    context = {
        "visitor": request.visitor,
        "intervention": found,
        "thread": open_thread(found, person=request.visitor.person, now=now),
        "may_write": may_write,
        "form": form,
    }
    return render(request, "portal/thread.html", context, status=422 if form.errors else 200)


@follower
@require_POST
def confirm_appointment(request: VisitorRequest, pk: int) -> HttpResponse:
    found, form = theirs_or_404(request, pk), AppointmentForm(request.POST)
    if not form.is_valid():
        return back_stale(request, pk)
    try:
        following.confirm_appointment(found, now=timezone.now(), **form.cleaned_data)
    except MovedOn:
        return back_stale(request, pk)
    return back(request, pk, _("C’est noté : vous serez là."))


@follower
@require_POST
def ask_review(request: VisitorRequest, pk: int) -> HttpResponse:
    """Somebody looks again at the priority, which a script had suggested (GDPR article 22): asked in one click."""
    found = theirs_or_404(request, pk)
    try:
        ask_for_review(found, person=request.visitor.person, signed_in=request.visitor.has_account, now=timezone.now())
    except RequestError:
        return back_stale(request, pk)
    return back(request, pk, _("C’est demandé. Une personne va revoir l’urgence de votre demande, et vous répondre."))


@follower
@asks
def move_appointment(request: VisitorRequest, pk: int) -> HttpResponse:
    return give_up_appointment(
        request,
        pk,
        MoveForm,
        Appointment.Answer.MOVED,
        told=_("C’est noté. Nous vous proposerons un autre rendez-vous."),
        title=_("Changer de rendez-vous"),
        intro=_("Ce rendez-vous n’aura pas lieu. Nous vous en proposerons un autre."),
        submit=_("Demander un autre rendez-vous"),
    )


@follower
@asks
def cancel_appointment(request: VisitorRequest, pk: int) -> HttpResponse:
    return give_up_appointment(
        request,
        pk,
        GiveUpForm,
        Appointment.Answer.CANCELLED,
        told=_("Le rendez-vous est annulé. Votre demande reste ouverte."),
        title=_("Annuler ce rendez-vous"),
        intro=_("Personne ne viendra à cette heure. Votre demande reste ouverte : nous vous recontacterons."),
        submit=_("Annuler le rendez-vous"),
        gives_up=True,
    )


def give_up_appointment(
    request: VisitorRequest,
    pk: int,
    form_class: type[MoveForm | GiveUpForm],
    answered: Appointment.Answer,
    *,
    told: str,
    **words: Any,
) -> HttpResponse:
    found, now = theirs_or_404(request, pk), timezone.now()
    appointment = following.awaited_appointment(found, now=now)
    if appointment is None and request.method != "POST":
        return back_stale(request, pk)
    form = form_class(
        request.POST if request.method == "POST" else None,
        initial={"appointment": appointment.pk if appointment else None},
    )
    if form.is_valid():
        try:
            following.give_up_appointment(
                found,
                appointment=form.cleaned_data["appointment"],
                answered=answered,
                person=request.visitor.person,
                words=form.message(),
                now=now,
            )
        except MovedOn:
            return back_stale(request, pk)
        return back(request, pk, told)
    return question(request, found, form, appointment=appointment, **words)


@follower
@asks
def cancel_request(request: VisitorRequest, pk: int) -> HttpResponse:
    found, now = theirs_or_404(request, pk), timezone.now()
    if request.method != "POST" and not following.may_cancel(found):
        return back_stale(request, pk)
    form = CancelForm(request.POST if request.method == "POST" else None, initial={"version": found.version})
    if form.is_valid():
        try:
            following.cancel_request(
                found,
                version=form.cleaned_data["version"],
                person=request.visitor.person,
                words=form.message(),
                now=now,
            )
        except MovedOn:
            return back_stale(request, pk)
        return back(request, pk, _("Votre demande est annulée. Personne ne viendra."))
    return question(
        request,
        found,
        form,
        title=_("Annuler ma demande"),
        intro=_("Personne ne viendra plus pour ce problème."),
        submit=_("Annuler ma demande"),
        gives_up=True,
    )


@follower
@asks
def reopen(request: VisitorRequest, pk: int) -> HttpResponse:
    """Within thirty days of the end. Later, the page says to report the problem anew."""
    found, now = theirs_or_404(request, pk), timezone.now()
    if request.method != "POST" and not following.may_reopen(found, now=now):
        return back_stale(request, pk)
    form = ReopenForm(request.POST if request.method == "POST" else None, initial={"version": found.version})
    if form.is_valid():
        try:
            following.reopen(
                found,
                version=form.cleaned_data["version"],
                person=request.visitor.person,
                words=form.cleaned_data["words"],
                now=now,
            )
        except MovedOn:
            return back_stale(request, pk)
        return back(request, pk, _("Nous reprenons votre demande. Un agent va lire vos mots."))
    return question(
        request,
        found,
        form,
        title=_("Toujours en panne ?"),
        intro=_("Nous reprenons votre demande où elle en était. Vous n’avez rien à recommencer."),
        submit=_("Reprendre ma demande"),
    )
