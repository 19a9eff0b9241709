"""What follows a dispatch: a provider that refuses or does not answer, and whom to send instead."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery

from interventions import rota
from interventions.lifecycle import LifecycleError, advance
from interventions.models import Escalation, Intervention, Status, Transition
from interventions.problems import Priority
from interventions.triage import instruction_for
from interventions.watch import raise_escalations
from privacy.disclosure import DisclosureRefused
from privacy.restriction import Restricted

logger = logging.getLogger(__name__)

# How long a provider has to accept or refuse before the supervisor is told and somebody else is suggested.
ANSWER_WITHIN: dict[Priority, timedelta] = {
    Priority.EMERGENCY: timedelta(minutes=10),
    Priority.URGENT: timedelta(minutes=20),
    Priority.NORMAL: timedelta(hours=4),
}
UNANSWERED = "Sans réponse du prestataire, selon la consigne du bailleur"

# Why a provider does not come: chosen, not told.
DECLINED = {
    "busy": "Déjà pris ailleurs",
    "too_far": "Trop loin pour être à l’heure",
    "not_our_trade": "Ce n’est pas son métier",
    "no_part": "Matériel ou pièce manquants",
    "unsafe": "Conditions de sécurité insuffisantes",
    "not_on_call": "Pas d’astreinte en ce moment",
}


def unanswered(*, now: datetime) -> QuerySet[Intervention]:
    """Dispatched longer ago than their priority allows, and neither accepted nor refused; with `dispatched_at`."""
    sent = Transition.objects.filter(intervention=OuterRef("pk"), to_status=Status.DISPATCHED).order_by("-at", "-pk")
    too_long = Q()
    for priority, within in ANSWER_WITHIN.items():
        too_long |= Q(priority=priority, dispatched_at__lte=now - within)
    waiting = Intervention.objects.open().unrestricted().filter(status=Status.DISPATCHED)
    return waiting.annotate(dispatched_at=Subquery(sent.values("at")[:1])).filter(too_long)


def watch_unanswered(*, now: datetime) -> int:
    """
    Tell the supervisor, once for each dispatch. An agent confirms who goes instead, unless the landlord's instruction
    says to send the next one by itself. Returns how many are new.
    """
    found = raise_escalations(unanswered(now=now), kind=Escalation.Kind.NO_ANSWER, about="dispatched_at", now=now)
    for intervention in unanswered(now=now).select_related("landlord", "residence").order_by("pk"):
        instruction = instruction_for(intervention.landlord, intervention.problem, at=now)
        if instruction is not None and instruction.sends_to_next:
            send_to_next(intervention, now=now)
    return found


def send_to_next(intervention: Intervention, *, now: datetime) -> None:
    """Nobody left, or somebody quicker: the agent sees to it."""
    following = next_candidate(intervention, now=now)
    if following is None:
        return
    try:
        advance(
            intervention,
            to=Status.DISPATCHED,
            by=None,
            now=now,
            version=intervention.version,
            provider=following.provider,
            reason=UNANSWERED,
        )
    except (LifecycleError, DisclosureRefused, Restricted):
        logger.warning("not sent to the next", extra={"intervention": intervention.pk})


def next_candidate(intervention: Intervention, *, now: datetime) -> rota.Candidate | None:
    return next(iter(rota.candidates(intervention, now=now)), None)


@transaction.atomic
def decline(intervention: Intervention, *, reason: str, now: datetime, version: int) -> Intervention:
    """The provider does not come: the supervisor is told at once, and the job waits for an agent to send it again."""
    current = advance(
        intervention, to=Status.QUALIFIED, by=None, by_provider=True, now=now, version=version, reason=reason
    )
    Escalation.objects.create(intervention=current, kind=Escalation.Kind.DECLINED, about=now, raised_at=now)
    return current
