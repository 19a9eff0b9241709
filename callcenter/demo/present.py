"""The evening that the demonstration opens on: what is waiting, late, promised or broken right now."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from callcenter.demo.activity import Caller, History, Interlude
from callcenter.demo.cases import OPENED, SENT, Case, Path, Step, draw_slot, fits, write_case
from callcenter.demo.texts import REASONS
from callcenter.models import Call
from interventions.models import Status
from interventions.problems import PROBLEMS_BY_CODE, Priority

S = Status
DAY = 24 * 60


@dataclass(frozen=True)
class Scene:
    """An open intervention: the minutes ago of each step, and the minutes until somebody should be there."""

    problem: str
    path: Path
    minutes_ago: tuple[int, ...]
    due_in: int
    priority: Priority


EMERGENCY, URGENT, NORMAL = Priority.EMERGENCY, Priority.URGENT, Priority.NORMAL
SCENES = (
    Scene("leak_ceiling", OPENED, (12, 12), 48, EMERGENCY),
    Scene("no_heating", SENT[:3], (231, 231, 205), 9, URGENT),
    Scene("power_cut", SENT, (262, 262, 250, 236), -22, URGENT),
    Scene("gas_smell", (*SENT, S.ON_SITE), (49, 49, 46, 41, 13), 11, EMERGENCY),
    Scene("blocked_drain", (*SENT, S.ON_SITE, S.DONE), (392, 392, 380, 361, 196, 74), -152, URGENT),
    Scene("locked_out", (*OPENED, S.DISPATCHED), (26, 26, 21), 34, URGENT),
    Scene("leak_pipe", (*SENT, S.APPOINTMENT, S.NO_ACCESS), (1900, 1900, 1885, 1860, 1850, 240), 2 * DAY, NORMAL),
    Scene("pests", SENT, (48 * DAY, 48 * DAY, 48 * DAY - 25, 47 * DAY), -45 * DAY, NORMAL),
)
# Those of the tenant who signs in: one ended last week, and they wait for another.
TENANT_SCENES = (
    Scene(
        "blocked_drain",
        (*SENT, S.ON_SITE, S.DONE, S.CLOSED),
        tuple(8 * DAY - minutes for minutes in (0, 0, 12, 31, 190, 260, 420)),
        4 * 60 - 8 * DAY,
        URGENT,
    ),
    Scene("no_hot_water", (*SENT, S.APPOINTMENT), (1100, 1100, 1075, 1010, 990), 2 * DAY, NORMAL),
)
MISSED_MINUTES_AGO = (31, 13, 6)
PROMISED_MINUTES_AGO = 18
INCIDENT_MINUTES_AGO = 165
INCIDENT_CALLERS = 5
NOTES_MINUTES_AGO = (50, 24)


def stage_present(history: History) -> list[Interlude]:
    now = history.desk.now
    staged: list[tuple[int, Callable[..., object]]] = [
        *((scene.minutes_ago[0], partial(play, history, scene)) for scene in SCENES),
        *((scene.minutes_ago[0], partial(play_for_tenant, history, scene)) for scene in TENANT_SCENES),
        (INCIDENT_MINUTES_AGO, partial(break_lift, history)),
        *((minutes, partial(miss, history)) for minutes in MISSED_MINUTES_AGO),
        (PROMISED_MINUTES_AGO, partial(promise, history)),
        *((minutes, partial(note, history)) for minutes in NOTES_MINUTES_AGO),
    ]
    return [
        Interlude(at, partial(play_at, at=at))
        for at, play_at in ((now - timedelta(minutes=minutes), play_at) for minutes, play_at in staged)
        if at > history.desk.since
    ]


def play_for_tenant(history: History, scene: Scene, *, at: datetime) -> None:
    if history.tenant is None:
        history.tenant = draw_occupant(history, scene.problem, at=at)
    play(history, scene, at=at, caller=history.tenant)


def play(history: History, scene: Scene, *, at: datetime, caller: Caller | None = None) -> None:
    desk = history.desk
    caller = caller or draw_occupant(history, scene.problem, at=at)
    agent = desk.staff.agents[0]
    steps = [
        step_of(history, status, desk.now - timedelta(minutes=minutes))
        for status, minutes in zip(scene.path, scene.minutes_ago, strict=True)
    ]
    case = Case(
        caller.tenant,
        PROBLEMS_BY_CODE[scene.problem],
        steps,
        caller.person,
        caller.number,
        agent,
        target=desk.now + timedelta(minutes=scene.due_in),
        priority=scene.priority,
    )
    history.write_call(
        caller,
        at - timedelta(seconds=110),
        Call.Outcome.INTERVENTION,
        intervention=write_case(desk, case),
        agent=agent,
    )


def step_of(history: History, status: Status, at: datetime) -> Step:
    rng = history.rng
    slot = draw_slot(at, rng, days=2) if status == S.APPOINTMENT else None
    return Step(status, at, rng.choice(REASONS[status]) if status in REASONS else "", slot)


def draw_occupant(history: History, problem: str, *, at: datetime) -> Caller:
    """Somebody with a telephone who lives there then and now, in a place where that can fail."""
    desk, tenants = history.desk, history.desk.estate.tenants
    while True:
        place = history.rng.randrange(len(tenants))
        lives_there = all(tenants.lives_there(place, on=moment.toordinal()) for moment in (at, desk.now))
        if lives_there and tenants.number[place] and fits(desk, place, PROBLEMS_BY_CODE[problem]):
            return Caller(tenants.person[place], place, tenants.number[place])


def break_lift(history: History, *, at: datetime) -> None:
    """In one of the residences where many live."""
    desk = history.desk
    building = max(
        (desk.building_of(draw_occupant(history, "lift_down", at=at).tenant) for _ in range(10)),
        key=lambda candidate: candidate.tenants,
    )
    callers = history.draw_neighbours(building, at)[:INCIDENT_CALLERS]
    history.tell_incident(building, "lift_down", callers, at=at, closed_at=None)


def miss(history: History, *, at: datetime) -> None:
    history.write_missed_call(draw_occupant(history, "leak_pipe", at=at), at, rung_back_at=None)


def promise(history: History, *, at: datetime) -> None:
    """The agent said that somebody would ring back within the hour."""
    desk = history.desk
    caller, agent = draw_occupant(history, "leak_pipe", at=at), desk.staff.agents[0]
    call = history.write_call(caller, at, Call.Outcome.CALLBACK, agent=agent)
    desk.streams.callbacks.add(call, agent, at + timedelta(hours=1), None, None)


def note(history: History, *, at: datetime) -> None:
    history.note_on_shift(history.open_shift, at, history.desk.staff.agents[0])
