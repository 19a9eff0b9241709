"""The morning's report on paper and for spreadsheets: what its page shows, no more and no less."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime

from callcenter.models import NightReport
from callcenter.night_reports import ORDER, Told, calls_of
from privacy.pdf import pdf

COLUMNS = (
    *("Sorte", "Référence", "Résidence", "Adresse", "Logement", "Problème", "État"),
    *("Ouverte le", "Sur place avant", "Sur place le", "Terminée le", "Pris en compte le", "Par"),
)


def as_rows(report: NightReport, told: Iterable[Told]) -> Iterator[tuple[Any, ...]]:
    yield COLUMNS
    for one in told:
        row, line = one.row, one.line
        yield (
            *(line.get_kind_display(), row.reference, row.residence.name, row.residence.address, row.place),
            *(row.problem, one.status, row.opened_at, row.due, one.came_at, one.ended_at),
            *(line.acknowledged_at, line.acknowledged_by.display_name if line.acknowledged_by else ""),
        )
    yield ()
    yield "Appels reçus", report.calls.get("total", 0)
    yield from calls_of(report)
    yield "Interventions en cours", report.open_in_all


def as_pdf(report: NightReport, told: Iterable[Told]) -> bytes:
    """The same bytes as long as nobody acknowledges one more line."""
    return pdf("night_report", content_of(report, list(told)))


def content_of(report: NightReport, told: list[Told]) -> dict[str, Any]:
    sections = [
        {"title": str(kind.label), "lines": [on_paper(one) for one in told if one.line.kind == kind]} for kind in ORDER
    ]
    return {
        "landlord": report.landlord.name,
        "day": f"{report.day:%d/%m/%Y}",
        "from": moment(report.from_at),
        "until": moment(report.until_at),
        "calls": report.calls.get("total", 0),
        "reasons": calls_of(report),
        "open": report.open_in_all,
        "sections": [section for section in sections if section["lines"]],
    }


def on_paper(one: Told) -> dict[str, str]:
    row, line = one.row, one.line
    return {
        "reference": row.reference,
        "residence": row.residence.name,
        "address": row.residence.address,
        "place": row.place,
        "problem": row.problem,
        "status": one.status,
        "opened": moment(row.opened_at),
        "due": moment(row.due),
        "came": moment(one.came_at),
        "ended": moment(one.ended_at),
        "acknowledged": moment(line.acknowledged_at),
        "by": line.acknowledged_by.display_name if line.acknowledged_by else "",
    }


def moment(at: datetime | None) -> str:
    return f"{localtime(at):%d/%m/%Y %H:%M}" if at else ""
