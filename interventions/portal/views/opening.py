"""Opening a tenant's account, a question a page. Until the code is right, every answer is the same for everybody."""

from datetime import timedelta

from allauth.account.utils import perform_login
from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.models import Person
from accounts.opening import AccountExists
from accounts.sign_in.throttling import Budget, Throttled, household, keyed, spend, too_many_requests
from interventions.account_opening import Asked, Channel, ask_for_code, landlords_open, open_for, person_proven
from interventions.models import Landlord, PersonalLink
from interventions.portal.account_forms import CodeForm
from interventions.portal.visitors import visitor_of
from privacy import outbox

ASKED, PROVEN = "opening_asked", "opening_proven"  # in the session: the number of the request; who came with its code
FINISHED_WITHIN = timedelta(minutes=30)
AN_HOUR = timedelta(hours=1)
ANY_LINK = tuple(PersonalLink.Purpose)


class KnownForm(forms.Form):
    """For who came by a personal link: only where the code should go."""

    channel = forms.ChoiceField(
        label=gettext_lazy("Comment vous envoyer un code ?"),
        choices=[(Channel.SMS, gettext_lazy("Par SMS")), (Channel.MAIL, gettext_lazy("Par e-mail"))],
        initial=Channel.SMS,
        widget=forms.RadioSelect,
    )


class ReferenceForm(KnownForm):
    landlord = forms.ModelChoiceField(
        label=gettext_lazy("Votre bailleur"), queryset=Landlord.objects.none(), empty_label=gettext_lazy("Choisissez")
    )
    reference = forms.CharField(
        label=gettext_lazy("Votre référence de locataire"),
        max_length=40,
        help_text=gettext_lazy("Elle est sur votre quittance de loyer et sur votre bail."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    field_order = ["landlord", "reference", "channel"]


class LoginForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("Votre adresse e-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        help_text=gettext_lazy("Elle servira à vous connecter."),
    )
    password = forms.CharField(
        label=gettext_lazy("Choisissez un mot de passe"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("Au moins 12 caractères. Une phrase de plusieurs mots convient très bien."),
    )


@login_not_required
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    visitor = visitor_of(request, ANY_LINK)
    if visitor is not None and visitor.has_account:
        return redirect("portal:home")
    form = form_for(request, known=visitor is not None)
    if request.method == "POST" and form.is_valid():
        said, language = form.cleaned_data, get_language() or settings.LANGUAGE_CODE
        if visitor is not None:
            asked = Asked(said["channel"], language, person=visitor.person.pk)
        else:
            asked = Asked(said["channel"], language, landlord=said["landlord"].pk, reference=said["reference"])
        try:
            spend(budgets(asked, address=request.META["REMOTE_ADDR"]), now=timezone.now())
        except Throttled as refusal:
            return too_many_requests(request, refusal.until)
        request.session[ASKED] = ask_for_code(asked)
        return redirect("portal:opening_code")
    return render(request, "portal/opening.html", {"form": form, "known": visitor})


def form_for(request: HttpRequest, *, known: bool) -> forms.Form:
    data = request.POST if request.method == "POST" else None
    if known:
        return KnownForm(data)
    form = ReferenceForm(data)
    form.fields["landlord"].queryset = landlords_open(on=timezone.localdate())  # type: ignore[attr-defined]
    return form


def budgets(asked: Asked, *, address: str) -> list[Budget]:
    """
    What one request for a code uses up, the same whether the reference exists.

    Many strangers together can use up those of a reference, not keep its tenant out: the desk sends them a link.
    """
    network = keyed(household(address))
    if asked.person is not None:
        return [Budget(f"opening:person:{asked.person}", 5, AN_HOUR), Budget(f"opening:address:{network}", 10, AN_HOUR)]
    plain = "".join(char for char in asked.reference.casefold() if char.isalnum())
    reference = keyed(f"{asked.landlord}:{plain}")
    return [
        Budget(f"opening:reference:{reference}:{network}", 3, AN_HOUR),
        Budget(f"opening:address:{network}", 10, AN_HOUR),
        Budget(f"opening:reference:{reference}", 15, AN_HOUR),
    ]


@login_not_required
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    number = request.session.get(ASKED)
    if number is None:
        return redirect("portal:open_account")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        proven = person_proven(number, form.cleaned_data["code"], now=now)
        if proven is not None:
            person, address = proven
            until = (now + FINISHED_WITHIN).isoformat()
            del request.session[ASKED]
            request.session[PROVEN] = {"person": person.pk, "address": address, "until": until}
            return redirect("portal:opening_login")
        form.add_error("code", _("Ce code n’est pas le bon, ou il a plus de dix minutes."))
    return render(request, "portal/opening_code.html", {"form": form})


@sensitive_post_parameters("password")
@login_not_required
@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """An address that has an account already is told so by mail, and on no page."""
    person = person_in(request)
    if person is None:
        return redirect("portal:open_account")
    form = LoginForm(request.POST or None, initial={"email": person.email})
    if request.method == "POST" and form.is_valid():
        email, now = form.cleaned_data["email"].lower(), timezone.now()
        try:
            user = open_for(
                person,
                email=email,
                password=form.cleaned_data["password"],
                proven_address=email == request.session[PROVEN]["address"].lower(),
                now=now,
            )
        except ValidationError as error:
            form.add_error("password", error)
        except AccountExists:
            del request.session[PROVEN]
            link = outbox.absolute(reverse("login"))
            outbox.send("account_exists", to=email, language=get_language() or "fr", link=link, now=now)
            return redirect("account_email_verification_sent")
        else:
            del request.session[PROVEN]
            return perform_login(request, user, redirect_url=reverse("portal:home"))
    return render(request, "portal/opening_login.html", {"form": form, "person": person})


def person_in(request: HttpRequest) -> Person | None:
    proven = request.session.get(PROVEN)
    if proven is None or timezone.now().isoformat() >= proven["until"]:
        return None
    return Person.objects.current().filter(pk=proven["person"]).first()
