"""Interventions: how each goes from step to step, as `interventions.lifecycle` allows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from callcenter.demo.desk import Desk
from callcenter.demo.drawing import Weighted
from callcenter.demo.numbers import e164
from callcenter.demo.texts import (
    ADVICE_GIVEN,
    DESCRIPTIONS,
    DORMANT_CLOSED,
    ON_DISPATCH,
    ON_DONE,
    ON_OPENING,
    REASONS,
)
from callcenter.models import LogEntry
from interventions.lifecycle import APPOINTMENT_MADE
from interventions.models import Escalation, Status
from interventions.models.interventions import AWAITED, ENDED
from interventions.problems import DEFAULT_TARGETS, PRIORITY_ORDER, Priority, Problem, Trade
from interventions.triage import suggested_priority
from interventions.watch import CLOSED_AFTER, SOON, WARNED_AFTER

S = Status
Path = tuple[Status, ...]

OPENED: Path = (S.RECEIVED, S.QUALIFIED)
SENT: Path = (*OPENED, S.DISPATCHED, S.ACCEPTED)
ENDING: Path = (S.ON_SITE, S.DONE, S.CLOSED)

DIRECT: Path = (*SENT, *ENDING)
APPOINTED: Path = (*SENT, S.APPOINTMENT, *ENDING)
NO_ACCESS: Path = (*SENT, S.APPOINTMENT, S.NO_ACCESS, S.APPOINTMENT, *ENDING)
FOLLOWED: Path = (*SENT, S.ON_SITE, S.FOLLOW_ON, S.APPOINTMENT, *ENDING)
SENT_TWICE: Path = (*OPENED, S.DISPATCHED, S.DISPATCHED, S.ACCEPTED, *ENDING)
REOPENED: Path = (*DIRECT[:-1], S.REOPENED, S.DISPATCHED, S.ACCEPTED, *ENDING)
REFUSED: Path = (*OPENED, S.REFUSED)
CANCELLED: Path = (*OPENED, S.DISPATCHED, S.CANCELLED)
FORGOTTEN: Path = (*SENT, S.CLOSED)  # sixty days after the last word

PATHS_WHEN_URGENT = Weighted({DIRECT: 80, SENT_TWICE: 7, FOLLOWED: 4, CANCELLED: 4, REFUSED: 3, REOPENED: 2})
PATHS = Weighted(
    {
        APPOINTED: 50,
        DIRECT: 18,
        NO_ACCESS: 8,
        REFUSED: 8,
        FOLLOWED: 6,
        CANCELLED: 5,
        SENT_TWICE: 3,
        REOPENED: 2,
        FORGOTTEN: 0.6,
    }
)

# How long each step takes, in minutes: when it presses, and otherwise.
DELAYS: dict[Status, tuple[tuple[int, int], tuple[int, int]]] = {
    S.RECEIVED: ((0, 0), (0, 0)),
    S.QUALIFIED: ((0, 0), (0, 0)),
    S.DISPATCHED: ((2, 8), (2, 35)),
    S.ACCEPTED: ((2, 15), (5, 90)),
    S.APPOINTMENT: ((5, 30), (5, 40)),
    S.ON_SITE: ((12, 60), (60, 500)),
    S.NO_ACCESS: ((5, 30), (5, 30)),
    S.DONE: ((15, 120), (15, 150)),
    S.FOLLOW_ON: ((15, 60), (15, 60)),
    S.CLOSED: ((5, 300), (10, 1200)),
    S.REFUSED: ((2, 15), (2, 30)),
    S.CANCELLED: ((20, 120), (30, 400)),
    S.REOPENED: ((600, 6000), (900, 9000)),
}
SLOTS = ((8, 10), (10, 12), (13, 15), (14, 16), (16, 18))
YES = 0.13  # how often a question of the script is answered so
COMMON_TRADES = frozenset({Trade.LIFT, Trade.LIGHTING, Trade.SAFETY})


@dataclass(slots=True)
class Step:
    to: Status
    at: datetime
    reason: str = ""
    slot: tuple[datetime, datetime] | None = None


@dataclass(slots=True)
class Case:
    tenant: int  # its place in the estate's arrays
    problem: Problem
    steps: list[Step]
    reported_by: int
    number: int
    agent: int
    answers: dict[str, bool] = field(default_factory=dict)
    incident: int | None = None
    target: datetime | None = None  # instead of the suggested one
    priority: Priority | None = None


def draw_answers(problem: Problem, rng: Random) -> dict[str, bool]:
    return {question.code: rng.random() < YES for question in problem.questions}


def draw_steps(priority: Priority, *, at: datetime, rng: Random) -> list[Step]:
    urgent = priority != Priority.NORMAL
    return plan((PATHS_WHEN_URGENT if urgent else PATHS).draw(rng), urgent=urgent, at=at, rng=rng)


def plan(path: Path, *, urgent: bool, at: datetime, rng: Random) -> list[Step]:
    """The steps of a path, one after the other, however far into the future they lead."""
    steps: list[Step] = []
    slot: tuple[datetime, datetime] | None = None
    before: Status | None = None
    for to in path:
        shortest, longest = DELAYS[to][0 if urgent else 1]
        reason, made = "", None
        if path is FORGOTTEN and to == S.CLOSED:
            at, reason = at + CLOSED_AFTER + timedelta(minutes=rng.randrange(60)), DORMANT_CLOSED[0]
        else:
            if before == S.APPOINTMENT and slot:
                at = max(at, slot[0])
                longest = 80
                shortest = 0
            at = at + timedelta(seconds=60 * shortest + rng.randint(0, 60 * (longest - shortest)))
        if to == S.APPOINTMENT:
            slot = made = draw_slot(
                at, rng, days=rng.randint(3, 9) if before == S.FOLLOW_ON else rng.choice((1, 1, 1, 2, 2, 3))
            )
        elif to == S.DISPATCHED and before == S.DISPATCHED:
            reason = rng.choice(REASONS["redispatched"])
        elif to in REASONS:
            reason = rng.choice(REASONS[to])
        steps.append(Step(to, at, reason, made))
        before = to
    return steps


def draw_slot(at: datetime, rng: Random, *, days: int) -> tuple[datetime, datetime]:
    """A half of a half-day, some days later, never on a Sunday."""
    day = at.astimezone(timezone.get_default_timezone()).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(
        days=days
    )
    if day.weekday() == 6:
        day += timedelta(days=1)
    begins, ends = rng.choice(SLOTS)
    return day.replace(hour=begins), day.replace(hour=ends)


def fits(desk: Desk, tenant: int, problem: Problem) -> bool:
    """Houses have no lift to fail and no staircase to be dark."""
    equipment = desk.building_of(tenant).equipment
    if problem.trade == Trade.LIFT:
        return "lift" in equipment
    return bool(equipment) or problem.code not in ("lighting_common", "danger_common", "entrance_stuck")


def write_case(desk: Desk, case: Case) -> int:
    """Everything up to now; what would come later has not happened."""
    steps = [step for step in case.steps if step.at <= desk.now]
    providers = draw_providers(desk, case.problem, steps)
    intervention = write_intervention(desk, case, steps, providers[-1])
    before = ""
    for step, provider in zip(steps, providers, strict=True):
        system = step.reason == DORMANT_CLOSED[0]
        agent = case.agent if step.to in OPENED else desk.on_duty(step.at)
        desk.streams.transitions.add(
            intervention,
            before,
            step.to.value,
            step.at,
            None if system else agent,
            provider if step.to == S.DISPATCHED else None,
            step.reason,
        )
        if step.slot:
            desk.streams.appointments.add(intervention, *step.slot, step.at, agent)
        write_word(desk, intervention, case.problem.trade, step, agent)
        before = step.to.value
    return intervention


def draw_providers(desk: Desk, problem: Problem, steps: Sequence[Step]) -> list[int | None]:
    """Who has it after each step."""
    current: int | None = None
    found: list[int | None] = []
    for step in steps:
        if step.to == S.DISPATCHED:
            current = desk.rng.choice(desk.estate.providers[problem.trade])
        found.append(current)
    return found


def write_intervention(desk: Desk, case: Case, steps: Sequence[Step], provider: int | None) -> int:
    rng, problem, tenants = desk.rng, case.problem, desk.estate.tenants
    building = desk.building_of(case.tenant)
    opened_at, last = steps[0].at, steps[-1]
    suggested = suggested_priority(problem, case.answers)
    suggested_target = opened_at + DEFAULT_TARGETS[suggested]
    priority, target = case.priority or suggested, case.target or suggested_target
    if case.priority is None and case.target is None and rng.random() < 0.07:
        priority = rng.choice(PRIORITY_ORDER)
        target = opened_at + DEFAULT_TARGETS[priority]
    departs = (priority, target) != (suggested, suggested_target)
    promises = [(opened_at, target), *((step.at, step.slot[1]) for step in steps if step.slot)]
    promised = promises[-1][1]
    common = problem.trade in COMMON_TRADES
    intervention = desk.streams.interventions.add(
        desk.estate.landlords[building.landlord].pk,
        building.pk,
        None if common else tenants.dwelling[case.tenant],
        None if common else tenants.person[case.tenant],
        case.reported_by,
        e164(case.number) if case.number else "",
        problem.code,
        json.dumps(case.answers),
        rng.choice(DESCRIPTIONS[problem.code]),
        suggested.value,
        priority.value,
        suggested_target,
        promised,
        rng.choice(REASONS["overridden"]) if departs else APPOINTMENT_MADE if promised != suggested_target else "",
        last.to.value,
        case.agent,
        provider,
        case.incident,
        opened_at,
        last.at,
        last.at if last.to in ENDED else None,
        len(steps),
    )
    write_escalations(desk, intervention, steps, promises)
    return intervention


def write_escalations(
    desk: Desk, intervention: int, steps: Sequence[Step], promises: Sequence[tuple[datetime, datetime]]
) -> None:
    """What beat would have raised; the supervisors took all of what is over. An appointment is a new promise."""
    kind, ended = Escalation.Kind, steps[-1].to in ENDED
    replaced = [*(made_at for made_at, _ in promises[1:]), desk.now]
    for (made_at, target), until in zip(promises, replaced, strict=True):
        if made_at < target - SOON == awaited_from(steps, target - SOON, until=until):
            write_escalation(desk, intervention, kind.SOON, target, raised_at=target - SOON, taken=ended)
        if late_at := awaited_from(steps, target, until=until):
            write_escalation(desk, intervention, kind.LATE, target, raised_at=late_at, taken=ended)
    for step, following in zip(steps, [*(step.at for step in steps[1:]), desk.now], strict=True):
        if step.to not in ENDED and following - step.at > WARNED_AFTER:
            write_escalation(desk, intervention, kind.DORMANT, step.at, raised_at=step.at + WARNED_AFTER, taken=ended)


def awaited_from(steps: Sequence[Step], since: datetime, *, until: datetime) -> datetime | None:
    """The first moment of that span at which nobody is there yet."""
    if since >= until:
        return None
    before = [step for step in steps if step.at <= since]
    if before and before[-1].to in AWAITED:
        return since
    return next((step.at for step in steps if since < step.at < until and step.to in AWAITED), None)


def write_escalation(
    desk: Desk, intervention: int, kind: Escalation.Kind, about: datetime, *, raised_at: datetime, taken: bool
) -> None:
    raised_at += timedelta(seconds=desk.rng.randrange(1, 60))
    taken_at = raised_at + timedelta(seconds=desk.rng.randint(40, 1500))
    if raised_at > desk.now:
        return
    taken = taken and taken_at < desk.now
    supervisor = desk.rng.choice(desk.staff.supervisors)
    desk.streams.escalations.add(
        intervention, kind.value, about, raised_at, taken_at if taken else None, supervisor if taken else None
    )


def write_word(desk: Desk, intervention: int, trade: Trade, step: Step, agent: int) -> None:
    """What the agent notes at a step, if anything."""
    rng, kind = desk.rng, LogEntry.Kind
    if step.to == S.QUALIFIED:
        if rng.random() < 0.6:
            write_entry(desk, intervention, step.at, agent, kind.TENANT, rng.choice(ON_OPENING[trade]))
        if rng.random() < 0.35:
            write_entry(desk, intervention, step.at, agent, kind.ADVICE, rng.choice(ADVICE_GIVEN[trade]))
    elif step.to == S.DISPATCHED and rng.random() < 0.55:
        write_entry(desk, intervention, step.at, agent, kind.PROVIDER, rng.choice(ON_DISPATCH))
    elif step.to == S.DONE and rng.random() < 0.75:
        write_entry(desk, intervention, step.at, agent, kind.PROVIDER, rng.choice(ON_DONE[trade]))


def write_entry(desk: Desk, intervention: int, at: datetime, agent: int, kind: LogEntry.Kind, text: str) -> None:
    desk.streams.entries.add(None, intervention, None, None, at, agent, kind.value, text, "")
