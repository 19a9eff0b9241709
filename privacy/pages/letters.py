"""Where who exercises a right reads our letters, says that it is they who ask, and sends what they are asked for."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from privacy.models import Letter, RequesterDocument
from privacy.pages.links import CodeForm, hinted, too_many_codes
from privacy.policy import DPO_EMAIL
from privacy.rights import identity, letters
from privacy.rights.links import LinkGone, TooManyCodes
from privacy.rights.workflow import RequestError

Kind = RequesterDocument.Kind

KINDS = {
    Kind.CARD: gettext_lazy("Carte d’identité"),
    Kind.PASSPORT: gettext_lazy("Passeport"),
    Kind.RESIDENCE: gettext_lazy("Titre de séjour"),
    Kind.LICENCE: gettext_lazy("Permis de conduire"),
}
OPENED = "letter"  # in the session: the number of the one that a code has opened


class DocumentForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Quelle pièce ?"), choices=KINDS.items())
    file = forms.FileField(
        label=gettext_lazy("Photo ou PDF"),
        help_text=gettext_lazy("JPEG, PNG ou PDF, 10 Mo au plus."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,application/pdf"}),
    )


@sensitive_post_parameters("code")
@never_cache
@login_not_required
@require_http_methods(["GET", "POST"])
def letter(request: HttpRequest, token: str) -> HttpResponse:
    """Nothing happens by looking: mail programs open links by themselves."""
    try:
        found = letters.find_letter(token, now=timezone.now())
    except LinkGone:
        return render(request, "privacy/letter_gone.html", {"dpo_email": DPO_EMAIL}, status=410)
    if not may_read(request, found):
        return code_first(request, found, token=token)
    if request.method == "POST":
        return act(request, found, token=token)
    return page(request, found)


def may_read(request: HttpRequest, found: Letter) -> bool:
    return (
        not letters.needs_code(found)
        or request.session.get(OPENED) == found.pk
        or letters.is_theirs(found, request.user)
    )


def code_first(request: HttpRequest, found: Letter, *, token: str) -> HttpResponse:
    now, address = timezone.now(), reverse("privacy:letter", args=[token])
    if request.method == "POST" and "to" in request.POST:
        try:
            letters.send_code(found, now=now)
        except TooManyCodes:
            return too_many_codes(request)
        return redirect(f"{address}?code")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if letters.is_right_code(found, form.cleaned_data["code"], now=now):
            request.session[OPENED] = found.pk
            return redirect(address)
        form.add_error("code", _("Ce code n’est pas le bon, ou il a plus de dix minutes."))
    context = {
        "addresses": [(0, hinted(found.sent_to))],
        "code_sent": "code" in request.GET or request.method == "POST",
        "form": form,
    }
    return render(request, "privacy/letter_closed.html", context, status=422 if form.errors else 200)


def act(request: HttpRequest, found: Letter, *, token: str) -> HttpResponse:
    """The person says that it is they, or sends a copy of a document."""
    now = timezone.now()
    if "confirm" in request.POST:
        try:
            letters.confirm(found, request.user, now=now)
        except RequestError:
            messages.warning(request, _("C’est déjà fait, merci."))
        else:
            messages.success(request, _("Merci. Nous nous occupons de votre demande."))
        return redirect("privacy:letter", token)
    form = DocumentForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            said = form.cleaned_data
            identity.add(found.request, kind=said["kind"], stream=said["file"], now=now)
        except identity.Refused as refusal:
            form.add_error("file", str(refusal))
        else:
            messages.success(request, _("Nous l’avons. Elle est chiffrée, et détruite dès qu’elle est vérifiée."))
            return redirect("privacy:letter", token)
    return page(request, found, form=form)


def page(request: HttpRequest, found: Letter, *, form: DocumentForm | None = None) -> HttpResponse:
    asked = found.request
    awaited = found.kind == Letter.Kind.IDENTITY and identity.is_awaited(asked)
    context = {
        "letter": found,
        "asked": asked,
        "may_confirm": letters.may_confirm(found, request.user),
        "document_sent": awaited and asked.identity_documents.filter(verified_at=None).exists(),
        "document_form": (form or DocumentForm()) if awaited else None,
    }
    return render(request, "privacy/letter.html", context, status=422 if form else 200)
