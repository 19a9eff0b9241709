from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, recent_login_required, roles_only
from accounts.forms import LineField
from accounts.roles import Role
from interventions import webhooks
from interventions.landlord.interfaces import create_token, revoke_token
from interventions.models import ApiToken, Landlord, Webhook, WebhookDelivery
from interventions.models.interfaces import landlords_of
from privacy import journal

DELIVERIES_SHOWN = 10


class TokenForm(forms.Form):
    name = LineField(label="Pour quel logiciel", max_length=80)


class WebhookForm(forms.Form):
    url = forms.URLField(label="Adresse", max_length=500, assume_scheme="https", help_text="Commence par https://.")

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        try:
            webhooks.check_url(url)
        except webhooks.WebhookRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return url


@roles_only(Role.LANDLORD_MANAGER, Role.ADMINISTRATOR)
@recent_login_required
@require_http_methods(["GET", "POST"])
def interfaces(request: SignedInRequest) -> HttpResponse:
    """One page for all: what is new is shown on the answer to its form, and never again."""
    landlord, now = asked_landlord(request), timezone.now()
    if landlord is None:
        return render(request, "landlord/interfaces.html", {"landlord": None})
    act = ACTS.get(request.POST.get("act", "")) if request.method == "POST" else show
    if act is None:
        return page(request, landlord, status=422)
    return act(request, landlord, now)


def asked_landlord(request: SignedInRequest) -> Landlord | None:
    theirs = landlords_of(request.user)
    asked = request.GET.get("bailleur", "")
    if not asked:
        return theirs.first()
    if not (asked.isascii() and asked.isdigit()):
        raise Http404
    return get_object_or_404(theirs, pk=asked)


def page(request: SignedInRequest, landlord: Landlord, *, status: int = 200, **more: Any) -> HttpResponse:
    webhook = Webhook.objects.filter(landlord=landlord).first()
    context = {
        "landlord": landlord,
        "landlords": landlords_of(request.user),
        "tokens": landlord.api_tokens.alive().select_related("created_by"),
        "token_form": TokenForm(auto_id="token_%s"),
        "webhook": webhook,
        "webhook_form": WebhookForm(initial={"url": webhook.url if webhook else ""}, auto_id="webhook_%s"),
        "deliveries": webhook.deliveries.select_related("intervention")[:DELIVERIES_SHOWN] if webhook else [],
        **more,
    }
    return render(request, "landlord/interfaces.html", context, status=status)


def show(request: SignedInRequest, landlord: Landlord, now: datetime) -> HttpResponse:
    return page(request, landlord)


def make_token(request: SignedInRequest, landlord: Landlord, now: datetime) -> HttpResponse:
    form = TokenForm(request.POST, auto_id="token_%s")
    if not form.is_valid():
        return page(request, landlord, status=422, token_form=form)
    return page(
        request,
        landlord,
        token=create_token(landlord, name=form.cleaned_data["name"], by=request.user, now=now),
    )


def revoke(request: SignedInRequest, landlord: Landlord, now: datetime) -> HttpResponse:
    number = request.POST.get("token", "")
    token = get_object_or_404(ApiToken, landlord=landlord, pk=number if number.isascii() and number.isdigit() else 0)
    revoke_token(token, by=request.user, now=now)
    messages.success(request, "Le jeton ne donne plus accès à rien.")
    return back(landlord)


def keep_webhook(request: SignedInRequest, landlord: Landlord, now: datetime) -> HttpResponse:
    form = WebhookForm(request.POST, auto_id="webhook_%s")
    if not form.is_valid():
        return page(request, landlord, status=422, webhook_form=form)
    webhook, secret = webhooks.keep(landlord, url=form.cleaned_data["url"], by=request.user, now=now)
    journal.record(webhook, action="change", by=request.user, now=now, landlord=landlord.pk)
    messages.success(request, "Les événements partent à cette adresse.")
    return page(request, landlord, secret=secret)


def rotate(request: SignedInRequest, landlord: Landlord, now: datetime) -> HttpResponse:
    webhook = get_object_or_404(Webhook, landlord=landlord)
    secret = webhooks.rotate(webhook, now=now)
    journal.record(webhook, action="change", by=request.user, now=now, act="rotate")
    return page(request, landlord, secret=secret)


def test(request: SignedInRequest, landlord: Landlord, now: datetime) -> HttpResponse:
    webhooks.queue(get_object_or_404(Webhook, landlord=landlord), WebhookDelivery.Event.TEST, now=now)
    messages.success(request, "Un essai part\N{NO-BREAK SPACE}: rechargez la page pour lire la réponse.")
    return back(landlord)


def remove_webhook(request: SignedInRequest, landlord: Landlord, now: datetime) -> HttpResponse:
    webhook = get_object_or_404(Webhook, landlord=landlord)
    journal.record(webhook, action="delete", by=request.user, now=now, landlord=landlord.pk)
    webhook.delete()
    messages.success(request, "Plus rien n’est envoyé.")
    return back(landlord)


def back(landlord: Landlord) -> HttpResponse:
    return redirect(f"{reverse('landlord_interfaces:interfaces')}?bailleur={landlord.pk}")


ACTS = {
    "token": make_token,
    "revoke": revoke,
    "webhook": keep_webhook,
    "rotate": rotate,
    "test": test,
    "remove": remove_webhook,
}
