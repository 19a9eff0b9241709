"""What waits at the desk, oldest promise first. Four queries, however much there is."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2s
from typing import Any, NamedTuple, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.utils.timezone import localdate

from accounts.models import User
from interventions.models import Dwelling, Status
from interventions.models.interventions import AWAITED, intervention_reference
from interventions.problems import PROBLEMS_BY_CODE, Problem
from interventions.watch import SOON

ROWS_A_SECTION = 40
SECTIONS = (
    ("emergencies", "Urgences à lire"),  # told on the portal by somebody who cannot telephone
    ("overdue", "En retard"),
    ("mine", "Je suis"),
    ("to_send", "À transmettre"),
    ("under_way", "En cours"),
)
TO_SEND = frozenset({Status.RECEIVED, Status.QUALIFIED, Status.REOPENED})

# Every agent's page asks for these rows at every second. The statements are written by hand: they read no more than
# what is shown, and made by the ORM they took longer to build than to run (`make bench`). As `unrestricted` does, they
# leave out people whose data are restricted, but for emergencies.


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


OPEN_ROWS = """
    WITH sorted AS (
        SELECT id, on_site_by,
               CASE WHEN status = 'received' AND priority = 'emergency' THEN 0
                    WHEN status = ANY(%(awaited)s) AND on_site_by < %(now)s THEN 1
                    WHEN owner_id = %(user)s THEN 2
                    WHEN status = ANY(%(to_send)s) THEN 3
                    ELSE 4 END AS section
        FROM interventions_intervention
        WHERE closed_at IS NULL AND (
            priority = 'emergency' OR NOT ARRAY[occupant_id, reported_by_id]
                && ARRAY(SELECT person_id FROM privacy_restriction WHERE lifted_at IS NULL)
        )
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


class CallRow(NamedTuple):
    """A call that rings, or one's own without an outcome."""

    pk: int
    number: str
    landlord: str | None
    agent_id: int | None
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None


CALL_ROWS = """
    SELECT call.id, CASE call.direction WHEN 'inbound' THEN call.from_number ELSE call.to_number END, landlord.name,
           call.agent_id, call.started_at, call.answered_at, call.ended_at
    FROM callcenter_call AS call
    LEFT JOIN interventions_landlord AS landlord ON landlord.id = call.landlord_id
    WHERE (call.answered_at IS NULL AND call.ended_at IS NULL AND call.direction = 'inbound')
       OR (call.agent_id = %(user)s AND call.outcome = '')
    ORDER BY call.agent_id NULLS LAST, call.started_at LIMIT %(rows)s
"""


class CallbackRow(NamedTuple):
    pk: int
    number: str
    landlord: str | None
    owner: str | None
    promised_at: datetime


CALLBACK_ROWS = """
    SELECT callback.id, CASE call.direction WHEN 'inbound' THEN call.from_number ELSE call.to_number END,
           landlord.name, owner.full_name, callback.promised_at
    FROM callcenter_callback AS callback
    JOIN callcenter_call AS call ON call.id = callback.call_id
    LEFT JOIN interventions_landlord AS landlord ON landlord.id = call.landlord_id
    LEFT JOIN accounts_user AS owner ON owner.id = callback.owner_id
    WHERE callback.done_at IS NULL
      AND NOT ARRAY[call.caller_id, call.on_behalf_of_id]
          && ARRAY(SELECT person_id FROM privacy_restriction WHERE lifted_at IS NULL)
    ORDER BY callback.promised_at LIMIT %(rows)s
"""


class GatheredRow(NamedTuple):
    """An incident with its open interventions, or an intervention with its tenant’s messages that wait."""

    is_incident: bool
    pk: int
    residence: str
    problem_code: str
    since: datetime
    size: int

    @property
    def reference(self) -> str:
        return intervention_reference(self.pk)

    @property
    def problem(self) -> Problem:
        return PROBLEMS_BY_CODE[self.problem_code]


GATHERED_ROWS = """
    (SELECT true, incident.id, residence.name, incident.problem_code, incident.opened_at AS since,
            (SELECT count(*) FROM interventions_intervention AS member
             WHERE member.incident_id = incident.id AND member.closed_at IS NULL)
     FROM interventions_incident AS incident
     JOIN interventions_residence AS residence ON residence.id = incident.residence_id
     WHERE incident.closed_at IS NULL
     ORDER BY since LIMIT %(rows)s)
    UNION ALL
    (SELECT false, job.id, residence.name, job.problem_code, min(message.at) AS since, count(*)
     FROM interventions_tenantmessage AS message
     JOIN interventions_intervention AS job ON job.id = message.intervention_id
     JOIN interventions_residence AS residence ON residence.id = job.residence_id
     WHERE message.author_id IS NULL AND message.read_at IS NULL AND (
         (job.priority = 'emergency' AND job.closed_at IS NULL) OR NOT ARRAY[job.occupant_id, job.reported_by_id]
             && ARRAY(SELECT person_id FROM privacy_restriction WHERE lifted_at IS NULL)
     )
     GROUP BY job.id, residence.name
     ORDER BY since LIMIT %(rows)s)
    ORDER BY since
"""


Row = TypeVar("Row", CallRow, CallbackRow, GatheredRow, OpenRow)


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
    my_call: CallRow | None
    calls: list[CallRow]
    callbacks: list[CallbackRow]
    incidents: list[GatheredRow]
    messages: list[GatheredRow]
    sections: tuple[Section, ...]
    fingerprint: str

    @property
    def telephone_count(self) -> int:
        return len(self.calls) + len(self.callbacks)

    @property
    def is_quiet(self) -> bool:
        waiting = (self.calls, self.callbacks, self.incidents, self.messages)
        return not any(waiting) and not any(section.count for section in self.sections)


def read_board(user: User, *, now: datetime) -> Board:
    """
    Everything open is on it once: emergencies nobody has read, what is late, then what `user` follows, what is still
    to send, and the rest.

    The desk sees all of it; PermissionDenied for anyone else.
    """
    if not user.is_desk:
        raise PermissionDenied
    asked = {
        "now": now,
        "today": localdate(now),
        "user": user.pk,
        "awaited": [*AWAITED],
        "to_send": [*TO_SEND],
        "rows": ROWS_A_SECTION,
    }
    with connection.cursor() as cursor:
        calls = read(cursor, CALL_ROWS, CallRow, asked)
        callbacks = read(cursor, CALLBACK_ROWS, CallbackRow, asked)
        gathered = read(cursor, GATHERED_ROWS, GatheredRow, asked)
        open_rows = read(cursor, OPEN_ROWS, OpenRow, asked)
    sections = tuple(Section(key, title) for key, title in SECTIONS)
    seen: list[object] = [now.strftime("%d%H%M")]
    for row in open_rows:
        section = sections[row.section]
        section.count = row.size
        section.jobs.append(as_job(row, now=now))
        seen += (row.section, row.size, row.pk, row.version, row.owner_id, row.alert)
    seen += [*calls, *callbacks, *gathered]
    return Board(
        my_call=next((call for call in calls if call.agent_id == user.pk), None),
        calls=calls,
        callbacks=callbacks,
        incidents=[row for row in gathered if row.is_incident],
        messages=[row for row in gathered if not row.is_incident],
        sections=sections,
        fingerprint=blake2s(repr(seen).encode(), digest_size=8).hexdigest(),
    )


def read(cursor: CursorWrapper, statement: str, kind: type[Row], asked: dict[str, Any]) -> list[Row]:
    cursor.execute(statement, asked)
    return [kind._make(row) for row in cursor.fetchall()]


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
