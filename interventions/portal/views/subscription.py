"""My subscription: ask for it, prove who I am when that is asked, end it."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from interventions import identity_documents, subscriptions
from interventions.models import IdentityDocument, Landlord, Subscription
from interventions.portal.visitors import VisitorRequest, tenants_only

KINDS = {
    IdentityDocument.Kind.CARD: gettext_lazy("Carte d’identité"),
    IdentityDocument.Kind.PASSPORT: gettext_lazy("Passeport"),
    IdentityDocument.Kind.RESIDENCE: gettext_lazy("Titre de séjour"),
    IdentityDocument.Kind.LICENCE: gettext_lazy("Permis de conduire"),
}


class IdentityForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Quelle pièce ?"), choices=KINDS.items())
    file = forms.FileField(
        label=gettext_lazy("Photo ou PDF"),
        help_text=gettext_lazy("JPEG, PNG ou PDF, 10 Mo au plus."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,application/pdf"}),
    )


@tenants_only
@require_safe
def all_subscriptions(request: VisitorRequest) -> HttpResponse:
    person, today = request.visitor.person, timezone.localdate()
    found = list(
        Subscription.objects.filter(person=person)
        .select_related("landlord")
        .prefetch_related("identity_documents")
        .order_by("-asked_at")
    )
    subscribed = {each.landlord_id for each in found if each.state != Subscription.State.ENDED}
    landlords = Landlord.objects.filter(pk__in=person.tenancies.current(on=today).values("landlord"))
    context = {"subscriptions": found, "others": landlords.exclude(pk__in=subscribed)}
    return render(request, "portal/subscriptions.html", context)


@tenants_only
@require_POST
def subscribe(request: VisitorRequest, pk: int) -> HttpResponse:
    """To the service of a landlord whose tenant this person is."""
    person = request.visitor.person
    tenancies = person.tenancies.current(on=timezone.localdate())
    landlord = get_object_or_404(Landlord.objects.filter(pk__in=tenancies.values("landlord")), pk=pk)
    subscriptions.ask(person, landlord=landlord, now=timezone.now())
    messages.success(request, _("Votre demande est enregistrée. Nous vous répondons ici."))
    return redirect("portal:subscriptions")


@tenants_only
@require_http_methods(["GET", "POST"])
def identity(request: VisitorRequest, pk: int) -> HttpResponse:
    waiting = Subscription.objects.filter(state=Subscription.State.ASKED, identity_asked_at__isnull=False)
    found = get_object_or_404(waiting.filter(person=request.visitor.person), pk=pk)
    form = IdentityForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            identity_documents.add(
                found, kind=form.cleaned_data["kind"], stream=form.cleaned_data["file"], now=timezone.now()
            )
        except identity_documents.Refused as refusal:
            form.add_error("file", str(refusal))
        else:
            messages.success(request, _("Nous l’avons. Elle est chiffrée, et détruite dès qu’elle est vérifiée."))
            return redirect("portal:subscriptions")
    return render(request, "portal/identity.html", {"form": form})


@tenants_only
@require_POST
def unsubscribe(request: VisitorRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Subscription.objects.filter(person=request.visitor.person), pk=pk)
    subscriptions.end(found, by=None, now=timezone.now())
    messages.success(request, _("Votre abonnement est terminé."))
    return redirect("portal:subscriptions")
