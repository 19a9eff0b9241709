"""
Closed years: what there is of them, and the archive that accounting alone opens, for a reason that is written down.

From `FinancialYear.archived_from` on, `Invoice.objects.visible_to` shows nothing of a year to anybody but to whom it is
open, for half an hour.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, F, Max, Min, Sum, Window
from django.db.models.functions import Lag

from accounts.models import User
from accounts.roles import Role
from interventions.models import ArchiveOpening, FinancialYear, Invoice
from interventions.models.invoices import OPENED_FOR, Series
from privacy import journal
from privacy.locks import only_one
from privacy.policy import ROWS_BY_KEY
from privacy.retention.due import due_on, paris_day


class ArchiveClosed(Exception):
    """Nothing of that year is for them now. The message says what to do, in French."""


@transaction.atomic
def open_archive(year: FinancialYear, *, reason: str, by: User, now: datetime) -> ArchiveOpening:
    """For half an hour and for them alone; one that is open already stays as it is. Raises ArchiveClosed."""
    if by.role != Role.ACCOUNTING:
        raise ArchiveClosed("Seule la comptabilité ouvre l’archive d’un exercice.")
    if reason not in ArchiveOpening.Reason.values:
        raise ArchiveClosed("Choisissez la raison pour laquelle vous ouvrez l’archive.")
    if not year.is_archived(on=paris_day(now)):
        raise ArchiveClosed("Cet exercice n’est pas archivé\N{NO-BREAK SPACE}: il n’y a rien à ouvrir.")
    only_one(f"archive:{year.pk}:{by.pk}")
    opening = opening_of(year, by, now=now)
    if opening is None:
        opening = ArchiveOpening.objects.create(financial_year=year, reason=reason, opened_by=by, opened_at=now)
        journal.record(opening, action="open_archive", by=by, now=now, financial_year=year.pk, reason=reason)
    return opening


def opening_of(year: FinancialYear, user: User, *, now: datetime) -> ArchiveOpening | None:
    """The one that lets them in now."""
    return year.openings.filter(opened_by=user, opened_at__gt=now - OPENED_FOR).first()


def refuse_unless_open(year: FinancialYear, *, to: User, now: datetime) -> None:
    """Raises ArchiveClosed unless they may see the year's documents, as `visible_to` would show them."""
    if to.role != Role.ACCOUNTING:
        raise ArchiveClosed("Seule la comptabilité exporte les écritures d’un exercice.")
    if year.is_archived(on=paris_day(now)) and opening_of(year, to, now=now) is None:
        raise ArchiveClosed(
            "L’archive de cet exercice est fermée\N{NO-BREAK SPACE}: ouvrez-la d’abord, avec une raison."
        )


def closes_again_at(opening: ArchiveOpening) -> datetime:
    return opening.opened_at + OPENED_FOR


def goes_on(year: FinancialYear) -> date:
    """From that day on the purge takes its documents (code de commerce L123-22)."""
    return due_on(year.closes_on, ROWS_BY_KEY["accounting"].period)


def kept_until(year: FinancialYear) -> date:
    return goes_on(year) - timedelta(days=1)


@dataclass(frozen=True)
class SeriesFacts:
    """What PostgreSQL finds of one series of a year. Amounts in euros."""

    series: Series
    count: int
    first: str
    last: str
    net: Decimal
    vat: Decimal
    total: Decimal
    missing: int  # numbers between 1 and the last
    disordered: int  # pieces that were issued before the one whose number they follow

    @property
    def is_continuous(self) -> bool:
        return not self.missing and not self.disordered


def facts_of(year: FinancialYear) -> list[SeriesFacts]:
    """A number is given once in its series and begins at 1, so that as many as the last number leave no gap."""
    pieces = Invoice.objects.filter(financial_year=year).order_by()
    sums = pieces.values("series").annotate(
        count=Count("pk"),
        first=Min("number"),
        last=Max("number"),
        net=Sum("net_total"),
        vat=Sum("vat_total"),
        sum=Sum("total"),
        highest=Max("sequence"),
    )
    before = Window(Lag("issued_at"), partition_by="series", order_by="sequence")
    disordered = [
        piece.series for piece in pieces.annotate(before=before).filter(before__gt=F("issued_at")).only("series")
    ]
    return [
        SeriesFacts(
            series=Series(row["series"]),
            count=row["count"],
            first=row["first"],
            last=row["last"],
            net=row["net"],
            vat=row["vat"],
            total=row["sum"],
            missing=row["highest"] - row["count"],
            disordered=disordered.count(row["series"]),
        )
        for row in sums.order_by("-series")
    ]
