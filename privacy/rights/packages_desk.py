"""The DPO's pages of one copy: how far it is, the texts to read again, the release."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from privacy import journal
from privacy.models import ExportPackage, ReviewedText, RightsRequest
from privacy.registry import registry
from privacy.rights import access, packages, portability
from privacy.rights.readers import is_for_portability, readers_of
from privacy.rights.workflow import RequestError
from privacy.site import refuse_unless, signed_in
from privacy.subjects import declared_person, label_of

A_PAGE = 25
ACTING = "privacy.change_exportpackage"


def urls(site: AdminSite) -> list[URLPattern]:
    def page(view: Any) -> Any:
        return site.admin_view(lambda request, **where: view(request, site=site, **where))

    return [
        path("droits/<int:pk>/copie/", page(require_safe(package)), name="rights_package"),
        path("droits/<int:pk>/copie/preparer/", page(require_POST(prepare)), name="rights_package_prepare"),
        path("droits/<int:pk>/copie/fiche/", page(require_POST(match_record)), name="rights_package_match"),
        path(
            "droits/<int:pk>/copie/relecture/",
            page(require_http_methods(["GET", "POST"])(review)),
            name="rights_package_review",
        ),
        path("droits/<int:pk>/copie/relue/", page(require_POST(finish)), name="rights_package_finish"),
        path("droits/<int:pk>/copie/remettre/", page(require_POST(release)), name="rights_package_release"),
    ]


def request_of(pk: int) -> RightsRequest:
    requests = RightsRequest.objects.filter(right__in=packages.COPIED).select_related("person")
    return get_object_or_404(requests, pk=pk)


def package(request: HttpRequest, *, site: AdminSite, pk: int) -> HttpResponse:
    """While a task is at work the page asks again by itself, every three seconds."""
    refuse_unless(request, "privacy.view_exportpackage")
    asked = request_of(pk)
    plan = (portability if is_for_portability(asked) else access).plan(asked, now=timezone.now())
    context = {
        **site.each_context(request),
        "title": f"Copie des données, demande {asked.reference}",
        "asked": asked,
        "plan": plan,
        "package": plan.package,
        "texts": plan.package.texts.count() if plan.package else 0,
        "unread": packages.unread(plan.package) if plan.package else 0,
        "may_act": request.user.has_perm(ACTING),
    }
    return TemplateResponse(request, "admin/package.html", context)


def prepare(request: HttpRequest, *, site: AdminSite, pk: int) -> HttpResponse:
    """The first one, or a new one in place of it."""
    refuse_unless(request, ACTING)
    asked, now, by = request_of(pk), timezone.now(), signed_in(request)
    existing = ExportPackage.objects.filter(request=asked).first()
    try:
        if existing is None:
            packages.prepare(asked, by=by, now=now)
        else:
            packages.begin_again(existing, by=by, now=now)
    except RequestError as error:
        messages.error(request, str(error))
    return redirect("admin:rights_package", pk)


class RecordForm(forms.Form):
    record = forms.IntegerField(min_value=1)


def match_record(request: HttpRequest, *, site: AdminSite, pk: int) -> HttpResponse:
    refuse_unless(request, ACTING)
    form = RecordForm(request.POST)
    record = declared_person()._base_manager.filter(pk=form.cleaned_data["record"]).first() if form.is_valid() else None
    if record is None:
        messages.error(request, "Donnez le numéro d’une fiche qui existe.")
        return redirect("admin:rights_package", pk)
    try:
        packages.match_record(request_of(pk), record, by=signed_in(request), now=timezone.now())
    except RequestError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Fiche jointe. Préparez la copie de nouveau si elle l’était déjà.")
    return redirect("admin:rights_package", pk)


# Reading again --------------------------------------------------------------------------------------------------------


class TextForm(forms.Form):
    """What of one text is masked. Passages are copied as they are, one a line."""

    whole = forms.BooleanField(label="Masquer tout le texte", required=False)
    passages = forms.CharField(
        label="Passages à masquer",
        help_text="Un par ligne, recopiés tels quels.",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, data: Any, text: ReviewedText, words: str) -> None:
        self.text, self.words = text, words
        passages = "\n".join(dict.fromkeys(words[start:stop] for start, stop in text.masks))
        super().__init__(data, prefix=f"text{text.pk}", initial={"whole": text.whole, "passages": passages})

    @property
    def where(self) -> str:
        dataset = dataset_of(self.text)
        field = label_of(dataset.model._meta.get_field(self.text.field), dataset)
        return f"{dataset.label} {self.text.object_id}, {field}"

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        lines = [line for line in said.get("passages", "").splitlines() if line.strip()]
        try:
            packages.check_text(self.text, words=self.words, passages=lines, whole=said["whole"], now=timezone.now())
        except RequestError as error:
            raise forms.ValidationError(str(error)) from error
        return said


def dataset_of(text: ReviewedText) -> Any:
    return next(dataset for dataset in registry.datasets.values() if dataset.name == text.model)


def review(request: HttpRequest, *, site: AdminSite, pk: int) -> HttpResponse:
    """A page of texts; the ones that are shared with other people come masked. The journal knows who read them."""
    refuse_unless(request, ACTING)
    found = get_object_or_404(ExportPackage, request=request_of(pk))
    page = Paginator(found.texts.order_by("model", "object_id", "field"), A_PAGE).get_page(request.GET.get("page"))
    journal.record_reads([found], by=signed_in(request), now=timezone.now(), page=page.number)
    data = request.POST if request.method == "POST" else None
    entries = [TextForm(data, text, words) for text, words in packages.with_words(list(page))]
    mistaken = [form for form in entries if not form.is_valid()]
    if data is not None and not mistaken:
        if not page.has_next():
            return redirect("admin:rights_package", pk)
        return redirect(f"{reverse('admin:rights_package_review', args=[pk])}?page={page.next_page_number()}")
    context = {
        **site.each_context(request),
        "title": f"Textes à relire, demande {found.request.reference}",
        "asked": found.request,
        "package": found,
        "page": page,
        "forms": entries,
    }
    return TemplateResponse(request, "admin/package_review.html", context, status=422 if data is not None else 200)


def finish(request: HttpRequest, *, site: AdminSite, pk: int) -> HttpResponse:
    refuse_unless(request, ACTING)
    found = get_object_or_404(ExportPackage, request=request_of(pk))
    try:
        packages.finish_review(found, by=signed_in(request), now=timezone.now())
    except RequestError as error:
        messages.error(request, str(error))
    return redirect("admin:rights_package", pk)


def release(request: HttpRequest, *, site: AdminSite, pk: int) -> HttpResponse:
    """`to` is the number of a known address in the plan's list. A second time, a new link in place of the first."""
    refuse_unless(request, ACTING)
    asked, now, by = request_of(pk), timezone.now(), signed_in(request)
    known = readers_of(asked)
    number = request.POST.get("to", "0")
    to = dict(enumerate(known)).get(int(number) if number.isdecimal() and len(number) < 4 else -1, "")
    try:
        if asked.executed_at is None:
            access.execute(asked, to=to, by=by, now=now)
        else:
            packages.release(get_object_or_404(ExportPackage, request=asked), to=to, by=by, now=now)
    except RequestError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Lien envoyé. Il sert une fois, pendant sept jours.")
    return redirect("admin:rights_package", pk)
