"""The evening that the demonstration opens on: what is waiting, late, promised or broken right now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Person, User
from callcenter.demo.activity import Caller, History
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
    Scene("blocked_drain", (*SENT, S.APPOINTMENT, S.NO_ACCESS), (2 * DAY, 2 * DAY, 2820, 2700, 2690, 350), DAY, NORMAL),
    Scene("pests", SENT, (48 * DAY, 48 * DAY, 48 * DAY - 25, 47 * DAY), -45 * DAY, NORMAL),
)
TENANTS_SCENE = Scene("no_hot_water", (*SENT, S.APPOINTMENT), (1100, 1100, 1075, 1010, 990), 2 * DAY, NORMAL)
MISSED_MINUTES_AGO = (31, 13, 6)
INCIDENT_MINUTES_AGO = 165
INCIDENT_CALLERS = 5
NOTES_MINUTES_AGO = (50, 24)


def play_present(history: History, *, tenant: User) -> None:
    desk = history.desk
    for scene in SCENES:
        play(history, scene, draw_occupant(history, scene.problem))
    occupant = draw_occupant(history, TENANTS_SCENE.problem)
    play(history, TENANTS_SCENE, occupant)
    break_lift(history)
    for minutes in MISSED_MINUTES_AGO:
        history.write_missed_call(
            draw_occupant(history, "leak_pipe"), desk.now - timedelta(minutes=minutes), rung_back_at=None
        )
    promise(history)
    for minutes in NOTES_MINUTES_AGO:
        history.note_on_shift(history.open_shift, desk.now - timedelta(minutes=minutes), desk.staff.agents[0])
    desk.streams.send()
    give_login(tenant, Person.objects.get(pk=occupant.person))


def play(history: History, scene: Scene, caller: Caller) -> None:
    desk = history.desk
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
        steps[0].at - timedelta(seconds=110),
        Call.Outcome.INTERVENTION,
        intervention=write_case(desk, case),
        agent=agent,
    )


def step_of(history: History, status: Status, at: datetime) -> Step:
    rng = history.rng
    slot = draw_slot(at, rng, days=1) if status == S.APPOINTMENT else None
    return Step(status, at, rng.choice(REASONS[status]) if status in REASONS else "", slot)


def draw_occupant(history: History, problem: str) -> Caller:
    """Somebody at home, with a telephone, in a place where that can fail."""
    desk, tenants = history.desk, history.desk.estate.tenants
    while True:
        place = history.rng.randrange(len(tenants))
        fitting = fits(desk, place, PROBLEMS_BY_CODE[problem])
        if fitting and tenants.number[place] and tenants.lives_there(place, on=desk.now.toordinal()):
            return Caller(tenants.person[place], place, tenants.number[place])


def break_lift(history: History) -> None:
    at = history.desk.now - timedelta(minutes=INCIDENT_MINUTES_AGO)
    while True:
        building = history.desk.building_of(draw_occupant(history, "lift_down").tenant)
        callers = history.draw_neighbours(building, at)
        if len(callers) >= INCIDENT_CALLERS:
            history.tell_incident(building, "lift_down", callers[:INCIDENT_CALLERS], at=at, closed_at=None)
            return


def promise(history: History) -> None:
    """The agent said that somebody would ring back within the hour."""
    desk = history.desk
    caller, agent = draw_occupant(history, "leak_pipe"), desk.staff.agents[0]
    call = history.write_call(caller, desk.now - timedelta(minutes=18), Call.Outcome.CALLBACK, agent=agent)
    desk.streams.callbacks.add(call, agent, desk.now + timedelta(minutes=42), None, None)


def give_login(user: User, person: Person) -> None:
    user.person = person
    user.full_name = f"{person.given_name} {person.family_name}"
    user.save(update_fields=["person", "full_name"])
