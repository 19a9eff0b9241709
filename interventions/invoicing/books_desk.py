"""Accounting's page of one financial year: what there is of it, its archive, and its exports for the accountant."""

from datetime import date, datetime
from typing import Any, cast

from dateutil.relativedelta import relativedelta
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.roles import Role
from interventions.invoicing import accounting_exports, archive
from interventions.invoicing.archive import ArchiveClosed
from interventions.models import AccountingExport, ArchiveOpening, FinancialYear
from privacy.encrypted_files import Unreadable
from privacy.policy import ROWS_BY_KEY
from privacy.retention.due import paris_day
from privacy.site import refuse_unless, signed_in

READING = "interventions.view_financialyear"


def urls(site: AdminSite) -> list[URLPattern]:
    """Below the list of financial years."""

    def page(view: Any) -> Any:
        return site.admin_view(lambda request, **where: view(request, site=site, **where))

    return [
        path("<int:pk>/livre/", page(require_safe(books)), name="books"),
        path("<int:pk>/livre/archive/", page(require_POST(open_archive)), name="books_open"),
        path("<int:pk>/livre/exports/<slug:kind>/", page(require_POST(ask)), name="books_export"),
        path("<int:pk>/livre/exports/<int:export>/annuler/", page(require_POST(cancel)), name="books_cancel"),
        path("<int:pk>/livre/exports/<int:export>/fichier/", page(require_safe(download)), name="books_download"),
    ]


def accountant(request: HttpRequest) -> User:
    """The administrator sees that a year is in order, and opens nothing of it."""
    user = cast(User, signed_in(request))
    if user.role != Role.ACCOUNTING:
        raise PermissionDenied
    return user


def books(request: HttpRequest, *, site: AdminSite, pk: int) -> HttpResponse:
    """While an export is being built the page asks again by itself, every three seconds."""
    refuse_unless(request, READING)
    year = get_object_or_404(FinancialYear, pk=pk)
    user, now = cast(User, signed_in(request)), timezone.now()
    facts = archive.facts_of(year)
    opening = archive.opening_of(year, user, now=now)
    exports = {export.kind: export for export in year.exports.order_by("pk")}
    context = {
        **site.each_context(request),
        "title": f"Exercice du {year.starts_on:%d/%m/%Y} au {year.closes_on:%d/%m/%Y}",
        "year": year,
        "facts": facts,
        "is_over": paris_day(now) > year.closes_on,
        "is_archived": year.is_archived(on=paris_day(now)),
        "archived_in": in_words(paris_day(now), year.archived_from),
        "opening": opening,
        "closes_again_at": archive.closes_again_at(opening) if opening else None,
        "minutes_left": minutes_left(opening, now=now) if opening else 0,
        "kept_until": archive.kept_until(year),
        "period": ROWS_BY_KEY["accounting"].period,
        "reasons": ArchiveOpening.Reason.choices,
        "exports": [(kind, exports.get(kind)) for kind in AccountingExport.Kind],
        "at_work": any(export.built_at is None for export in exports.values()),
        "is_shown": user.role == Role.ACCOUNTING and (opening or not year.is_archived(on=paris_day(now))),
        "may_act": user.role == Role.ACCOUNTING,
        "may_correct": not facts and request.user.has_perm("interventions.change_financialyear"),
    }
    return TemplateResponse(request, "admin/books/year.html", context)


def minutes_left(opening: ArchiveOpening, *, now: datetime) -> int:
    """Begun ones count: the last minute is one."""
    return -(-int((archive.closes_again_at(opening) - now).total_seconds()) // 60)


def in_words(today: date, until: date) -> str:
    """«1 an et 2 mois», «3 mois et 12 jours», «1 jour»: the two greatest units."""
    left = relativedelta(until, today)
    units = ((left.years, "an", "ans"), (left.months, "mois", "mois"), (left.days, "jour", "jours"))
    said = [f"{number}\N{NO-BREAK SPACE}{many if number > 1 else one}" for number, one, many in units if number]
    return " et ".join(said[:2])


def open_archive(request: HttpRequest, *, site: AdminSite, pk: int) -> HttpResponse:
    by, year = accountant(request), get_object_or_404(FinancialYear, pk=pk)
    try:
        archive.open_archive(year, reason=request.POST.get("reason", ""), by=by, now=timezone.now())
    except ArchiveClosed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "L’archive est ouverte pour vous, pendant 30 minutes. C’est inscrit au journal.")
    return redirect("admin:books", pk)


def ask(request: HttpRequest, *, site: AdminSite, pk: int, kind: str) -> HttpResponse:
    by, year = accountant(request), get_object_or_404(FinancialYear, pk=pk)
    if kind not in AccountingExport.Kind.values:
        raise Http404
    try:
        accounting_exports.ask(year, kind=kind, by=by, now=timezone.now())
    except ArchiveClosed as error:
        messages.error(request, str(error))
    return redirect("admin:books", pk)


def cancel(request: HttpRequest, *, site: AdminSite, pk: int, export: int) -> HttpResponse:
    by = accountant(request)
    found = AccountingExport.objects.filter(financial_year=pk, pk=export).first()
    if found is None:
        messages.info(request, "Cet export n’existait déjà plus.")
    else:
        accounting_exports.cancel(found, by=by, now=timezone.now())
        messages.success(request, "L’export est supprimé.")
    return redirect("admin:books", pk)


def download(request: HttpRequest, *, site: AdminSite, pk: int, export: int) -> HttpResponseBase:
    by = accountant(request)
    ready = AccountingExport.objects.filter(financial_year=pk).exclude(built_at=None).select_related("financial_year")
    found = get_object_or_404(ready, pk=export)
    try:
        pieces = accounting_exports.fetch(found, by=by, now=timezone.now())
    except ArchiveClosed as error:
        messages.error(request, str(error))
        return redirect("admin:books", pk)
    except Unreadable:
        messages.error(request, "Ce fichier ne se lit plus. Refaites l’export.")
        return redirect("admin:books", pk)
    response = StreamingHttpResponse(
        pieces, content_type=accounting_exports.CONTENT_TYPES[AccountingExport.Kind(found.kind)]
    )
    response["Content-Length"] = found.size
    response["Content-Disposition"] = f'attachment; filename="{accounting_exports.file_name(found)}"'
    return response
