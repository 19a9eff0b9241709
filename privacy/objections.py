"""
Objections by purpose (GDPR article 21): from the moment one is made, the person's data are not used for that purpose.

What solicits, a recording and figures stop for good at once. The rest rests on a legitimate interest, which is weighed
against the person's own meanwhile. An app says where the data live what has to stop, with `on_objection`.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Model, Q, QuerySet

from privacy import ledger, suppression
from privacy.addresses import addresses_of
from privacy.models import Objection, RightsRequest
from privacy.policy import LEGITIMATE_INTEREST, PURPOSES, SOLICITING

State = Objection.State

AT_ONCE = frozenset({*SOLICITING, "recording", "client_figures"})
OBJECTABLE = {
    key: purpose for key, purpose in PURPOSES.items() if key in AT_ONCE or purpose.basis == LEGITIMATE_INTEREST
}
BEGUN, UPHELD, ENDED = "begun", "upheld", "ended"  # as the ledger tells them

Rows = TypeVar("Rows", bound=QuerySet[Any])
Effect = Callable[..., object]  # called with the person, and `by` and `now` by keyword
effects: dict[str, list[Effect]] = {}


class NotObjectable(Exception):
    """The policy bases this purpose on something that one cannot object to."""


def on_objection(purpose: str, effect: Effect) -> None:
    """``effect(person, by=…, now=…)`` deletes or stops, in the same transaction, what an upheld objection ends."""
    check_objectable(purpose)
    effects.setdefault(purpose, []).append(effect)


def check_objectable(purpose: str) -> None:
    if purpose not in OBJECTABLE:
        raise NotObjectable(purpose)


def is_stopped(*people: "Model | int | None", purposes: Iterable[str]) -> bool:
    """Whether any of these people objected to one of these purposes, weighed already or not."""
    numbers = [person.pk if isinstance(person, Model) else person for person in people if person is not None]
    if not numbers:
        return False
    return Objection.objects.standing().filter(person__in=numbers, purpose__in=list(purposes)).exists()


def stopped_among(people: Iterable[int], *, purposes: Iterable[str]) -> set[int]:
    """The numbers of those who objected to one of these purposes, in one query; none for what nobody can object to."""
    objectable = [purpose for purpose in purposes if purpose in OBJECTABLE]
    if not objectable:
        return set()
    standing = Objection.objects.standing().filter(person__in=list(people), purpose__in=objectable)
    return set(standing.values_list("person", flat=True))


def unopposed(rows: Rows, *paths: str, purpose: str, but: Q | None = None) -> Rows:
    """Without the rows about somebody who objected to this purpose, `but` those that serve another one too."""
    opposed = Q(pk__in=[])
    for path in paths:
        opposed |= Q(**{f"{path}__in": Objection.objects.standing().filter(purpose=purpose).values("person")})
    return rows.exclude(opposed & ~but if but is not None else opposed)


@transaction.atomic
def begin(person: Model, *, purpose: str, request: RightsRequest | None, now: datetime) -> Objection:
    """Stop using the data for this purpose, at once. Raises NotObjectable. Said twice, it is one objection."""
    check_objectable(purpose)
    type(person)._base_manager.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
    known = Objection.objects.standing().filter(person=person.pk, purpose=purpose).order_by("pk").first()
    if known is not None:
        return known
    objection = Objection.objects.create(
        person_id=person.pk, purpose=purpose, request=request, state=State.WEIGHED, made_at=now
    )
    ledger.note(ledger.OBJECTION, person, purpose=purpose, how=BEGUN, now=now)
    return objection


@transaction.atomic
def uphold(objection: Objection, *, by: AbstractBaseUser | None, now: datetime) -> dict[str, int]:
    """
    For good: what the purpose had is deleted, and the person's addresses are not solicited any more. Counts.

    Nothing is lost when it is said again, and what came in since is deleted too.
    """
    current = Objection.objects.select_for_update(of=("self",)).select_related("person").get(pk=objection.pk)
    person, purpose = current.person, current.purpose
    if current.state == State.WEIGHED:
        Objection.objects.filter(pk=current.pk).update(state=State.UPHELD, decided_at=now)
        ledger.note(ledger.OBJECTION, person, purpose=purpose, how=UPHELD, now=now)
    suppressed = suppression.suppress(addresses_of(person), purpose=purpose, now=now) if purpose in SOLICITING else 0
    for effect in effects.get(purpose, []):
        effect(person, by=by, now=now)
    return {"objections": 1, "suppressed": suppressed}


@transaction.atomic
def override(objection: Objection, *, ground: str, now: datetime) -> None:
    """A compelling ground outweighs it: the data may be used again."""
    Objection.objects.filter(pk=objection.pk).update(
        state=State.OVERRIDDEN, ground=ground, decided_at=now, ended_at=now
    )
    ledger.note(ledger.OBJECTION, objection.person, purpose=objection.purpose, how=ENDED, now=now)


@transaction.atomic
def end_by_consent(person: Model, *, purpose: str, now: datetime) -> None:
    """They agree to it anew: what they objected to before that is over."""
    earlier = Objection.objects.standing().filter(person=person.pk, purpose=purpose, made_at__lt=now)
    if earlier.update(ended_at=now):
        suppression.release(addresses_of(person), purpose=purpose)
        ledger.note(ledger.OBJECTION, person, purpose=purpose, how=ENDED, now=now)


def made_between(person: Model, *, purpose: str, after: datetime, before: datetime) -> bool:
    """Whether they objected meanwhile: then a yes said before does not stand for the one that is said now."""
    standing = Objection.objects.standing().filter(person=person.pk, purpose=purpose)
    return standing.filter(made_at__gt=after, made_at__lt=before).exists()


def act_on_what_came_since(person: Model, *, purpose: str, by: AbstractBaseUser | None, now: datetime) -> None:
    """An answer was noted late: whoever called is identified once they have objected on the portal."""
    if Objection.objects.standing().filter(person=person.pk, purpose=purpose, state=State.UPHELD).exists():
        for effect in effects.get(purpose, []):
            effect(person, by=by, now=now)


def again(person: Model, *, purpose: str, how: str, at: datetime) -> None:
    """What the ledger tells, once more in a restored database."""
    if how == ENDED:
        Objection.objects.standing().filter(person=person.pk, purpose=purpose, made_at__lte=at).update(ended_at=at)
        return
    objection = begin(person, purpose=purpose, request=None, now=at)
    if how == UPHELD:
        uphold(objection, by=None, now=at)
