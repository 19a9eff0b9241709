"""What waits at the desk, oldest promise first. Four queries, however much there is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2s
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, F, Q
from django.utils.timezone import localdate

from accounts.models import User
from callcenter.models import Call, Callback
from interventions.models import Dwelling, Incident, Status
from interventions.models.interventions import AWAITED, intervention_reference
from interventions.problems import PROBLEMS_BY_CODE
from interventions.watch import SOON

ROWS_A_SECTION = 40
SECTIONS = (("overdue", "En retard"), ("mine", "Je suis"), ("to_send", "À transmettre"), ("under_way", "En cours"))
TO_SEND = frozenset({Status.RECEIVED, Status.QUALIFIED, Status.REOPENED})


class OpenRow(NamedTuple):
    """An open intervention as `OPEN_ROWS` reads it; `section` indexes the board's, `size` is that section's length."""

    section: int
    size: int
    pk: int
    version: int
    status: str
    priority: str
    problem_code: str
    opened_at: datetime
    on_site_by: datetime
    owner_id: int | None
    residence: str
    dwelling_id: int | None
    staircase: str | None
    floor: str | None
    door: str | None
    alert: bool


# Every agent's page asks for this at every second: written by hand, it reads no more than what is shown. Made by the
# ORM, the statement took longer to build than to run.
OPEN_ROWS = """
    WITH sorted AS (
        SELECT id, on_site_by,
               CASE WHEN status = ANY(%(awaited)s) AND on_site_by < %(now)s THEN 0
                    WHEN owner_id = %(user)s THEN 1
                    WHEN status = ANY(%(to_send)s) THEN 2
                    ELSE 3 END AS section
        FROM interventions_intervention
        WHERE closed_at IS NULL
    ), placed AS (
        SELECT id, section, count(*) OVER (PARTITION BY section) AS size,
               row_number() OVER (PARTITION BY section ORDER BY on_site_by, id) AS place
        FROM sorted
    )
    SELECT placed.section, placed.size, job.id, job.version, job.status, job.priority, job.problem_code, job.opened_at,
           job.on_site_by, job.owner_id, residence.name, dwelling.id, dwelling.staircase, dwelling.floor, dwelling.door,
           EXISTS (SELECT FROM interventions_safetyalert AS alert
                   WHERE %(today)s BETWEEN alert.starts_on AND alert.expires_on
                     AND (alert.dwelling_id = job.dwelling_id OR alert.residence_id = job.residence_id
                          OR alert.person_id = job.occupant_id))
    FROM placed
    JOIN interventions_intervention AS job ON job.id = placed.id
    JOIN interventions_residence AS residence ON residence.id = job.residence_id
    LEFT JOIN interventions_dwelling AS dwelling ON dwelling.id = job.dwelling_id
    WHERE placed.place <= %(rows)s
    ORDER BY placed.section, placed.place
"""


@dataclass(frozen=True, slots=True)
class Job:
    """One intervention as a row of the board: `elapsed` of its `target` minutes are gone."""

    pk: int
    reference: str
    place: str
    problem: str
    priority: str
    status: str
    age: str
    elapsed: int
    target: int
    alert: bool
    urgency: str  # "late", "soon" or "": the class of its age bar


@dataclass
class Section:
    key: str
    title: str
    jobs: list[Job] = field(default_factory=list)
    count: int = 0

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
    sections = tuple(Section(key, title) for key, title in SECTIONS)
    seen: list[object] = [now.strftime("%d%H%M")]
    for row in open_rows(user, now=now):
        section = sections[row.section]
        section.count = row.size
        section.jobs.append(as_job(row, now=now))
        seen += (row.section, row.size, row.pk, row.version, row.owner_id, row.alert)
    seen += [(call.pk, call.agent_id, call.landlord_id, call.ended_at) for call in calls]
    seen += [(callback.pk, callback.owner_id, callback.promised_at) for callback in callbacks]
    seen += [(incident.pk, incident.members) for incident in incidents]
    return Board(
        my_call=next((call for call in calls if call.agent_id == user.pk), None),
        calls=calls,
        callbacks=callbacks,
        incidents=incidents,
        sections=sections,
        fingerprint=blake2s(repr(seen).encode(), digest_size=8).hexdigest(),
    )


def open_rows(user: User, *, now: datetime) -> list[OpenRow]:
    """For the desk, which sees every intervention: anyone else has no board."""
    if not user.is_desk:
        return []
    asked: dict[str, Any] = {
        "now": now,
        "today": localdate(now),
        "user": user.pk,
        "awaited": [*AWAITED],
        "to_send": [*TO_SEND],
        "rows": ROWS_A_SECTION,
    }
    with connection.cursor() as cursor:
        cursor.execute(OPEN_ROWS, asked)
        return [OpenRow._make(row) for row in cursor.fetchall()]


def as_job(row: OpenRow, *, now: datetime) -> Job:
    place = "parties communes"
    if row.dwelling_id is not None:
        place = Dwelling.place_of(row.staircase or "", row.floor or "", row.door or "")
    urgency = ""
    if row.status in AWAITED and row.on_site_by < now + SOON:
        urgency = "late" if row.on_site_by < now else "soon"
    target = max(minutes(row.on_site_by - row.opened_at), 1)
    gone = minutes(now - row.opened_at)
    return Job(
        pk=row.pk,
        reference=intervention_reference(row.pk),
        place=f"{row.residence}, {place}" if place else row.residence,
        problem=PROBLEMS_BY_CODE[row.problem_code].label,
        priority=row.priority,
        status=row.status,
        age=short_age(gone),
        elapsed=min(gone, target),
        target=target,
        alert=row.alert,
        urgency=urgency,
    )


def minutes(length: timedelta) -> int:
    return int(length.total_seconds()) // 60


def short_age(gone: int) -> str:
    """«12 min», «3 h 20», «48 j», from minutes: a row has no room for a sentence."""
    hours, rest = divmod(max(gone, 0), 60)
    if hours >= 24:
        return f"{hours // 24}\N{NO-BREAK SPACE}j"
    return f"{hours}\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}{rest:02}" if hours else f"{rest}\N{NO-BREAK SPACE}min"
