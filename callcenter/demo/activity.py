"""The history of the calls, day by day, and what came of them."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from callcenter.calls import RING_BACK_WITHIN
from callcenter.demo import rhythm
from callcenter.demo.cases import OPENED, REFUSED, Case, Step, draw_answers, draw_steps, fits, write_case
from callcenter.demo.desk import SHIFT_HOURS, Desk
from callcenter.demo.drawing import Weighted
from callcenter.demo.estate import Building
from callcenter.demo.numbers import e164
from callcenter.demo.texts import (
    INCIDENT_CLOSED,
    ON_FOLLOW_UP,
    ON_INCIDENT,
    ON_INFORMATION,
    ON_REFERRED,
    ON_SHIFT,
)
from callcenter.models import Call, LogEntry
from callcenter.notices import CURRENT_NOTICE
from interventions.models import Status
from interventions.problems import PROBLEMS_BY_CODE
from interventions.triage import suggested_priority

# With the calls that follow from these, about 0.75 a person and year.
FIRST_CALLS_A_PERSON_AND_YEAR = 0.56
MISSED, FOR_ANOTHER, ASKS_AGAIN, HIDDEN_NUMBER = 0.06, 0.09, 0.4, 0.03
INCIDENTS_A_RESIDENCE_AND_YEAR = 0.3
NIGHT = (22, 6)

Outcome = Call.Outcome
OUTCOMES = Weighted(
    {
        Outcome.INTERVENTION: 50,
        Outcome.INFORMATION: 16,
        Outcome.REFERRED: 13,
        Outcome.CALLBACK: 5,
        Outcome.UNREACHED: 6,
        Outcome.WRONG_NUMBER: 8,
        Outcome.ABUSIVE: 1,
        Outcome.EMERGENCY_SERVICES: 1,
    }
)
NOBODY_KNOWN = frozenset({Outcome.UNREACHED, Outcome.WRONG_NUMBER, Outcome.ABUSIVE})
TALKING = {
    Outcome.INTERVENTION: (120, 520),
    Outcome.FOLLOW_UP: (45, 220),
    Outcome.INFORMATION: (40, 260),
    Outcome.REFERRED: (40, 200),
    Outcome.CALLBACK: (40, 150),
    Outcome.UNREACHED: (4, 20),
    Outcome.WRONG_NUMBER: (8, 35),
    Outcome.ABUSIVE: (10, 90),
    Outcome.EMERGENCY_SERVICES: (90, 400),
}
WORDS = {
    Outcome.FOLLOW_UP: (0.7, ON_FOLLOW_UP),
    Outcome.INFORMATION: (0.55, ON_INFORMATION),
    Outcome.REFERRED: (0.6, ON_REFERRED),
}
INCIDENT_PROBLEMS = Weighted({"lift_down": 45, "no_heating": 25, "no_hot_water": 18, "no_water": 12})
EQUIPMENT = {"lift_down": "lift", "no_heating": "boiler", "no_hot_water": "hot_water", "no_water": "water_pump"}


@dataclass(slots=True)
class Caller:
    """Who speaks, and for which tenant."""

    person: int
    tenant: int
    number: int
    on_behalf_of: int | None = None
    relation: str = ""


@dataclass(frozen=True)
class Interlude:
    """Something staged that happens at its moment among what is drawn."""

    at: datetime
    play: Callable[[], object]


class History:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.rng = desk.rng
        self.streams = desk.streams
        self.dialled: dict[int, list[str]] = {}
        self.tenant: Caller | None = None  # who signs in, once drawn
        for dialled in desk.estate.dialled:
            self.dialled.setdefault(dialled.landlord_id, []).append(dialled.number)

    def tell(self, *, interludes: Iterable[Interlude], progress: Callable[[int], object]) -> None:
        """
        From `since` to `now`, each interlude at its moment. What would lead beyond now is cut there: the present.
        """
        desk = self.desk
        usual = len(desk.estate.tenants) * FIRST_CALLS_A_PERSON_AND_YEAR / 365
        waiting = deque(sorted(interludes, key=lambda interlude: interlude.at))
        self.write_shifts()
        for day in rhythm.days(desk.since, desk.now):
            stormy = rhythm.is_stormy(day, self.rng)
            for at in rhythm.draw_moments(day, usual=usual, stormy=stormy, rng=self.rng):
                if desk.since <= at < desk.now:
                    while waiting and waiting[0].at <= at:
                        waiting.popleft().play()
                    self.ring(at, stormy=stormy)
            self.draw_incidents(rhythm.midnight_of(day))
            self.streams.send_when_many()
            progress(1)
        for interlude in waiting:
            interlude.play()

    # Shifts

    def write_shifts(self) -> None:
        desk = self.desk
        started_at = desk.since
        turns = [
            rhythm.midnight_of(day) + timedelta(hours=hour)
            for day in rhythm.days(desk.since, desk.now)
            for hour in SHIFT_HOURS
        ]
        # One that would begin within the hour is not taken yet: the open shift has something to tell.
        for ends_at in (turn for turn in turns if desk.since < turn < desk.now - timedelta(hours=1)):
            agent = desk.on_duty(started_at + timedelta(hours=1))
            shift = self.streams.shifts.add(started_at, agent, ends_at, agent)
            if self.rng.random() < 0.3:
                self.note_on_shift(shift, ends_at - timedelta(minutes=self.rng.randint(5, 300)), agent)
            started_at = ends_at
        desk.shift_started_at = started_at
        self.open_shift = self.streams.shifts.add(started_at, desk.staff.agents[0], None, None)

    def note_on_shift(self, shift: int, at: datetime, agent: int) -> None:
        self.streams.entries.add(
            None, None, None, shift, at, agent, LogEntry.Kind.NOTE.value, self.rng.choice(ON_SHIFT), ""
        )

    # Calls

    def ring(self, at: datetime, *, stormy: bool) -> None:
        caller = self.draw_caller(at)
        if caller is None:
            return
        if self.rng.random() < MISSED:
            self.miss(caller, at)
            return
        outcome = OUTCOMES.draw(self.rng)
        if outcome == Outcome.INTERVENTION:
            self.open_intervention(caller, at, stormy=stormy)
        elif outcome in NOBODY_KNOWN:
            self.write_call(caller, at, outcome, known=False)
        elif outcome == Outcome.CALLBACK:
            self.promise(caller, at)
        else:
            self.write_call(caller, at, outcome)

    def draw_caller(self, at: datetime) -> Caller | None:
        """Somebody who lives there at that moment, or who calls for them."""
        rng, tenants, relatives = self.rng, self.desk.estate.tenants, self.desk.estate.relatives
        day = at.toordinal()
        if relatives.person and rng.random() < FOR_ANOTHER:
            place = rng.randrange(len(relatives.person))
            tenant = relatives.tenant[place]
            if tenants.lives_there(tenant, on=day):
                return Caller(
                    relatives.person[place],
                    tenant,
                    relatives.number[place],
                    tenants.person[tenant],
                    relatives.relation[place],
                )
        for _ in range(20):
            tenant = rng.randrange(len(tenants))
            if tenants.lives_there(tenant, on=day):
                return Caller(tenants.person[tenant], tenant, tenants.number[tenant])
        return None

    def write_call(
        self,
        caller: Caller,
        at: datetime,
        outcome: Call.Outcome,
        *,
        intervention: int | None = None,
        known: bool = True,
        outbound: bool = False,
        agent: int | None = None,
    ) -> int:
        rng, desk = self.rng, self.desk
        agent = agent or desk.on_duty(at)
        landlord = desk.estate.landlords[desk.building_of(caller.tenant).landlord].pk
        number = e164(caller.number) if caller.number and rng.random() > HIDDEN_NUMBER else ""
        answered_at = at if outbound else at + timedelta(seconds=3 + int(rng.expovariate(1 / 28)))
        ended_at = min(answered_at + timedelta(seconds=rng.randint(*TALKING[outcome])), max(desk.now, answered_at))
        informed = known and not outbound and rng.random() < 0.96
        asked = informed and rng.random() < 0.92
        accepted = asked and rng.random() < 0.72
        call = self.streams.calls.add(
            "outbound" if outbound else "inbound",
            "" if outbound else number,
            number if outbound else rng.choice(self.dialled[landlord]),
            landlord,
            caller.person if known else None,
            caller.on_behalf_of if known else None,
            caller.relation if known else "",
            agent,
            intervention,
            at,
            answered_at,
            ended_at,
            outcome.value,
            CURRENT_NOTICE if informed else "",
            answered_at + timedelta(seconds=6) if informed else None,
            ("accepted" if accepted else "refused") if asked else "",
            answered_at + timedelta(seconds=25) if asked else None,
        )
        chance, words = WORDS.get(outcome, (0, ()))
        if rng.random() < chance:
            self.streams.entries.add(
                call, None, None, None, ended_at, agent, LogEntry.Kind.TENANT.value, rng.choice(words), ""
            )
        return call

    def miss(self, caller: Caller, at: datetime) -> None:
        """Nobody was free. The number is rung back, and half of the time that opens an intervention."""
        if not caller.number:
            return
        rung_back_at = at + timedelta(seconds=self.rng.randint(180, 1500))
        if rung_back_at > self.desk.now:
            return
        gave_up_at = self.write_missed_call(caller, at, rung_back_at=rung_back_at)
        agent = self.desk.on_duty(rung_back_at)
        reached = self.rng.random() < 0.8
        self.write_call(
            caller,
            max(rung_back_at, gave_up_at),
            Outcome.INFORMATION if reached else Outcome.UNREACHED,
            known=reached,
            outbound=True,
            agent=agent,
        )

    def write_missed_call(self, caller: Caller, at: datetime, *, rung_back_at: datetime | None) -> datetime:
        landlord = self.desk.estate.landlords[self.desk.building_of(caller.tenant).landlord].pk
        gave_up_at = at + timedelta(seconds=self.rng.randint(15, 150))
        call = self.streams.calls.add(
            "inbound",
            e164(caller.number),
            self.dialled[landlord][0],
            landlord,
            None,
            None,
            "",
            None,
            None,
            at,
            None,
            gave_up_at,
            Outcome.MISSED.value,
            "",
            None,
            "",
            None,
        )
        agent = self.desk.on_duty(rung_back_at) if rung_back_at else None
        self.streams.callbacks.add(call, agent, gave_up_at + RING_BACK_WITHIN, rung_back_at, agent)
        return gave_up_at

    def promise(self, caller: Caller, at: datetime) -> None:
        agent = self.desk.on_duty(at)
        call = self.write_call(caller, at, Outcome.CALLBACK, agent=agent)
        promised_at = at + timedelta(minutes=self.rng.choice((30, 45, 60, 90, 120)))
        done_at = promised_at - timedelta(seconds=self.rng.randint(-900, 1200))
        if done_at > self.desk.now:
            self.streams.callbacks.add(call, agent, promised_at, None, None)
            return
        self.streams.callbacks.add(call, agent, promised_at, done_at, agent)
        if caller.number:
            self.write_call(caller, done_at, Outcome.INFORMATION, outbound=True, agent=agent)

    # Interventions

    def open_intervention(self, caller: Caller, at: datetime, *, stormy: bool) -> None:
        rng = self.rng
        local = self.desk.local(at)
        night = local.hour >= NIGHT[0] or local.hour < NIGHT[1]
        problem = PROBLEMS_BY_CODE[rhythm.draw_problem(rng, month=local.month, night=night, stormy=stormy)]
        if not fits(self.desk, caller.tenant, problem):
            problem = PROBLEMS_BY_CODE["leak_pipe"]
        agent = self.desk.on_duty(at)
        opened_at = at + timedelta(seconds=rng.randint(60, 200))
        if opened_at > self.desk.now:
            return
        answers = draw_answers(problem, rng)
        steps = draw_steps(suggested_priority(problem, answers), at=opened_at, rng=rng)
        intervention = write_case(
            self.desk, Case(caller.tenant, problem, steps, caller.person, caller.number, agent, answers)
        )
        self.write_call(caller, at, Outcome.INTERVENTION, intervention=intervention, agent=agent)
        self.ask_again(caller, intervention, steps)

    def ask_again(self, caller: Caller, intervention: int, steps: list[Step]) -> None:
        """Some call again before it is done."""
        begun, ended = steps[1].at, steps[-1].at
        if self.rng.random() > ASKS_AGAIN or len(steps) <= len(REFUSED):
            return
        at = begun + (min(ended, begun + timedelta(days=4)) - begun) * self.rng.uniform(0.15, 0.9)
        if at < self.desk.now - timedelta(minutes=10):
            self.write_call(caller, at, Outcome.FOLLOW_UP, intervention=intervention)

    # Incidents

    def draw_incidents(self, midnight: datetime) -> None:
        """Failures of a whole residence. All are over by now; the one that is not belongs to the present."""
        buildings = self.desk.estate.buildings
        expected = len(buildings) * INCIDENTS_A_RESIDENCE_AND_YEAR / 365
        for _ in range(int(expected + self.rng.random())):
            building = self.rng.choice(buildings)
            at = midnight + timedelta(hours=self.rng.uniform(6, 22))
            closed_at = at + timedelta(hours=self.rng.uniform(3, 40))
            code = INCIDENT_PROBLEMS.draw(self.rng)
            callers = self.draw_neighbours(building, at)
            if (
                len(callers) > 1
                and EQUIPMENT[code] in building.equipment
                and at > self.desk.since
                and closed_at < self.desk.now
            ):
                self.tell_incident(building, code, callers, at=at, closed_at=closed_at)

    def draw_neighbours(self, building: Building, at: datetime) -> list[Caller]:
        """Up to seven who live in one residence at that moment."""
        tenants = self.desk.estate.tenants
        places = range(building.first_tenant, building.first_tenant + building.tenants)
        return [
            Caller(tenants.person[place], place, tenants.number[place])
            for place in sorted(self.rng.sample(places, min(len(places), self.rng.randint(4, 7))))
            if tenants.lives_there(place, on=at.toordinal())
        ]

    def tell_incident(
        self, building: Building, code: str, callers: list[Caller], *, at: datetime, closed_at: datetime | None
    ) -> None:
        """The first call opens it, the others join within two hours, and closing it closes all."""
        desk, rng, problem = self.desk, self.rng, PROBLEMS_BY_CODE[code]
        opener = desk.on_duty(at)
        incident = self.streams.incidents.add(
            building.pk, building.equipment.get(EQUIPMENT[code]), code, at, opener, closed_at
        )
        for minutes in (4, 55):
            self.streams.entries.add(
                *(None, None, incident, None, at + timedelta(minutes=minutes), opener),
                *(LogEntry.Kind.INCIDENT.value, rng.choice(ON_INCIDENT), ""),
            )
        for rank, caller in enumerate(callers):
            called_at = at + timedelta(minutes=rng.uniform(rank * 8, rank * 18))
            agent = desk.on_duty(called_at)
            steps = [Step(status, called_at) for status in OPENED]
            if rank == 0:
                steps += [
                    Step(Status.DISPATCHED, called_at + timedelta(minutes=6)),
                    Step(Status.ACCEPTED, called_at + timedelta(minutes=15)),
                ]
            if closed_at:
                steps.append(Step(Status.CLOSED, closed_at, INCIDENT_CLOSED[0]))
            intervention = write_case(
                desk, Case(caller.tenant, problem, steps, caller.person, caller.number, agent, incident=incident)
            )
            self.write_call(
                caller, called_at - timedelta(seconds=90), Outcome.INTERVENTION, intervention=intervention, agent=agent
            )
