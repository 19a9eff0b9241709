"""My account: who I am for the desk, how it reaches me, how I sign in."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import contacts
from accounts.access import recent_login_required
from accounts.languages import remember
from accounts.models import Person
from accounts.sign_in.throttling import Budget, Throttled, spend, too_many_requests
from interventions.models import Tenancy
from interventions.portal.account_forms import LANGUAGES, NEEDS, CodeForm, EmailForm, PhoneForm, ReachForm
from interventions.portal.visitors import VisitorRequest, tenants_only

AN_HOUR = timedelta(hours=1)
CHANGE = "contact_change"  # in the session: the new number or address, until its code came back


@tenants_only
@require_safe
def account(request: VisitorRequest) -> HttpResponse:
    person = request.visitor.person
    context = {
        "person": person,
        "phones": person.phones.order_by("pk"),
        "tenancies": Tenancy.objects.filter(person=person)
        .current(on=timezone.localdate())
        .select_related("dwelling__residence", "landlord"),
        "language": LANGUAGES[person.language],
        "needs": [NEEDS[code] for code in person.assistance],
    }
    return render(request, "portal/account.html", context)


@tenants_only
@require_http_methods(["GET", "POST"])
def reach(request: VisitorRequest) -> HttpResponse:
    form = ReachForm(request.POST or None, instance=request.visitor.person)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("C’est noté. C’est ce que nous ferons à partir de maintenant."))
        response = redirect("portal:account")
        remember(response, request.visitor.person.language)
        return response
    return render(request, "portal/reach.html", {"form": form})


@tenants_only
@recent_login_required
@require_http_methods(["GET", "POST"])
def change_phone(request: VisitorRequest) -> HttpResponse:
    """Another number, or with `remplace` a new one for one of those there are."""
    person = request.visitor.person
    number = request.GET.get("remplace", "")
    former = get_object_or_404(person.phones, pk=number) if number.isdecimal() and number.isascii() else None
    form = PhoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        change = {"what": "phone", "to": form.cleaned_data["number"], "instead_of": former.pk if former else None}
        return asked_for_code(request, change)
    return render(
        request, "portal/change_contact.html", {"form": form, "former": former, "title": _("Votre téléphone")}
    )


@tenants_only
@recent_login_required
@require_http_methods(["GET", "POST"])
def change_email(request: VisitorRequest) -> HttpResponse:
    form = EmailForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return asked_for_code(request, {"what": "email", "to": form.cleaned_data["email"]})
    return render(request, "portal/change_contact.html", {"form": form, "title": _("Votre adresse e-mail")})


def asked_for_code(request: VisitorRequest, change: dict[str, Any]) -> HttpResponse:
    now, person = timezone.now(), request.visitor.person
    try:
        spend([Budget(f"contact:{person.pk}", 6, AN_HOUR)], now=now)
    except Throttled as refusal:
        return too_many_requests(request, refusal.until)
    contacts.send_code(person, to=change["to"], language=get_language() or settings.LANGUAGE_CODE, now=now)
    request.session[CHANGE] = change
    return redirect("portal:confirm_contact")


@tenants_only
@require_http_methods(["GET", "POST"])
def confirm_contact(request: VisitorRequest) -> HttpResponse:
    change = request.session.get(CHANGE)
    if change is None:
        return redirect("portal:account")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            apply_change(request.visitor.person, form.cleaned_data["code"], change)
        except contacts.WrongCode:
            form.add_error("code", _("Ce code n’est pas le bon, ou il a plus de dix minutes. Rien n’a changé."))
        else:
            del request.session[CHANGE]
            messages.success(request, _("C’est changé. C’est là que nous vous joindrons."))
            return redirect("portal:account")
    return render(request, "portal/confirm_contact.html", {"form": form, "change": change})


def apply_change(person: Person, code: str, change: dict[str, Any]) -> None:
    now = timezone.now()
    if change["what"] == "phone":
        contacts.confirm_phone(person, code, number=change["to"], instead_of=change["instead_of"], now=now)
    else:
        contacts.confirm_email(person, code, email=change["to"], now=now)


@tenants_only
@recent_login_required
@require_POST
def remove_phone(request: VisitorRequest, pk: int) -> HttpResponse:
    """Not the last way to reach somebody."""
    person = request.visitor.person
    phone = get_object_or_404(person.phones, pk=pk)
    if person.phones.count() == 1 and not person.email:
        messages.error(request, _("C’est notre seul moyen de vous joindre : ajoutez-en un autre d’abord."))
    else:
        phone.delete()
        messages.success(request, _("Ce numéro est effacé."))
    return redirect("portal:account")
