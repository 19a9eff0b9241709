"""
The morning's report to a landlord: its night's calls, its interventions, and what its day team takes over.

Every working morning at seven in Paris, since the report before. What it says is what was so at that moment: whoever
reads it again later reads the same, as long as the interventions are kept. Each line is acknowledged by the landlord:
that is the proof that a request was handed over.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from callcenter.models import Call, NightReport, NightReportLine
from interventions.landlord.followed import CAME, Followed, follow, with_all_that_shows
from interventions.models import Instruction, Intervention, Landlord
from interventions.models.interventions import ENDED
from interventions.problems import Priority
from interventions.triage import suggest
from privacy.locks import only_one
from privacy.objections import unopposed
from privacy.outbox import absolute, send
from privacy.working_days import is_working_day, previous_working_day

MORNING = time(7)
CHASED_AFTER = timedelta(hours=4)

Kind = NightReportLine.Kind
ORDER = [Kind.TAKE_OVER, Kind.OPEN, Kind.ENDED]


def morning_of(day: date) -> datetime:
    """Seven in Paris, whatever the season: a period is an hour shorter or longer where the clocks change in it."""
    return datetime.combine(day, MORNING, timezone.get_current_timezone())


# Making them ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def make_due(*, now: datetime) -> int:
    """This morning's, each landlord's once, however often this runs. Returns how many were made."""
    today = timezone.localdate(now)
    until_at = morning_of(today)
    if not is_working_day(today) or now < until_at:
        return 0
    only_one("night_reports")
    under_contract = Landlord.objects.filter(
        Q(contract_until_on=None) | Q(contract_until_on__gte=today), contract_from_on__lte=today
    )
    waiting = list(under_contract.exclude(night_reports__until_at=until_at))
    for landlord in waiting:
        tell(make(landlord, until_at=until_at, now=now), now=now)
    return len(waiting)


@transaction.atomic
def make(landlord: Landlord, *, until_at: datetime, now: datetime) -> NightReport:
    """Since the report before, else since the working morning before."""
    former = NightReport.objects.filter(landlord=landlord, until_at__lt=until_at).order_by("-until_at").first()
    from_at = former.until_at if former else morning_of(previous_working_day(timezone.localdate(until_at)))
    theirs = Intervention.objects.filter(landlord=landlord).unrestricted()
    still_open = Q(closed_at=None) | Q(closed_at__gte=until_at)
    report = NightReport.objects.create(
        landlord=landlord,
        from_at=from_at,
        until_at=until_at,
        made_at=now,
        calls=count_calls(landlord, from_at=from_at, until_at=until_at),
        open_in_all=theirs.filter(still_open, opened_at__lt=until_at).count(),
    )
    not_taken_over = NightReportLine.objects.filter(
        report__landlord=landlord, kind=Kind.TAKE_OVER, acknowledged_at=None
    )
    told = theirs.filter(
        Q(opened_at__gte=from_at)
        | Q(closed_at__gte=from_at)
        | Q(last_event_at__gte=from_at)
        | (still_open & Q(pk__in=not_taken_over.values("intervention"))),
        opened_at__lt=until_at,
    ).order_by("opened_at", "pk")
    NightReportLine.objects.bulk_create(
        NightReportLine(report=report, intervention=one, kind=kind_of(one, landlord, until_at=until_at)) for one in told
    )
    return report


def kind_of(intervention: Intervention, landlord: Landlord, *, until_at: datetime) -> Kind:
    if intervention.closed_at is not None and intervention.closed_at < until_at:
        return Kind.ENDED
    return Kind.TAKE_OVER if waits_for_the_day(intervention, landlord) else Kind.OPEN


def waits_for_the_day(intervention: Intervention, landlord: Landlord) -> bool:
    """Nobody was sent, and the landlord's instructions put such a request off to its next working day."""
    if intervention.is_with_provider or intervention.status in ENDED or intervention.priority == Priority.EMERGENCY:
        return False
    suggestion = suggest(
        intervention.problem, answers=intervention.answers, landlord=landlord, now=intervention.opened_at
    )
    return suggestion.action == Instruction.Action.NEXT_WORKING_DAY


def count_calls(landlord: Landlord, *, from_at: datetime, until_at: datetime) -> dict[str, Any]:
    """Numbers, and nobody's. Whoever objected to being counted is not."""
    received = Call.objects.filter(
        landlord=landlord, direction=Call.Direction.INBOUND, started_at__gte=from_at, started_at__lt=until_at
    )
    counted = unopposed(received.unrestricted(), "caller", "on_behalf_of", purpose="client_figures")
    by_outcome = Counter(counted.values_list("outcome", flat=True))
    return {"total": by_outcome.total(), "by_outcome": dict(sorted(by_outcome.items()))}


def tell(report: NightReport, *, now: datetime) -> None:
    """Each manager: where it is, nothing of it."""
    for manager in report.landlord.managers.filter(role=Role.LANDLORD_MANAGER, is_active=True):
        send("night_report", to=manager.email, link=absolute(address_of(report)), now=now)


def address_of(report: NightReport) -> str:
    return f"{reverse('landlord_mornings:report', args=[report.day])}?bailleur={report.landlord_id}"


# Reading them ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """A line with what the landlord is given of it, as it was in the morning."""

    line: NightReportLine
    row: Followed
    status: str
    came_at: datetime | None
    ended_at: datetime | None


def read(report: NightReport, *, by: User, now: datetime) -> list[Told]:
    """What is to be taken over first. What may not be shown any more is left out."""
    lines = {line.intervention_id: line for line in report.lines.select_related("acknowledged_by")}
    kept = Intervention.objects.filter(pk__in=lines).unexpired(now=now)
    rows = follow(with_all_that_shows(kept), by=by, now=now)
    told = [as_it_was(lines[row.pk], row, until_at=report.until_at) for row in rows]
    return sorted(told, key=lambda one: (ORDER.index(Kind(one.line.kind)), one.row.opened_at, one.row.pk))


def as_it_was(line: NightReportLine, row: Followed, *, until_at: datetime) -> Told:
    steps = [(label, at) for label, at in row.times if at < until_at]
    return Told(
        line,
        row,
        status=steps[-1][0] if steps else "Reçue",
        came_at=next((at for label, at in steps if label in CAME), None),
        ended_at=steps[-1][1] if line.kind == Kind.ENDED and steps else None,
    )


def calls_of(report: NightReport) -> list[tuple[str, int]]:
    """How many calls for each reason, the most frequent first."""
    by_outcome = report.calls.get("by_outcome", {})
    named = [(Call.Outcome(code).label if code else "Appel en cours", number) for code, number in by_outcome.items()]
    return sorted(named, key=lambda pair: (-pair[1], pair[0]))


# Acknowledging them ---------------------------------------------------------------------------------------------------


def acknowledge(lines: QuerySet[NightReportLine], *, by: User, now: datetime) -> int:
    """The landlord has them: who and when. What was acknowledged before stays so. Returns how many are new."""
    return lines.filter(acknowledged_at=None).update(acknowledged_at=now, acknowledged_by=by)


def unacknowledged() -> QuerySet[NightReportLine]:
    """Of what may be shown: what may not cannot be read, nor acknowledged."""
    return NightReportLine.objects.filter(
        acknowledged_at=None, intervention__in=Intervention.objects.unrestricted().values("pk")
    )


@transaction.atomic
def chase_due(*, now: datetime) -> int:
    """At eleven the desk's supervisors are told of this morning's reports that nobody confirmed. Returns how many."""
    since = morning_of(timezone.localdate(now))
    if now < since + CHASED_AFTER:
        return 0
    unread = NightReport.objects.filter(
        until_at=since, chased_at=None, pk__in=unacknowledged().values("report")
    ).update(chased_at=now)
    if unread:
        link = absolute(reverse("console:night_reports"))
        for supervisor in User.objects.filter(role=Role.SUPERVISOR, is_active=True):
            send("night_report_unread", to=supervisor.email, link=link, now=now)
    return unread
