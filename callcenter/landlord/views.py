from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import SignedInRequest
from callcenter import night_reports
from callcenter.landlord.paper import as_pdf, as_rows
from callcenter.models import NightReport
from interventions.landlord.page import chosen_landlord, landlords_only
from interventions.spreadsheets import csv_of
from privacy import journal

A_PAGE = 20


def asked_report(request: SignedInRequest, day: date) -> NightReport:
    """That morning's, of the landlord in the address, else of the first that has one."""
    theirs = NightReport.objects.visible_to(request.user).select_related("landlord")
    landlord = chosen_landlord(request) if request.GET.get("bailleur") else None
    if landlord is not None:
        theirs = theirs.filter(landlord=landlord)
    found = theirs.filter(until_at=night_reports.morning_of(day)).order_by("landlord__name").first()
    if found is None:
        raise Http404
    return found


@landlords_only
@require_safe
def all_reports(request: SignedInRequest) -> HttpResponse:
    found = NightReport.objects.visible_to(request.user).select_related("landlord")
    waiting = Count("lines", filter=Q(lines__in=night_reports.unacknowledged()))
    counted = found.annotate(waiting=waiting, told=Count("lines")).order_by("-until_at", "landlord__name")
    page = Paginator(counted, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "landlord/mornings.html", {"page": page, "several": several(request)})


def several(request: SignedInRequest) -> bool:
    return request.user.landlords.count() > 1


@landlords_only
@require_safe
def report(request: SignedInRequest, day: date) -> HttpResponse:
    now = timezone.now()
    found = asked_report(request, day)
    told = night_reports.read(found, by=request.user, now=now)
    sections = [
        (kind, [one for one in told if one.line.kind == kind])
        for kind in night_reports.ORDER
        if any(one.line.kind == kind for one in told)
    ]
    context = {
        "report": found,
        "address": night_reports.address_of(found),
        "sections": sections,
        "waiting": sum(one.line.acknowledged_at is None for one in told),
        "calls": night_reports.calls_of(found),
        "now": now,
    }
    return render(request, "landlord/morning.html", context)


@landlords_only
@require_safe
def report_pdf(request: SignedInRequest, day: date) -> HttpResponse:
    found, now = asked_report(request, day), timezone.now()
    told = night_reports.read(found, by=request.user, now=now)
    journal.record_of_none(NightReport, action="export", by=request.user, now=now)
    return attached(as_pdf(found, told), "application/pdf", f"{name_of(found)}.pdf")


@landlords_only
@require_safe
def report_csv(request: SignedInRequest, day: date) -> HttpResponse:
    found, now = asked_report(request, day), timezone.now()
    told = night_reports.read(found, by=request.user, now=now)
    journal.record_of_none(NightReport, action="export", by=request.user, now=now)
    content = "".join(csv_of(as_rows(found, told))).encode()
    return attached(content, "text/csv; charset=utf-8", f"{name_of(found)}.csv")


def name_of(report: NightReport) -> str:
    return f"rapport-{report.landlord.code}-{report.day}"


def attached(content: bytes, content_type: str, name: str) -> HttpResponse:
    return HttpResponse(content, content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@landlords_only
@require_POST
def acknowledge(request: SignedInRequest, day: date, pk: int) -> HttpResponse:
    found, now = asked_report(request, day), timezone.now()
    line = get_object_or_404(found.lines, pk=pk)
    if night_reports.acknowledge(found.lines.filter(pk=line.pk), by=request.user, now=now):
        journal.record(line, action="change", by=request.user, now=now, intervention=line.intervention_id)
    return redirect(f"{night_reports.address_of(found)}#{line.pk}")


@landlords_only
@require_POST
def acknowledge_all(request: SignedInRequest, day: date) -> HttpResponse:
    """Of the lines that the page showed."""
    found, now = asked_report(request, day), timezone.now()
    shown = [one.line.pk for one in night_reports.read(found, by=request.user, now=now)]
    number = night_reports.acknowledge(found.lines.filter(pk__in=shown), by=request.user, now=now)
    if number:
        journal.record(found, action="change", by=request.user, now=now, lines=number)
        messages.success(request, "Tout le rapport est pris en compte.")
    return redirect(night_reports.address_of(found))
