"""Builds the residences and puts people into them."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from random import Random

from django.utils import timezone

from accounts.models import Assistance, Phone
from callcenter.demo import numbers, places
from callcenter.demo.desk import Desk
from callcenter.demo.drawing import Weighted
from callcenter.demo.estate import STILL_THERE, Building
from callcenter.demo.numbers import e164
from callcenter.demo.people import Identity, draw_identity
from callcenter.models import Call
from privacy.encryption import cipher

RESIDENCES = 60
PEOPLE_A_RESIDENCE = 333  # beyond 20,000 people there are more residences

CO_TENANT, SAME_NAME, VACANT, PREVIOUS_TENANT, RELATIVE = 0.17, 0.7, 0.03, 0.45, 0.13
RELATIONS = Weighted(
    {
        Call.Relation.RELATIVE.value: 70,
        Call.Relation.NEIGHBOUR.value: 12,
        Call.Relation.SOCIAL_WORKER.value: 8,
        Call.Relation.CARETAKER.value: 6,
        Call.Relation.OTHER.value: 4,
    }
)
ASSISTANCE = Weighted(
    {
        Assistance.PRIORITY.value: 30,
        Assistance.LONG_RING.value: 30,
        Assistance.ON_SITE_HELP.value: 15,
        Assistance.RELATIVE_FIRST.value: 12,
        Assistance.INTERPRETER.value: 8,
        Assistance.WRITTEN_CONTACT.value: 5,
    }
)
# How each kind of building is cut up: staircases or not, floors above the ground, doors a landing.
SHAPES = {"tower": (True, 11, 4), "block": (True, 4, 3), "small": (False, 3, 4)}


class Settling:
    """Builds the residences one after the other and puts people into them."""

    def __init__(self, desk: Desk) -> None:
        self.estate, self.streams, self.staff, self.rng = desk.estate, desk.streams, desk.staff, desk.rng
        self.since, self.today = desk.since, timezone.localdate(desk.now)
        self.free_numbers = numbers.people_numbers()
        self.tenancies_of = [0] * len(self.estate.landlords)
        self.secrets = [cipher().encrypt(code.encode()) for code in draw_codes(self.rng)]

    def settle(self, people: int, *, progress: Callable[[int], object]) -> None:
        for rank, quota in enumerate(shares(self.rng, people)):
            self.build(rank, quota)
            progress(quota)
            self.streams.send_when_many()

    def build(self, rank: int, quota: int) -> None:
        rng = self.rng
        landlord = rng.choices(range(len(self.estate.landlords)), weights=(35, 27, 22, 16))[0]
        sector = places.SECTORS.draw(rng)
        postcode, city = places.TOWNS_OF[sector].draw(rng)
        street = f"{rng.randrange(1, 180)} {places.STREET_KINDS.draw(rng)} {rng.choice(places.STREET_NAMES)}"
        name = places.RESIDENCE_NAMES[rank * 7 % len(places.RESIDENCE_NAMES)]
        reference = f"{postcode[2:]}-{rank + 1:04d}"
        pk = self.streams.residences.add(
            self.estate.landlords[landlord].pk, reference, name, street, postcode, city, sector
        )
        kind = places.BUILDINGS.draw(rng)
        building = Building(pk, landlord, kind, sector, self.equip(pk, kind))
        self.estate.buildings.append(building)
        self.populate(building, reference, quota)
        self.warn(residence=pk, chance=0.05)

    def equip(self, residence: int, kind: str) -> dict[str, int]:
        found: dict[str, int] = {}
        kinds = places.EQUIPMENT[kind]
        for equipment in kinds:
            twins = kinds.count(equipment) > 1
            label = (
                f"{equipment.label} {'pair' if equipment.value in found else 'impair'}" if twins else equipment.label
            )
            found[equipment.value] = self.streams.equipment.add(residence, equipment.value, label)
        for label in places.ACCESS_LABELS[: self.rng.randint(1, 3)] if kinds else ():
            self.streams.access_codes.add(residence, label, self.rng.choice(self.secrets))
        return found

    def populate(self, building: Building, reference: str, quota: int) -> None:
        rng, streams = self.rng, self.streams
        building.first_tenant = len(self.estate.tenants)
        last = streams.people.last_pk + quota
        layout = draw_layout(building.kind)
        while streams.people.last_pk < last:
            staircase, floor, door = next(layout)
            rank = streams.dwellings.last_pk
            dwelling = streams.dwellings.add(building.pk, f"{reference}-{rank % 10_000:04d}", staircase, floor, door)
            if rng.random() < VACANT:
                continue
            self.move_in(building, dwelling, room=lambda: last - streams.people.last_pk)
            self.warn(dwelling=dwelling, chance=0.012)
        building.tenants = len(self.estate.tenants) - building.first_tenant

    def move_in(self, building: Building, dwelling: int, *, room: Callable[[], int]) -> None:
        """The tenants of a dwelling, who lived there before if that is not long ago, and who calls for them."""
        rng = self.rng
        since = self.today - timedelta(days=min(int(rng.expovariate(1 / 3000)), 17_000) + 3)
        if (self.today - since).days < 1100 and room() > 1 and rng.random() < PREVIOUS_TENANT:
            left = since - timedelta(days=rng.randint(5, 70))
            self.add_tenant(building, dwelling, left - timedelta(days=rng.randint(200, 6000)), left)
        tenant = self.add_tenant(building, dwelling, since, None)
        if room() and rng.random() < CO_TENANT:
            self.add_tenant(building, dwelling, since, None, family=tenant if rng.random() < SAME_NAME else None)
        if room() and rng.random() < RELATIVE:
            self.add_relative(since, family=tenant if rng.random() < 0.5 else None)

    def add_tenant(
        self, building: Building, dwelling: int, since: date, until: date | None, family: Identity | None = None
    ) -> Identity:
        person, who = self.add_person(since, family=family)
        number = self.add_phones(person)
        landlord = building.landlord
        self.tenancies_of[landlord] += 1
        reference = places.LANDLORDS[landlord][2].format(self.tenancies_of[landlord] + 10_000)
        self.streams.tenancies.add(person, dwelling, self.estate.landlords[landlord].pk, reference, since, until)
        tenants = self.estate.tenants
        tenants.person.append(person)
        tenants.dwelling.append(dwelling)
        tenants.building.append(len(self.estate.buildings) - 1)
        tenants.since.append(since.toordinal())
        tenants.until.append(until.toordinal() if until else STILL_THERE)
        tenants.number.append(number)
        self.warn(person=person, chance=0.002)
        return who

    def add_relative(self, since: date, *, family: Identity | None) -> None:
        """Somebody who calls for the tenant added last."""
        relation = RELATIONS.draw(self.rng)
        person, _ = self.add_person(since, family=family if relation == Call.Relation.RELATIVE else None)
        number = next(self.free_numbers)
        self.streams.phones.add(person, e164(number), Phone.Kind.HOME.value)
        tenants, relatives = self.estate.tenants, self.estate.relatives
        if relation == Call.Relation.RELATIVE and self.rng.random() < 0.4:
            self.streams.phones.add(tenants.person[-1], e164(number), Phone.Kind.RELATIVE.value)
        relatives.person.append(person)
        relatives.tenant.append(len(tenants) - 1)
        relatives.number.append(number)
        relatives.relation.append(relation)

    def add_person(self, since: date, *, family: Identity | None) -> tuple[int, Identity]:
        rng = self.rng
        who = draw_identity(rng, family=family)
        assistance = (
            sorted({ASSISTANCE.draw(rng) for _ in range(rng.choice((1, 1, 1, 2)))}) if rng.random() < 0.06 else []
        )
        known_since = max(datetime.combine(since, time(7, 30), UTC), self.since)
        person = self.streams.people.add(
            who.title.value, who.family_name, who.given_name, who.email, who.language.value, assistance, known_since
        )
        return person, who

    def add_phones(self, person: int) -> int:
        """Most have one telephone, some two, a few none. Returns the first, or 0."""
        chance = self.rng.random()
        if chance < 0.04:
            return 0
        first = next(self.free_numbers)
        self.streams.phones.add(person, e164(first), Phone.Kind.HOME.value)
        if chance > 0.85:
            self.streams.phones.add(person, e164(next(self.free_numbers)), Phone.Kind.WORK.value)
        return first

    def warn(
        self, *, chance: float, residence: int | None = None, dwelling: int | None = None, person: int | None = None
    ) -> None:
        rng = self.rng
        if rng.random() > chance:
            return
        # Only a person bites or threatens; a building has asbestos.
        kinds = places.ALERTS[3:] if residence else places.ALERTS[:2] if person else places.ALERTS[:6]
        kind, instruction = rng.choice(kinds)
        starts_on = self.today - timedelta(days=rng.randint(10, 330))
        expires_on = starts_on + timedelta(days=rng.choice((90, 180, 365)))
        self.streams.alerts.add(
            residence,
            dwelling,
            person,
            kind.value,
            instruction,
            starts_on,
            expires_on,
            rng.choice(self.staff.supervisors),
        )


def draw_codes(rng: Random) -> list[str]:
    return [f"{rng.randrange(10_000):04d}{rng.choice(('', 'A', 'B'))}" for _ in range(40)]


def shares(rng: Random, people: int) -> list[int]:
    """How many people each residence has: some are twice as large as others, none is lost to rounding."""
    residences = max(RESIDENCES, people // PEOPLE_A_RESIDENCE)
    bounds = list(accumulate(rng.uniform(0.6, 1.4) for _ in range(residences)))
    ends = [round(people * bound / bounds[-1]) for bound in bounds]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]


def draw_layout(kind: str) -> Iterator[tuple[str, str, str]]:
    """Staircase, floor and door of one dwelling after the other."""
    if kind == "houses":
        yield from (("", "", str(2 * house + 1)) for house in range(1_000_000))
    staircases, floors, doors = SHAPES[kind]
    for rank in range(1_000_000):
        staircase, place = divmod(rank, (floors + 1) * doors)
        floor, door = divmod(place, doors)
        letter = chr(ord("A") + staircase % 26) + (str(staircase // 26 + 1) if staircase >= 26 else "")
        yield (
            letter if staircases else "",
            str(floor) if floor else "RDC",
            f"{floor}{door + 1:02d}" if staircases else str(place + 1),
        )
