"""
Automated decisions (GDPR article 22): none is taken. What the software suggests, a person confirms or changes. Apps
register each suggestion that they make; how often people overruled it is counted from what is kept beside the decision.
Who is concerned has it looked at again by somebody, in one click, and is answered by what that person found.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dateutil.relativedelta import relativedelta
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Count, Model, Q, QuerySet
from django.db.models.expressions import BaseExpression
from django.db.models.functions import TruncMonth

from privacy import journal
from privacy.models import Letter, RightsRequest, SuggestionReview
from privacy.retention.due import PARIS, paris_day
from privacy.rights import workflow
from privacy.rights.objection import people
from privacy.rights.workflow import RequestError

Right = RightsRequest.Right
Outcome = RightsRequest.Outcome

CHARTED = 12  # months

LOOKED_AT_AGAIN = (
    "Une personne a revu ce que vous contestiez, sans s’en tenir à ce que le logiciel avait suggéré.\n\n{told}"
)


@dataclass(frozen=True)
class Tally:
    confirmed: int = 0
    overruled: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.confirmed + other.confirmed, self.overruled + other.overruled)

    @property
    def total(self) -> int:
        return self.confirmed + self.overruled

    @property
    def percent(self) -> int:
        """Of all, how many were overruled."""
        return round(100 * self.overruled / self.total) if self.total else 0


@dataclass(frozen=True)
class Suggestion:
    """
    What the software suggests, said in French to the DPO and to everybody. `by_month(since=…)` counts, by the first
    day of each month. `reviewable(people)` lists what may be looked at again for these people.
    """

    key: str
    name: str
    looks_at: str
    suggests: str
    confirmed_by: str
    by_month: Callable[..., Mapping[date, Tally]]
    reviewable: "Callable[[Collection[int]], Iterable[Reviewable]] | None" = None


@dataclass(frozen=True)
class Reviewable:
    """A row whose suggestion somebody may look at again."""

    pk: int
    label: str
    suggested: str
    decided: str


SUGGESTIONS: dict[str, Suggestion] = {}


def register(*suggestions: Suggestion) -> None:
    SUGGESTIONS.update({suggestion.key: suggestion for suggestion in suggestions})


# How often they are overruled -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Month:
    """Drawn 100 high and 10 wide: what was overruled, of each hundred."""

    first: date
    tally: Tally
    x: int

    @property
    def height(self) -> int:
        return self.tally.percent

    @property
    def y(self) -> int:
        return 100 - self.height


@dataclass(frozen=True)
class Figures:
    suggestion: Suggestion
    months: list[Month]

    @property
    def total(self) -> Tally:
        return sum((month.tally for month in self.months), Tally())


def figures(*, now: datetime) -> list[Figures]:
    """Of the last months. What is purged is counted no more."""
    this_month = paris_day(now).replace(day=1)
    firsts = [this_month - relativedelta(months=back) for back in reversed(range(CHARTED))]
    found = []
    for suggestion in SUGGESTIONS.values():
        counted = suggestion.by_month(since=firsts[0])
        months = [Month(first, counted.get(first, Tally()), x=10 * place) for place, first in enumerate(firsts)]
        found.append(Figures(suggestion, months))
    return found


def monthly(rows: QuerySet[Any], *, at: str, since: date, overruled: Q | BaseExpression) -> dict[date, Tally]:
    """The rows of each month by the moment in `at`, those that are `overruled` apart."""
    months = rows.filter(**{f"{at}__date__gte": since}).values(month=TruncMonth(at, tzinfo=PARIS)).order_by("month")
    counted = months.annotate(total=Count("pk"), overruled=Count("pk", filter=overruled))
    return {
        each["month"].date(): Tally(confirmed=each["total"] - each["overruled"], overruled=each["overruled"])
        for each in counted
    }


# Looked at again ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """`open`: what may be looked at again. `reviews`: what was asked to be."""

    open: list[tuple[Suggestion, Reviewable]]
    reviews: list[SuggestionReview]

    @property
    def waiting(self) -> int:
        return sum(review.done_at is None for review in self.reviews)


def plan(request: RightsRequest, *, now: datetime) -> Plan:
    reviews = list(request.reviews.select_related("done_by"))
    asked = {(review.suggestion, review.object_id) for review in reviews}
    open_ones = [each for each in reviewable_of(request) if (each[0].key, each[1].pk) not in asked]
    return Plan(open_ones, reviews)


def reviewable_of(request: RightsRequest) -> list[tuple[Suggestion, Reviewable]]:
    numbers = [person.pk for person in people(request)]
    return [
        (suggestion, row)
        for suggestion in SUGGESTIONS.values()
        if suggestion.reviewable
        for row in suggestion.reviewable(numbers)
    ]


@transaction.atomic
def ask(
    request: RightsRequest, *, suggestion: str, pk: int, by: AbstractBaseUser | None, now: datetime
) -> SuggestionReview:
    """Put it before the desk. Asked twice, it waits once. Raises RequestError for what is not theirs, or too late."""
    current = workflow.unanswered(request)
    if current.right != Right.AUTOMATED_DECISION or current.executed_at:
        raise RequestError("Cette demande ne prend plus rien à revoir.")
    if (suggestion, pk) not in {(each.key, row.pk) for each, row in reviewable_of(current)}:
        raise RequestError(
            "Il n’y a rien à revoir ici\N{NO-BREAK SPACE}: c’est terminé, ou ce n’est pas à cette personne."
        )
    review, is_new = SuggestionReview.objects.get_or_create(
        request=current, suggestion=suggestion, object_id=pk, defaults={"asked_at": now}
    )
    if is_new and by is not None:
        journal.record(review, action="ask", by=by, now=now, request=current.pk)
    return review


def waiting_for(row: Model, *, suggestion: str) -> SuggestionReview | None:
    found = SuggestionReview.objects.waiting().filter(suggestion=suggestion, object_id=row.pk)
    return found.select_related("request").first()


@transaction.atomic
def finish(
    review: SuggestionReview, *, changed: bool, told: str, reason: str, by: AbstractBaseUser, now: datetime
) -> None:
    """
    Somebody looked: what they found answers the request, once nothing more of it waits and it is known who asks.

    Raises RequestError without a reason, or when somebody else was quicker.
    """
    request = workflow.unanswered(review.request)
    current = SuggestionReview.objects.select_for_update(of=("self",)).get(pk=review.pk)
    if current.done_at is not None:
        raise RequestError("Un collègue vient de la revoir. Rien n’a été changé.")
    if not reason.strip():
        raise RequestError("Dites pourquoi\N{NO-BREAK SPACE}: la personne le lira.")
    current.done_at, current.done_by_id, current.changed = now, by.pk, changed
    current.told, current.reason = told, reason.strip()
    current.save(update_fields=["done_at", "done_by", "changed", "told", "reason"])
    journal.record(current, action="review", by=by, now=now, request=request.pk, changed=changed)
    if request.identity and not request.decided_at and not request.reviews.waiting().exists():
        answer_with_reviews(request, by=by, now=now)


def answer_with_reviews(request: RightsRequest, *, by: AbstractBaseUser, now: datetime) -> None:
    workflow.acknowledge(request, by=by, now=now)
    workflow.decide(request, outcome=Outcome.GRANTED, by=by, now=now)
    execute(request, by=by, now=now)
    Letter.objects.create(
        request=request,
        kind=Letter.Kind.ANSWER,
        text=text_of(request),
        written_by_id=by.pk,
        written_at=now,
        sent_at=now,
    )
    workflow.answer(request, by=by, now=now)


def text_of(request: RightsRequest) -> str:
    told = [
        f"{review.told}. Pourquoi\N{NO-BREAK SPACE}: {review.reason}"
        for review in request.reviews.exclude(done_at=None)
    ]
    return LOOKED_AT_AGAIN.format(told="\n".join(told))


@transaction.atomic
def execute(request: RightsRequest, *, by: AbstractBaseUser | None, now: datetime) -> dict[str, int]:
    """What was asked to be looked at again has been. Raises RequestError before, or before a decision."""
    current = workflow.unanswered(request)
    workflow.check_granted(current)
    if current.reviews.waiting().exists():
        raise RequestError("Le centre d’appels n’a pas encore tout revu.")
    counts = {"reviews": current.reviews.count(), "changed": current.reviews.filter(changed=True).count()}
    workflow.note_executed(current, by=by, now=now, **counts)
    return counts
