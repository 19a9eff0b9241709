from collections.abc import Iterable, Iterator
from typing import Any

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest
from interventions.annual_reports import as_rows, shown
from interventions.landlord.filters import Filters
from interventions.landlord.followed import follow_all, theirs
from interventions.landlord.page import chosen_landlord, landlords_only
from interventions.landlord.views.figures import asked_year
from interventions.models import Intervention
from interventions.publication import Publication, Table, published_years
from interventions.spreadsheets import Row, csv_of, pieces_of_xlsx
from privacy import journal
from privacy.retention.due import paris_day

COLUMNS = (
    *("Référence", "Secteur", "Résidence", "Adresse", "Logement", "Problème", "État"),
    *("Ouverte le", "Sur place avant", "Sur place le", "Terminée le"),
)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def asked_rows(request: SignedInRequest) -> Iterator[tuple[Any, ...]] | None:
    """The interventions that the page would list, all of them; None where the filters make no sense."""
    now = timezone.now()
    filters = Filters(request.GET, user=request.user)
    if not filters.is_valid():
        return None
    found = filters.apply(theirs(request.user, now=now), now=now).order_by("-opened_at", "pk")
    journal.record_of_none(Intervention, action="export", by=request.user, now=now)

    def rows() -> Iterator[tuple[Any, ...]]:
        yield COLUMNS
        for each in follow_all(found, by=request.user, now=now):
            residence = each.residence
            yield (
                *(each.reference, residence.sector, residence.name, residence.address, each.place, each.problem),
                *(each.status, each.opened_at, each.due, each.came_at, each.ended_at),
            )

    return rows()


@landlords_only
@require_safe
def interventions_csv(request: SignedInRequest) -> HttpResponseBase:
    rows = asked_rows(request)
    if rows is None:
        return HttpResponse("Ces filtres ne vont pas ensemble.", status=422, content_type="text/plain; charset=utf-8")
    return StreamingHttpResponse(
        csv_of(rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="interventions.csv"'},
    )


@landlords_only
@require_safe
def interventions_xlsx(request: SignedInRequest) -> HttpResponseBase:
    rows = asked_rows(request)
    if rows is None:
        return HttpResponse("Ces filtres ne vont pas ensemble.", status=422, content_type="text/plain; charset=utf-8")
    return book([("Interventions", rows)], name="interventions.xlsx")


@landlords_only
@require_safe
def figures_csv(request: SignedInRequest) -> HttpResponse:
    published = asked_figures(request)
    return HttpResponse(
        "".join(csv_of(as_rows(published))),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="chiffres-{published.year}.csv"'},
    )


@landlords_only
@require_safe
def figures_xlsx(request: SignedInRequest) -> HttpResponseBase:
    """A sheet for each table."""
    published = asked_figures(request)
    volume = [("Mois", "Interventions terminées"), *zip(published.months, published.volume, strict=True)]
    sheets = [("Interventions terminées", volume), *((table.title, grid(table)) for table in published.tables.values())]
    return book(sheets, name=f"chiffres-{published.year}.xlsx")


def book(sheets: Iterable[tuple[str, Iterable[Row]]], *, name: str) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(pieces_of_xlsx(sheets), content_type=XLSX, headers=headers)


def asked_figures(request: SignedInRequest) -> Publication:
    now = timezone.now()
    landlord = chosen_landlord(request)
    if landlord is None:
        raise Http404
    return asked_year(request, landlord, published_years(landlord, today=paris_day(now)), now=now)


def grid(table: Table) -> Iterator[tuple[Any, ...]]:
    with_totals = len(table.columns) > 1 and table.key != "hours"
    yield ("", *table.columns, *(["Année"] if with_totals else []))
    for line in table.lines:
        label = f"    {line.label}" if line.level else line.label
        yield (label, *map(shown, line.cells), *([shown(line.total)] if with_totals else []))
