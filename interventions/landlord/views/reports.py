from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest
from interventions.annual_reports import as_pdf, as_rows
from interventions.landlord.page import landlords_only
from interventions.landlord.views.figures import drawn
from interventions.models import AnnualReport
from interventions.publication import Publication
from interventions.spreadsheets import csv_of

A_PAGE = 25


@landlords_only
@require_safe
def all_reports(request: SignedInRequest) -> HttpResponse:
    found = AnnualReport.objects.visible_to(request.user).defer("figures").select_related("landlord")
    page = Paginator(found.order_by("-year", "landlord__name"), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "landlord/reports.html", {"page": page, "now": timezone.now()})


def visible_report(request: SignedInRequest, pk: int) -> AnnualReport:
    return get_object_or_404(AnnualReport.objects.visible_to(request.user).select_related("landlord"), pk=pk)


@landlords_only
@require_safe
def report(request: SignedInRequest, pk: int) -> HttpResponse:
    found = visible_report(request, pk)
    context = {"report": found, **drawn(Publication.from_json(found.figures)), "now": timezone.now()}
    return render(request, "landlord/report.html", context)


@landlords_only
@require_safe
def report_pdf(request: SignedInRequest, pk: int) -> HttpResponse:
    found = visible_report(request, pk)
    return attached(as_pdf(found), "application/pdf", f"rapport-{found.landlord.code}-{found.year}.pdf")


@landlords_only
@require_safe
def report_csv(request: SignedInRequest, pk: int) -> HttpResponse:
    found = visible_report(request, pk)
    lines = "".join(csv_of(as_rows(Publication.from_json(found.figures))))
    return attached(lines.encode(), "text/csv; charset=utf-8", f"rapport-{found.landlord.code}-{found.year}.csv")


def attached(content: bytes, content_type: str, name: str) -> HttpResponse:
    return HttpResponse(content, content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
