"""A priority that its person asked to have looked at again (GDPR article 22(3)): confirmed or changed by somebody."""

from datetime import datetime

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import Person, User
from interventions.lifecycle import LifecycleError, MissingDetail, StaleIntervention
from interventions.models import Intervention, Status
from interventions.problems import Priority
from interventions.suggestions import PRIORITY
from privacy.models import RightsRequest, SuggestionReview
from privacy.restriction import Restricted, refuse_if_restricted
from privacy.retention.due import paris_day
from privacy.rights import automated_decisions, intake


class OwnDecision(LifecycleError):
    def __init__(self) -> None:
        super().__init__(
            "Vous avez vous-même confirmé cette priorité\N{NO-BREAK SPACE}: un autre regard doit la revoir."
        )


@transaction.atomic
def ask_for_review(intervention: Intervention, *, person: Person, signed_in: bool, now: datetime) -> RightsRequest:
    """
    By the person it is for, who signed in or opened a link that we sent to an address of theirs. Asked twice, it is one
    request. Raises RequestError when it is over, Restricted.
    """
    refuse_if_restricted(person)
    request = intake.receive(
        person,
        right=RightsRequest.Right.AUTOMATED_DECISION,
        said={},
        channel=RightsRequest.Channel.PORTAL,
        received_on=paris_day(now),
        identity=RightsRequest.Identity.SIGNED_IN if signed_in else RightsRequest.Identity.CODE,
        by=None,
        now=now,
    )
    automated_decisions.ask(request, suggestion=PRIORITY, pk=intervention.pk, by=None, now=now)
    return request


def with_review(interventions: QuerySet[Intervention]) -> QuerySet[Intervention]:
    """`review_asked_at`: since when somebody is to look at it again, if so."""
    reviews = SuggestionReview.objects.waiting().filter(suggestion=PRIORITY, object_id=OuterRef("pk"))
    return interventions.annotate(review_asked_at=Subquery(reviews.order_by("pk").values("asked_at")[:1]))


def waiting_reviews() -> list[tuple[SuggestionReview, Intervention]]:
    """What the desk has to look at again, the oldest first."""
    reviews = list(SuggestionReview.objects.waiting().filter(suggestion=PRIORITY).select_related("request"))
    shown = Intervention.objects.unrestricted().select_related("residence")
    interventions = shown.in_bulk([review.object_id for review in reviews]) if reviews else {}
    return [(review, interventions[review.object_id]) for review in reviews if review.object_id in interventions]


@transaction.atomic
def review_priority(
    review: SuggestionReview,
    intervention: Intervention,
    *,
    priority: Priority,
    on_site_by: datetime,
    reason: str,
    by: User,
    now: datetime,
    version: int,
) -> Intervention:
    """
    Confirm it or change it; the person reads the `reason`. What is over is only confirmed.

    Raises OwnDecision for the agent who confirmed it (a supervisor may), MissingDetail without a reason,
    StaleIntervention, Restricted, and RequestError when a colleague was quicker.
    """
    current = Intervention.objects.select_for_update(of=("self",)).get(pk=intervention.pk)
    if current.is_restricted():
        raise Restricted
    if current.version != version:
        raise StaleIntervention(current.transitions.select_related("by").last())
    if decided_by(current) == by.pk and not by.is_supervisor:
        raise OwnDecision
    if not reason.strip():
        raise MissingDetail("Dites pourquoi\N{NO-BREAK SPACE}: la personne le lira.")
    changed = current.is_open and (priority != current.priority or on_site_by != current.on_site_by)
    if changed:
        current.priority, current.on_site_by, current.last_event_at = priority, on_site_by, now
        current.override_reason = current.override_reason or "Revue à la demande de la personne"
        current.version += 1
        current.save(update_fields=["priority", "on_site_by", "override_reason", "last_event_at", "version"])
    automated_decisions.finish(review, changed=changed, told=told_of(current, changed), reason=reason, by=by, now=now)
    return current


def decided_by(intervention: Intervention) -> int | None:
    step = intervention.transitions.filter(to_status=Status.QUALIFIED).order_by("-at", "-pk").first()
    return step.by_id if step else None


def told_of(intervention: Intervention, changed: bool) -> str:
    what = "changée" if changed else "confirmée"
    return (
        f"Intervention {intervention.reference}\N{NO-BREAK SPACE}: priorité {what}, "
        f"«\N{NO-BREAK SPACE}{intervention.get_priority_display().lower()}\N{NO-BREAK SPACE}»"
    )
