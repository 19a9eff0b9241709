"""What beat looks after while people work: late interventions, and silent ones."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from interventions.lifecycle import advance
from interventions.models import Escalation, Intervention, Status, Transition
from interventions.models.interventions import AWAITED

SOON = timedelta(minutes=15)
WARNED_AFTER = timedelta(days=45)
CLOSED_AFTER = timedelta(days=60)
UNSENT = (Escalation.Kind.NO_ANSWER, Escalation.Kind.DECLINED)


def raise_escalations(found: QuerySet[Intervention], *, kind: Escalation.Kind, about: str, now: datetime) -> int:
    """One escalation for each intervention and the moment it is about, however often this runs."""
    raised = Escalation.objects.filter(intervention=OuterRef("pk"), kind=kind, about=OuterRef(about))
    waiting = found.filter(~Exists(raised))
    rows = [
        Escalation(intervention_id=pk, kind=kind, about=moment, raised_at=now)
        for pk, moment in waiting.values_list("pk", about)
    ]
    return len(Escalation.objects.bulk_create(rows, ignore_conflicts=True))


@transaction.atomic
def escalate(*, now: datetime) -> int:
    """Tell the supervisor of what is late or about to be, once for each promised time. Returns how many."""
    awaited = Intervention.objects.awaited().unrestricted()
    return raise_escalations(
        awaited.filter(on_site_by__lt=now), kind=Escalation.Kind.LATE, about="on_site_by", now=now
    ) + raise_escalations(
        awaited.filter(on_site_by__gte=now, on_site_by__lt=now + SOON),
        kind=Escalation.Kind.SOON,
        about="on_site_by",
        now=now,
    )


def watch_dormant(*, now: datetime) -> int:
    """
    Warn after 45 days without an event; close after 60, so that no retention clock is put off for ever.

    Returns how many were closed. One that somebody touches meanwhile is left alone.
    """
    silent = Intervention.objects.open().unrestricted().filter(last_event_at__lt=now - WARNED_AFTER)
    raise_escalations(silent, kind=Escalation.Kind.DORMANT, about="last_event_at", now=now)
    over = silent.filter(last_event_at__lt=now - CLOSED_AFTER)
    return sum(close_if_silent(over.filter(pk=pk), now=now) for pk in over.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def close_if_silent(silent: QuerySet[Intervention], *, now: datetime) -> bool:
    """Close the one in `silent`, unless it has left it since: a line of the log makes it live again."""
    intervention = silent.select_for_update(of=("self",)).first()
    if intervention is None:
        return False
    advance(
        intervention,
        to=Status.CLOSED,
        by=None,
        now=now,
        version=intervention.version,
        reason="Sans nouvelle depuis 60 jours : close par le système.",
    )
    return True


def take_escalations(intervention: Intervention, *, by: User, now: datetime) -> int:
    """`by` has seen to it. Returns how many escalations that answers."""
    return intervention.escalations.filter(taken_at=None).update(taken_at=now, taken_by=by)


def waiting_escalations() -> QuerySet[Escalation]:
    """
    Those nobody has taken, of interventions that are still late, still silent or still without a provider's yes; late
    stands for soon.
    """
    last_step = Transition.objects.filter(intervention=OuterRef("intervention")).order_by("-at", "-pk")
    late = Escalation.objects.filter(
        intervention=OuterRef("intervention"), about=OuterRef("about"), kind=Escalation.Kind.LATE
    )
    return (
        Escalation.objects.filter(taken_at=None, intervention__in=Intervention.objects.open().unrestricted())
        .filter(
            Q(kind=Escalation.Kind.DORMANT, about=F("intervention__last_event_at"))
            | Q(kind__in=UNSENT, about=Subquery(last_step.values("at")[:1]))
            | Q(about=F("intervention__on_site_by"), intervention__status__in=AWAITED)
        )
        .exclude(Exists(late), kind=Escalation.Kind.SOON)
        .select_related("intervention__residence", "intervention__dwelling", "intervention__owner")
        .order_by("raised_at")
    )
