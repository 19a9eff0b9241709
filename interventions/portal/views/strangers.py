"""
The ten rights for those without an account: the right, what they want, where to answer; then a code to that address.
Nothing tells whether we know anybody by it.
"""

from datetime import date, datetime, timedelta

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.contacts import person_reached_at
from accounts.forms import LineField
from accounts.roles import Role
from accounts.sign_in.throttling import Budget, Throttled, household, keyed, spend
from interventions.portal.account_forms import CodeForm
from interventions.portal.report_forms import LinkForm
from interventions.portal.right_words import ICONS
from interventions.portal.views.rights import BY_KEY
from privacy.policy import DPO_EMAIL, RIGHTS
from privacy.retention.due import paris_day
from privacy.rights import deadlines, intake, strangers
from privacy.rights.intake import Requester, RightForm
from privacy.rights.strangers import Gone, Written

WRITTEN, SENT = "rights_form_written", "rights_form_sent"  # in the session: the number of what is kept; what was sent
A_MINUTE, AN_HOUR = timedelta(minutes=1), timedelta(hours=1)


class WhoForm(LinkForm):
    """Who asks, for whom, and where to answer."""

    requester = forms.ChoiceField(
        label=gettext_lazy("Pour qui demandez-vous ?"),
        choices=[
            (Requester.SELF, gettext_lazy("Pour moi")),
            (Requester.REPRESENTATIVE, gettext_lazy("Pour quelqu’un que je représente, avec un mandat")),
            (Requester.HEIR, gettext_lazy("Pour une personne décédée, dont j’hérite")),
        ],
        initial=Requester.SELF,
        widget=forms.RadioSelect,
    )
    name = LineField(
        label=gettext_lazy("Votre nom"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    concerned = LineField(
        label=gettext_lazy("Le nom de cette personne"),
        help_text=gettext_lazy("Seulement si vous demandez pour quelqu’un d’autre."),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    home = LineField(
        label=gettext_lazy("L’adresse du logement, ou la référence de locataire"),
        help_text=gettext_lazy(
            "Pour retrouver de qui il s’agit, si nous ne connaissons pas l’adresse où vous répondre."
        ),
        max_length=200,
        required=False,
    )
    field_order = ["requester", "name", "concerned", "home", "to"]

    def __init__(self, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.fields["to"].label = _("Où vous répondre ? Votre portable ou votre adresse e-mail")
        self.fields["to"].help_text = _("Nous y envoyons d’abord un code, pour être sûrs que c’est la vôtre.")

    def clean_concerned(self) -> str:
        concerned: str = self.cleaned_data["concerned"]
        if not concerned and self.cleaned_data.get("requester") not in (None, Requester.SELF):
            raise forms.ValidationError(_("Dites de qui il s’agit."))
        return concerned

    def found_by(self) -> str:
        """What the DPO finds the person by, in lines after the wish."""
        lines = [
            ("Personne concernée", self.cleaned_data["concerned"]),
            ("Logement ou référence", self.cleaned_data["home"]),
        ]
        return "\n".join(f"{what}\N{NO-BREAK SPACE}: {said}" for what, said in lines if said)


@login_not_required
@require_safe
def all_rights(request: HttpRequest) -> HttpResponse:
    context = {
        "rights": [(right, ICONS[right.key]) for right in RIGHTS],
        "is_tenant": getattr(request.user, "role", None) == Role.TENANT,
        "dpo_email": DPO_EMAIL,
    }
    return render(request, "portal/form_rights.html", context)


@never_cache
@login_not_required
@require_http_methods(["GET", "POST"])
def right(request: HttpRequest, right: str) -> HttpResponse:
    if right not in BY_KEY:
        raise Http404
    data = request.POST if request.method == "POST" else None
    form, who = RightForm(right, data), WhoForm(data)
    if data is not None and form.is_valid() & who.is_valid():
        now, to = timezone.now(), who.cleaned_data["to"]
        try:
            spend(budgets(to, address=request.META["REMOTE_ADDR"]), now=now)
        except Throttled:
            who.add_error(
                None, _("Trop de codes demandés. Ce que vous avez écrit est encore là : réessayez plus tard.")
            )
            return right_page(request, right, form, who, status=429)
        request.session[WRITTEN] = strangers.keep(written_in(right, form, who))
        return send_code(request, request.session[WRITTEN], now=now)
    return right_page(request, right, form, who, status=422 if form.errors or who.errors else 200)


def right_page(request: HttpRequest, right: str, form: RightForm, who: WhoForm, *, status: int) -> HttpResponse:
    context = {"right": BY_KEY[right], "afterwards": intake.AFTERWARDS[right], "form": form, "who": who}
    return render(request, "portal/form_right.html", context, status=status)


def written_in(right: str, form: RightForm, who: WhoForm) -> Written:
    said, person = form.said(), who.cleaned_data
    said["wish"] = "\n\n".join(filter(None, [said["wish"], who.found_by()]))
    return Written(right, said, person["requester"], person["name"], person["to"])


def budgets(to: str, *, address: str) -> list[Budget]:
    """The same whether we know the address: nobody is sent more codes than they asked for."""
    return [
        Budget(f"rights-form-from:{keyed(household(address))}", 10, AN_HOUR),
        Budget(f"rights-form-to:{keyed(to)}", 5, AN_HOUR),
    ]


def send_code(request: HttpRequest, number: str, *, now: datetime) -> HttpResponse:
    strangers.send_code(number, language=get_language() or settings.LANGUAGE_CODE, now=now)
    return redirect("rights_form:code")


@never_cache
@login_not_required
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Sent once the code came back. Sent twice, it is the same page that follows."""
    number, now = request.session.get(WRITTEN), timezone.now()
    if number is None:
        return redirect("rights_form:sent" if SENT in request.session else "rights_form:rights")
    form = CodeForm(request.POST if request.method == "POST" and "again" not in request.POST else None)
    try:
        to = strangers.kept_under(number).to
        if "again" in request.POST:
            spend(budgets(to, address=request.META["REMOTE_ADDR"]), now=now)
            return send_code(request, number, now=now)
        if form.is_valid():
            if strangers.is_right_code(number, form.cleaned_data["code"], now=now):
                found = strangers.receive(number, person=person_reached_at(to), now=now)
                del request.session[WRITTEN]
                request.session[SENT] = {"reference": found.reference, "due_on": due_on(now)}
                return redirect("rights_form:sent")
            form.add_error("code", _("Ce code n’est pas le bon, ou il a plus de dix minutes. Rien n’est perdu."))
        return render(request, "portal/form_code.html", {"form": form, "to": to}, status=422 if form.errors else 200)
    except Throttled:
        form = CodeForm()
        context = {"form": form, "to": to, "too_many": True}
        return render(request, "portal/form_code.html", context, status=429)
    except Gone:
        del request.session[WRITTEN]
        return render(request, "portal/form_gone.html", status=410)


def due_on(now: datetime) -> str:
    """As a request that comes today has it, whether it was joined to an earlier one or not."""
    return deadlines.due_on(paris_day(now)).isoformat()


@never_cache
@login_not_required
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    found = request.session.get(SENT)
    if found is None:
        return redirect("rights_form:rights")
    context = {
        "reference": found["reference"],
        "due_on": date.fromisoformat(found["due_on"]),
        "dpo_email": DPO_EMAIL,
    }
    return render(request, "portal/form_sent.html", context)
