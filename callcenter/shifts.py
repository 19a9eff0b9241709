"""The turn at the desk, and the sheet that hands it over."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from accounts.models import User
from callcenter.models import Call, Callback, Shift
from callcenter.thread import Line, read_lines
from interventions.models import Incident, Intervention


def current_shift(*, by: User, now: datetime) -> Shift:
    """The open shift; the first person at the desk opens one."""
    shift, _ = Shift.objects.get_or_create(ended_at=None, defaults={"started_at": now, "opened_by": by})
    return shift


@dataclass(frozen=True)
class Handover:
    shift: Shift
    open: QuerySet[Intervention]
    overdue: QuerySet[Intervention]
    promised: QuerySet[Callback]
    incidents: QuerySet[Incident]
    notes: list[Line]
    calls: int
    missed: int


def handover_sheet(shift: Shift, *, now: datetime) -> Handover:
    """What whoever comes next must know: open, overdue, promised, incidents, notes."""
    calls = Call.objects.filter(started_at__gte=shift.started_at, started_at__lte=shift.ended_at or now)
    places = ("residence__landlord", "dwelling", "provider", "owner")
    return Handover(
        shift=shift,
        open=Intervention.objects.open().unrestricted().select_related(*places).order_by("on_site_by"),
        overdue=Intervention.objects.overdue(now=now).unrestricted().select_related(*places).order_by("on_site_by"),
        promised=Callback.objects.unrestricted()
        .filter(done_at=None)
        .select_related("call__landlord", "owner")
        .order_by("promised_at"),
        incidents=Incident.objects.open().select_related("residence", "equipment").order_by("opened_at"),
        notes=read_lines(shift),
        **calls.aggregate(calls=Count("pk"), missed=Count("pk", filter=Q(outcome=Call.Outcome.MISSED))),
    )


@transaction.atomic
def hand_over(shift: Shift, *, by: User, now: datetime) -> Shift:
    """Close the shift and open the next. Handing over one that a colleague just closed changes nothing."""
    closed = Shift.objects.filter(pk=shift.pk, ended_at=None).update(ended_at=now, handed_over_by=by)
    if closed:
        Shift.objects.create(started_at=now, opened_by=by)
    return Shift.objects.get(ended_at=None)
