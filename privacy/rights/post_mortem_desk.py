"""The DPO's pages of a request about what becomes of somebody's data after their death: one question a page."""

from collections.abc import Callable
from typing import Any

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from privacy.models import RightsRequest
from privacy.rights import post_mortem, workflow
from privacy.rights.post_mortem import COURSES, AfterDeath, Document, Plan, Wish
from privacy.rights.workflow import RequestError
from privacy.site import refuse_unless, signed_in

ACTING = "privacy.change_rightsrequest"


def urls(site: AdminSite) -> list[URLPattern]:
    def page(view: Any) -> Any:
        return site.admin_view(lambda request, **where: view(request, site=site, **where))

    form_page = require_http_methods(["GET", "POST"])
    return [
        path("droits/<int:pk>/directives/", page(form_page(write)), name="rights_directive"),
        path("droits/<int:pk>/directives/revoquer/", page(require_POST(revoke)), name="rights_directive_revoke"),
        path("droits/<int:pk>/deces/", page(form_page(prove)), name="rights_death"),
        path("droits/<int:pk>/deces/erreur/", page(form_page(retract)), name="rights_death_mistake"),
        path("droits/<int:pk>/suite/", page(form_page(choose)), name="rights_after_death"),
        path(
            "droits/<int:pk>/suite/executer/",
            page(reauthentication_required(form_page(carry_out))),
            name="rights_after_death_execute",
        ),
    ]


def request_of(pk: int) -> RightsRequest:
    requests = RightsRequest.objects.filter(right=RightsRequest.Right.POST_MORTEM).select_related("person")
    return get_object_or_404(requests, pk=pk)


def back(pk: int) -> HttpResponse:
    return redirect("admin:rights_request", pk)


def asked_in(
    request: HttpRequest,
    form: forms.Form,
    *,
    site: AdminSite,
    asked: RightsRequest,
    title: str,
    button: str,
    act: Callable[..., object],
    done: str,
    lead: str = "",
    plan: Plan | None = None,
) -> HttpResponse:
    """One question on a page. What cannot be is said above the form, and nothing that was written is lost."""
    if form.is_valid():
        try:
            act(by=signed_in(request), now=timezone.now())
        except RequestError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, done)
            return back(asked.pk)
    context = {
        **site.each_context(request),
        "title": f"{title}, demande {asked.reference}",
        "asked": asked,
        "form": form,
        "button": button,
        "lead": lead,
        "plan": plan,
    }
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "admin/requests/post_mortem_form.html", context, status=status)


# Directives -----------------------------------------------------------------------------------------------------------


def choices_of_data() -> list[tuple[str, str]]:
    return [(dataset.name, dataset.label) for dataset in post_mortem.may_be_handed_over()]


class DirectiveForm(forms.Form):
    wish = forms.ChoiceField(
        label="Ce que la personne veut",
        choices=[(wish.value, wish.label) for wish in Wish if wish != Wish.REVOKED],
        widget=forms.RadioSelect,
    )
    datasets = forms.MultipleChoiceField(
        label="Ce qui est remis",
        choices=choices_of_data,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Pour une remise seulement. Les factures et ce qui est à d’autres personnes restent en dehors.",
    )
    executor_name = forms.CharField(
        label="Personne chargée de l’exécution",
        max_length=200,
        required=False,
        help_text="Obligatoire pour une remise, qui lui est faite.",
    )
    executor_contact = forms.CharField(
        label="Où la joindre", max_length=300, required=False, help_text="E-mail, mobile ou adresse postale."
    )


def write(request: HttpRequest, *, site: AdminSite, pk: int) -> HttpResponse:
    """What the person told us, by letter or by telephone."""
    refuse_unless(request, ACTING)
    asked = request_of(pk)
    form = DirectiveForm(request.POST if request.method == "POST" else None, initial=known(asked))

    def act(**who: Any) -> None:
        if asked.person is None:
            raise RequestError("Retrouvez d’abord la fiche de la personne.")
        if asked.requester != RightsRequest.Requester.SELF:
            raise RequestError("Seule la personne elle-même dit ses directives.")
        if not asked.identity:
            raise workflow.IdentityMissing
        post_mortem.record(asked.person, **form.cleaned_data, **who)

    return asked_in(
        request,
        form,
        site=site,
        asked=asked,
        title="Directives pour après la mort",
        button="Noter ces directives",
        act=act,
        done="Directives notées. Les précédentes restent comme preuve.",
    )


def known(asked: RightsRequest) -> dict[str, Any]:
    directive = post_mortem.in_force(asked.person) if asked.person else None
    names = ("wish", "datasets", "executor_name", "executor_contact")
    return {name: getattr(directive, name) for name in names} if directive else {}


def revoke(request: HttpRequest, *, site: AdminSite, pk: int) -> HttpResponse:
    refuse_unless(request, ACTING)
    asked = request_of(pk)
    try:
        if asked.person is None or asked.requester != RightsRequest.Requester.SELF or not asked.identity:
            raise RequestError("Seule la personne elle-même révoque ses directives, une fois son identité établie.")
        post_mortem.revoke(asked.person, by=signed_in(request), now=timezone.now())
    except RequestError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Directives révoquées. Elles restent comme preuve.")
    return back(pk)


# The death ------------------------------------------------------------------------------------------------------------


class DeathForm(forms.Form):
    reported_by = forms.CharField(
        label="Qui a signalé le décès", max_length=200, help_text="Son nom et son lien avec la personne."
    )
    document = forms.ChoiceField(label="Pièce vue", choices=Document.choices, widget=forms.RadioSelect)
    document_dated_on = forms.DateField(label="Datée du", widget=forms.DateInput(attrs={"type": "date"}))
    died_on = forms.DateField(
        label="Décédée le", required=False, widget=forms.DateInput(attrs={"type": "date"}), help_text="Si on le sait."
    )


def prove(request: HttpRequest, *, site: AdminSite, pk: int) -> HttpResponse:
    refuse_unless(request, ACTING)
    asked = request_of(pk)
    form = DeathForm(request.POST if request.method == "POST" else None, initial={"reported_by": asked.requester_name})
    return asked_in(
        request,
        form,
        site=site,
        asked=asked,
        title="Décès",
        button="Le décès est établi",
        act=lambda **who: post_mortem.prove_death(asked, **form.cleaned_data, **who),
        done="Décès établi\N{NO-BREAK SPACE}: le compte est fermé, les données sont gelées, plus rien n’est envoyé.",
        lead="La pièce elle-même n’est pas gardée\N{NO-BREAK SPACE}: rendez-la ou détruisez-la. Le compte se ferme "
        "aussitôt, ce qui attendait de partir ne part plus, et les données ne servent plus jusqu’à la suite donnée.",
    )


class MistakeForm(forms.Form):
    reason = forms.CharField(
        label="D’où vient l’erreur", max_length=500, widget=forms.Textarea(attrs={"rows": 2, "maxlength": 500})
    )


def retract(request: HttpRequest, *, site: AdminSite, pk: int) -> HttpResponse:
    refuse_unless(request, ACTING)
    asked = request_of(pk)
    form = MistakeForm(request.POST if request.method == "POST" else None)
    return asked_in(
        request,
        form,
        site=site,
        asked=asked,
        title="Décès noté par erreur",
        button="Revenir en arrière",
        act=lambda **who: post_mortem.retract_death(asked, **form.cleaned_data, **who),
        done="Le gel est levé. La personne peut rouvrir un compte.",
        lead="Le gel est levé et la personne de nouveau jointe. Son compte reste fermé\N{NO-BREAK SPACE}: "
        "elle en ouvre un autre.",
    )


# What is done ---------------------------------------------------------------------------------------------------------


class CourseForm(forms.Form):
    course = forms.ChoiceField(label="Suite à donner", widget=forms.RadioSelect)
    datasets = forms.MultipleChoiceField(
        label="Données utiles à la succession",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Pour une succession seulement. Rien d’autre n’est remis.",
    )

    def __init__(self, data: Any, plan: Plan, asked: RightsRequest) -> None:
        super().__init__(data, initial={"course": asked.after_death, "datasets": asked.scope})
        courses = [(course.key, f"{course.label}. {course.does}") for course in plan.courses]
        self.fields["course"].choices = courses  # type: ignore[attr-defined]
        if any(course.key == AfterDeath.ESTATE for course in plan.courses):
            held = [(each.dataset.name, f"{each.dataset.label} ({each.count})") for each in plan.may_be_chosen]
            self.fields["datasets"].choices = held  # type: ignore[attr-defined]
        else:
            del self.fields["datasets"]


def choose(request: HttpRequest, *, site: AdminSite, pk: int) -> HttpResponse:
    refuse_unless(request, ACTING)
    asked = request_of(pk)
    plan = post_mortem.plan(asked, now=timezone.now())
    if plan.death is None:
        messages.error(request, "Établissez d’abord le décès.")
        return back(pk)
    form = CourseForm(request.POST if request.method == "POST" else None, plan, asked)
    return asked_in(
        request,
        form,
        site=site,
        asked=asked,
        title="Suite à donner",
        button="Retenir cette suite",
        act=lambda **who: post_mortem.choose(asked, **form.cleaned_data, **who),
        done="Suite retenue. Rien n’est encore fait.",
        lead="La personne a laissé des directives\N{NO-BREAK SPACE}: elles seules s’appliquent."
        if plan.directive
        else "Sans directives, la loi n’ouvre aux héritiers que ces trois motifs. Pour tout autre, refusez la demande "
        "avec le motif «\N{NO-BREAK SPACE}Aucun des trois motifs ouverts aux héritiers\N{NO-BREAK SPACE}».",
        plan=plan,
    )


class ConfirmForm(forms.Form):
    reference = forms.CharField(label="Pour confirmer, recopiez le numéro de la demande", max_length=20)

    def __init__(self, data: Any, asked: RightsRequest) -> None:
        super().__init__(data)
        self.asked = asked

    def clean_reference(self) -> str:
        if self.cleaned_data["reference"].strip().upper() != self.asked.reference:
            raise forms.ValidationError(f"Recopiez {self.asked.reference}, tel quel.")
        return self.asked.reference


def carry_out(request: HttpRequest, *, site: AdminSite, pk: int) -> HttpResponse:
    """A copy is released from its own page, once it is read again."""
    refuse_unless(request, ACTING)
    asked = request_of(pk)
    if asked.after_death and asked.scope and not asked.executed_at:
        return redirect("admin:rights_package", pk)
    plan = post_mortem.plan(asked, now=timezone.now())
    posted = request.POST if request.method == "POST" else None
    form = ConfirmForm(posted, asked) if plan.erasure else forms.Form(posted)
    chosen = COURSES.get(asked.after_death)
    return asked_in(
        request,
        form,
        site=site,
        asked=asked,
        title=chosen.label if chosen else "Exécuter",
        button="Effacer définitivement" if plan.erasure else "Exécuter",
        act=lambda **who: post_mortem.execute(asked, **who),
        done="C’est fait.",
        lead=chosen.does if chosen else "",
        plan=plan,
    )
