"""What a manager follows: each intervention as it is handed over to the landlord (`extracts.LANDLORD_STATUS`)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from interventions import extracts
from interventions.models import Intervention, Residence, Status
from interventions.models.interventions import AWAITED
from privacy import disclosure

AT_ONCE = 500
CAME = {Status.ON_SITE.label, Status.NO_ACCESS.label}
AWAITED_LABELS = {Status(status).label for status in AWAITED}


@dataclass(frozen=True)
class Followed:
    """Nothing of it that the landlord was not given, but where its page is."""

    pk: int
    reference: str
    residence: Residence
    place: str
    problem: str
    due: datetime
    status: str
    times: list[tuple[str, datetime]]
    opened_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, intervention: Intervention, given: dict[str, Any]) -> "Followed":
        values = {**given, "residence": given["address"]}
        del values["address"]
        return cls(pk=intervention.pk, opened_at=intervention.opened_at, ended_at=intervention.closed_at, **values)

    @property
    def came_at(self) -> datetime | None:
        return next((at for label, at in self.times if label in CAME), None)

    def is_late(self, *, now: datetime) -> bool:
        return self.ended_at is None and self.status in AWAITED_LABELS and self.due < now


def theirs(user: User, *, now: datetime) -> QuerySet[Intervention]:
    """The interventions of a manager's estate, as long as they may be shown."""
    return Intervention.objects.visible_to(user).unexpired(now=now)


def with_all_that_shows(interventions: QuerySet[Intervention]) -> QuerySet[Intervention]:
    found = interventions.select_related("landlord", "residence", "dwelling", "occupant", "reported_by")
    return found.prefetch_related("transitions")


def follow(interventions: Iterable[Intervention], *, by: User | None, now: datetime) -> list[Followed]:
    """Handed over and written in the register of disclosures, in a few queries."""
    pieces = list(interventions)
    given: dict[int, dict[str, Any]] = {}
    for landlord in {piece.landlord_id: piece.landlord for piece in pieces}.values():
        own = [piece for piece in pieces if piece.landlord_id == landlord.pk]
        for piece, values in disclosure.give_many(extracts.LANDLORD_STATUS, own, to=landlord, by=by, now=now):
            given[piece.pk] = values
    return [Followed.of(piece, given[piece.pk]) for piece in pieces if piece.pk in given]


def follow_all(interventions: QuerySet[Intervention], *, by: User, now: datetime) -> Iterator[Followed]:
    """However many they are, some at a time."""
    waiting = with_all_that_shows(interventions).iterator(chunk_size=AT_ONCE)
    while some := list(islice(waiting, AT_ONCE)):
        yield from follow(some, by=by, now=now)
