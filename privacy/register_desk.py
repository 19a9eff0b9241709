"""The register of article 30 for the DPO: on screen, on paper, and as files."""

from collections.abc import Callable
from typing import Any

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from privacy.pdf import pdf
from privacy.register import Register, as_csv, as_json, in_words, processing_register
from privacy.site import refuse_unless

READING = "privacy.view_policyversion"

FILES: dict[str, tuple[str, Callable[[Register], str | bytes]]] = {
    "csv": ("text/csv; charset=utf-8", lambda register: f"\N{BOM}{as_csv(register)}"),
    "json": ("application/json", as_json),
    "pdf": ("application/pdf", lambda register: pdf("register", register)),
}


def urls(site: AdminSite) -> list[URLPattern]:
    def page(view: Any) -> Any:
        return site.admin_view(lambda request, **where: view(request, site=site, **where))

    return [
        path("registre/", page(require_safe(register)), name="register"),
        path("registre/registre.<slug:ending>", page(require_safe(as_file)), name="register_file"),
    ]


def register(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    refuse_unless(request, READING)
    found = processing_register()
    context = {
        **site.each_context(request),
        "title": "Registre des activités de traitement",
        "register": found,
        "processings": [(each, in_words(each)) for each in found["processings"]],
    }
    return TemplateResponse(request, "admin/register.html", context)


def as_file(request: HttpRequest, *, site: AdminSite, ending: str) -> HttpResponse:
    """The CSV with a mark that tells spreadsheets its letters."""
    refuse_unless(request, READING)
    if ending not in FILES:
        raise Http404
    content_type, write = FILES[ending]
    return HttpResponse(
        write(processing_register()),
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="registre.{ending}"'},
    )
