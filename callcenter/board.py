"""What waits at the desk, oldest promise first. Four queries, however much there is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2s
from typing import NamedTuple

from django.db.models import Count, F, Q

from accounts.models import User
from callcenter.models import Call, Callback
from interventions.models import Dwelling, Incident, Intervention, Status
from interventions.models.interventions import AWAITED, intervention_reference
from interventions.problems import PROBLEMS_BY_CODE
from interventions.watch import SOON

ROWS_A_SECTION = 40
TO_SEND = frozenset({Status.RECEIVED, Status.QUALIFIED, Status.REOPENED})


class OpenRow(NamedTuple):
    """The columns of an open intervention that the board shows; model instances would cost half the page's time."""

    pk: int
    version: int
    status: str
    priority: str
    problem_code: str
    opened_at: datetime
    on_site_by: datetime
    owner_id: int | None
    owner__full_name: str | None
    residence__name: str
    dwelling_id: int | None
    dwelling__staircase: str | None
    dwelling__floor: str | None
    dwelling__door: str | None


@dataclass(frozen=True, slots=True)
class Job:
    """One intervention as a row of the board: `elapsed` of its `target` minutes are gone."""

    pk: int
    reference: str
    place: str
    problem: str
    priority: str
    status: str
    owner: str
    opened_at: datetime
    elapsed: int
    target: int
    urgency: str  # "late", "soon" or "": the class of its age bar


@dataclass
class Section:
    key: str
    title: str
    jobs: list[Job] = field(default_factory=list)
    count: int = 0

    def add(self, row: OpenRow, *, now: datetime) -> None:
        self.count += 1
        if len(self.jobs) < ROWS_A_SECTION:
            self.jobs.append(as_job(row, now=now))

    @property
    def hidden(self) -> int:
        return self.count - len(self.jobs)


@dataclass
class Board:
    my_call: Call | None
    calls: list[Call]
    callbacks: list[Callback]
    incidents: Sequence[Incident]
    sections: tuple[Section, ...]
    fingerprint: str

    @property
    def telephone_count(self) -> int:
        return len(self.calls) + len(self.callbacks)

    @property
    def is_quiet(self) -> bool:
        return not (self.calls or self.callbacks or self.incidents or any(section.count for section in self.sections))


def read_board(user: User, *, now: datetime) -> Board:
    """Everything open is on it once: what is late, then what `user` follows, what is still to send, and the rest."""
    calls = list(
        Call.objects.visible_to(user)
        .filter(Q(answered_at=None, ended_at=None, direction=Call.Direction.INBOUND) | Q(agent=user, outcome=""))
        .select_related("landlord")
        .order_by(F("agent").asc(nulls_last=True), "started_at")[:ROWS_A_SECTION]
    )
    callbacks = list(
        Callback.objects.filter(done_at=None)
        .select_related("call__landlord", "owner")
        .order_by("promised_at")[:ROWS_A_SECTION]
    )
    incidents = list(
        Incident.objects.visible_to(user)
        .open()
        .select_related("residence")
        .annotate(members=Count("interventions", filter=Q(interventions__closed_at=None)))
        .order_by("opened_at")[:ROWS_A_SECTION]
    )
    overdue, mine = Section("overdue", "En retard"), Section("mine", "Je suis")
    to_send, under_way = Section("to_send", "À transmettre"), Section("under_way", "En cours")
    seen: list[object] = [now.strftime("%d%H%M")]
    for row in open_rows(user):
        is_late = row.status in AWAITED and row.on_site_by < now
        seen += (row.pk, row.version, row.owner_id, is_late)
        if is_late:
            overdue.add(row, now=now)
        elif row.owner_id == user.pk:
            mine.add(row, now=now)
        elif row.status in TO_SEND:
            to_send.add(row, now=now)
        else:
            under_way.add(row, now=now)
    seen += [(call.pk, call.agent_id, call.landlord_id, call.ended_at) for call in calls]
    seen += [(callback.pk, callback.owner_id, callback.promised_at) for callback in callbacks]
    seen += [(incident.pk, incident.members) for incident in incidents]
    return Board(
        my_call=next((call for call in calls if call.agent_id == user.pk), None),
        calls=calls,
        callbacks=callbacks,
        incidents=incidents,
        sections=(overdue, mine, to_send, under_way),
        fingerprint=blake2s(repr(seen).encode(), digest_size=8).hexdigest(),
    )


def open_rows(user: User) -> Iterator[OpenRow]:
    found = Intervention.objects.visible_to(user).open().order_by("on_site_by", "pk")
    return map(OpenRow._make, found.values_list(*OpenRow._fields))


def as_job(row: OpenRow, *, now: datetime) -> Job:
    place = "parties communes"
    if row.dwelling_id is not None:
        place = Dwelling.place_of(row.dwelling__staircase or "", row.dwelling__floor or "", row.dwelling__door or "")
    urgency = ""
    if row.status in AWAITED and row.on_site_by < now + SOON:
        urgency = "late" if row.on_site_by < now else "soon"
    target = max(minutes(row.on_site_by - row.opened_at), 1)
    return Job(
        pk=row.pk,
        reference=intervention_reference(row.pk),
        place=f"{row.residence__name}, {place}" if place else row.residence__name,
        problem=PROBLEMS_BY_CODE[row.problem_code].label,
        priority=row.priority,
        status=row.status,
        owner=row.owner__full_name or "",
        opened_at=row.opened_at,
        elapsed=min(minutes(now - row.opened_at), target),
        target=target,
        urgency=urgency,
    )


def minutes(length: timedelta) -> int:
    return int(length.total_seconds()) // 60
