"""The two rights that ask more than a few questions: what to correct, and what becomes of one's data after death."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import LineField
from interventions.portal.views.rights import BY_KEY, asked
from interventions.portal.visitors import VisitorRequest, tenants_only
from interventions.portal.words import label_of
from privacy.models import PostMortemDirective, RightsRequest
from privacy.registry import registry
from privacy.retention.due import paris_day
from privacy.rights import intake, post_mortem, rectification
from privacy.rights.intake import GROUPS, RightForm
from privacy.rights.proposal_form import ProposalForm
from privacy.rights.workflow import RequestError

Right = RightsRequest.Right
Wish = PostMortemDirective.Wish


# Rectification --------------------------------------------------------------------------------------------------------


@tenants_only
@require_http_methods(["GET", "POST"])
def correct(request: VisitorRequest) -> HttpResponse:
    """What we keep and what it should be, side by side; or in words, where it is not among these."""
    data = request.POST if request.method == "POST" else None
    open_one = RightsRequest.objects.open().filter(person=request.visitor.person, right=Right.RECTIFICATION).first()
    form = ProposalForm(data, rectification.proposable(request.visitor.person, request=open_one))
    words = RightForm(Right.RECTIFICATION, data)
    words.fields["wish"].required = False
    words.fields["wish"].label = _("Autre chose est faux, ou manque ?")
    if data is not None and form.is_valid() & words.is_valid():
        try:
            return proposed(request, form, words)
        except RequestError as refusal:
            words.add_error(None, str(refusal))
    context = {
        "right": BY_KEY[Right.RECTIFICATION],
        "afterwards": intake.AFTERWARDS[Right.RECTIFICATION],
        "open": [asked(open_one, now=timezone.now())] if open_one else [],
        "values": side_by_side(form),
        "form": words,
    }
    return render(request, "portal/right_correct.html", context, status=422 if form.errors or words.errors else 200)


@transaction.atomic
def proposed(request: VisitorRequest, form: ProposalForm, words: RightForm) -> HttpResponse:
    """Raises RequestError when nothing is proposed, or what cannot be."""
    now, changes, said = timezone.now(), form.changes(), words.said()
    if not changes and not said["wish"]:
        raise RequestError(_("Vous n’avez rien changé : écrivez à côté ce qu’il faut mettre, ou dites-le en bas."))
    found = intake.receive(
        request.visitor.person,
        right=Right.RECTIFICATION,
        said=said,
        channel=RightsRequest.Channel.PORTAL,
        received_on=paris_day(now),
        identity=RightsRequest.Identity.SIGNED_IN,
        by=None,
        now=now,
    )
    rectification.propose(found, changes, by=None, now=now)
    messages.success(request, _("Votre demande est arrivée."))
    return redirect("portal:right_request", found.pk)


def side_by_side(form: ProposalForm) -> list[tuple[Any, list[tuple[str, forms.BoundField]]]]:
    """A group for each row: what it is, then each value as we keep it and the field to write another."""
    groups: dict[tuple[str, Any], list[tuple[str, forms.BoundField]]] = {}
    labels: dict[str, Any] = {}
    for value in form.values:
        labels[value.dataset.name] = label_of(value.dataset)
        groups.setdefault((value.dataset.name, value.row.pk), []).append((value.words, form[value.key]))
    return [(labels[name], values) for (name, _number), values in groups.items()]


# Directives for after one's death -------------------------------------------------------------------------------------

HANDED_OVER = {group.name.lower(): label for group, label in GROUPS.items() if group in post_mortem.HANDED_OVER}


class DirectiveForm(forms.Form):
    wish = forms.ChoiceField(
        label=gettext_lazy("Que doivent devenir vos données ?"),
        choices=[
            (Wish.ERASE, gettext_lazy("Les effacer")),
            (Wish.HAND_OVER, gettext_lazy("En remettre une copie à quelqu’un, puis les garder jusqu’à leur terme")),
            (Wish.KEEP, gettext_lazy("Les garder jusqu’à leur terme, comme les autres")),
        ],
        widget=forms.RadioSelect,
    )
    groups = forms.MultipleChoiceField(
        label=gettext_lazy("Si une copie est remise, de quoi ?"),
        choices=HANDED_OVER.items(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    executor_name = LineField(
        label=gettext_lazy("La personne qui doit s’en charger"),
        help_text=gettext_lazy("Elle doit être d’accord. C’est à elle qu’une copie est remise."),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    executor_contact = LineField(
        label=gettext_lazy("Où la joindre"),
        help_text=gettext_lazy("Son e-mail, son portable ou son adresse."),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def said(self) -> dict[str, Any]:
        """As `post_mortem.record` takes it."""
        said = dict(self.cleaned_data)
        return said | {"datasets": intake.names_in(said.pop("groups"), post_mortem.may_be_handed_over(registry))}


def initial_of(directive: PostMortemDirective | None) -> dict[str, Any]:
    if directive is None:
        return {}
    handed = [dataset for dataset in registry.datasets.values() if dataset.name in directive.datasets]
    groups = {group.name.lower() for dataset in handed if (group := intake.group_of(dataset))}
    said = {name: getattr(directive, name) for name in ("wish", "executor_name", "executor_contact")}
    return said | {"groups": sorted(groups)}


@tenants_only
@require_http_methods(["GET", "POST"])
def directives(request: VisitorRequest) -> HttpResponse:
    """Written, changed and read again; the former versions stay as proof."""
    person, now = request.visitor.person, timezone.now()
    current = post_mortem.in_force(person)
    form = DirectiveForm(request.POST if request.method == "POST" else None, initial=initial_of(current))
    if request.method == "POST" and form.is_valid():
        try:
            post_mortem.record(person, **form.said(), by=None, now=now)
        except RequestError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("C’est noté. Vous pouvez changer d’avis à tout moment, ici même."))
            return redirect("portal:directives")
    context = {
        "right": BY_KEY[Right.POST_MORTEM],
        "afterwards": intake.AFTERWARDS[Right.POST_MORTEM],
        "current": current,
        "history": post_mortem.history(person),
        "form": form,
    }
    return render(request, "portal/right_directives.html", context, status=422 if form.errors else 200)


@tenants_only
@require_POST
def revoke_directives(request: VisitorRequest) -> HttpResponse:
    """Said twice, it is said once."""
    try:
        post_mortem.revoke(request.visitor.person, by=None, now=timezone.now())
    except RequestError as refusal:
        messages.info(request, str(refusal))
    else:
        messages.success(request, _("C’est noté : vous n’avez plus de directives."))
    return redirect("portal:directives")
