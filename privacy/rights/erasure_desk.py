"""The DPO's page of an erasure: the plan, the texts to read again, and the act that nothing undoes."""

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
from django.views.decorators.http import require_http_methods

from privacy import journal
from privacy.models import RightsRequest
from privacy.rights import erasure, grounds
from privacy.rights.erasure import Chosen, Plan
from privacy.rights.letters import addresses_for
from privacy.rights.naming import Text
from privacy.rights.requests_desk import ACTING
from privacy.rights.workflow import RequestError
from privacy.site import refuse_unless, signed_in


def urls(site: AdminSite) -> list[URLPattern]:
    view = reauthentication_required(require_http_methods(["GET", "POST"])(erase))
    return [
        path(
            "droits/<int:pk>/effacement/",
            site.admin_view(lambda request, **where: view(request, site=site, **where)),
            name="rights_erasure",
        )
    ]


class ErasureForm(forms.Form):
    texts = forms.MultipleChoiceField(required=False)
    reference = forms.CharField(label="Recopiez la référence de la demande", max_length=20)

    def __init__(self, asked: RightsRequest, plan: Plan, data: Any = None) -> None:
        super().__init__(data)
        self.asked = asked
        self.fields["texts"].choices = [(key_of(text), key_of(text)) for text in plan.texts]  # type: ignore[attr-defined]

    def clean_reference(self) -> str:
        typed = str(self.cleaned_data["reference"]).strip().upper()
        if typed != self.asked.reference:
            raise forms.ValidationError(f"Pour effacer, recopiez exactement {self.asked.reference}.")
        return typed

    def chosen(self) -> list[Chosen]:
        pairs = (key.rsplit(":", 1) for key in self.cleaned_data["texts"])
        return [Chosen(model, int(number)) for model, number in pairs]


def key_of(text: Text) -> str:
    return f"{text.dataset.name}:{text.pk}"


def erase(request: HttpRequest, *, site: AdminSite, pk: int) -> HttpResponse:
    """The plan has really run, and was rolled back: its numbers are the true ones."""
    refuse_unless(request, ACTING)
    erasures = RightsRequest.objects.filter(right=RightsRequest.Right.ERASURE).select_related("person")
    asked, now, by = get_object_or_404(erasures, pk=pk), timezone.now(), signed_in(request)
    if asked.executed_at or asked.person is None:
        messages.warning(request, "Il n’y a plus rien à effacer pour cette demande.")
        return redirect("admin:rights_request", pk)
    journal.record_reads([asked], by=by, now=now, page="erasure")
    plan = erasure.plan(asked, now=now)
    form = ErasureForm(asked, plan, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            erasure.execute(asked, texts=form.chosen(), by=by, now=now)
        except RequestError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "C’est effacé. Les destinataires sont prévenus.")
            return redirect("admin:rights_request", pk)
    ticked = set(form["texts"].value() or [])
    context = {
        **site.each_context(request),
        "title": f"Plan d’effacement, demande {asked.reference}",
        "asked": asked,
        "plan": plan,
        "parts": [
            (part, [(number, grounds.GROUNDS[ground]) for ground, number in part.kept.items() if number])
            for part in plan.parts
        ],
        "texts": [(key_of(text), text, key_of(text) in ticked) for text in plan.texts],
        "is_decided": asked.outcome in (RightsRequest.Outcome.GRANTED, RightsRequest.Outcome.PARTLY),
        "reached_at": next(iter(addresses_for(asked)), ""),
        "form": form,
    }
    return TemplateResponse(request, "admin/requests/erasure.html", context, status=422 if form.is_bound else 200)
