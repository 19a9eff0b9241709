"""Landlords, residences and who lives there."""

from array import array
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from accounts.models import User
from callcenter.demo import numbers, places
from callcenter.demo.instructions import EVERYWHERE, INSTRUCTIONS
from callcenter.demo.numbers import e164
from callcenter.demo.people import draw_identity
from interventions.models import DialledNumber, Instruction, Landlord, LandlordContact, Provider
from interventions.models.providers import Article28

SPENDING_LIMIT = 300  # euros before tax, without asking the landlord
STILL_THERE = date.max.toordinal()


@dataclass(slots=True)
class Building:
    """A residence, as the rest of the generator needs it."""

    pk: int
    landlord: int  # its place in Estate.landlords
    kind: str
    sector: str
    equipment: dict[str, int]
    first_tenant: int = 0
    tenants: int = 0


@dataclass
class Tenants:
    """One item a tenancy, in arrays: a million of them take 40 MB."""

    person: array = field(default_factory=lambda: array("q"))
    dwelling: array = field(default_factory=lambda: array("q"))
    building: array = field(default_factory=lambda: array("l"))
    since: array = field(default_factory=lambda: array("l"))
    until: array = field(default_factory=lambda: array("l"))
    number: array = field(default_factory=lambda: array("q"))

    def __len__(self) -> int:
        return len(self.person)

    def lives_there(self, index: int, *, on: int) -> bool:
        return self.since[index] <= on <= self.until[index]


@dataclass
class Relatives:
    """People who call for a tenant, in arrays."""

    person: array = field(default_factory=lambda: array("q"))
    tenant: array = field(default_factory=lambda: array("l"))
    number: array = field(default_factory=lambda: array("q"))
    relation: list[str] = field(default_factory=list)


@dataclass
class Estate:
    landlords: list[Landlord]
    dialled: list[DialledNumber]
    providers: dict[str, list[int]]  # by trade
    buildings: list[Building] = field(default_factory=list)
    tenants: Tenants = field(default_factory=Tenants)
    relatives: Relatives = field(default_factory=Relatives)


def create_landlords(*, today: date, manager: User) -> list[Landlord]:
    landlords = []
    for rank, (name, code, _, years) in enumerate(places.LANDLORDS):
        street, postcode, city, siren = places.LANDLORD_OFFICES[code]
        landlord = Landlord.objects.create(
            name=name,
            code=code,
            contract_from_on=date(today.year - 4 - rank, 1, 1),
            contract_until_on=date(today.year + years, 12, 31) if years else None,
            retention_months=places.SHORTER_RETENTION.get(code),
            on_call_trades=places.ON_CALL_TRADES.get(code, []),
            billing_street=street,
            billing_postcode=postcode,
            billing_city=city,
            siren=siren,
            vat_number=vat_number(siren),
        )
        DialledNumber.objects.create(landlord=landlord, number=e164(numbers.DESK + 1201 + rank))
        DialledNumber.objects.create(landlord=landlord, number=e164(numbers.DESK + 1251 + rank))
        for place, (position, mailbox) in enumerate(places.LANDLORD_CONTACTS):
            person = draw_identity(Random(f"{code} {position}"))
            LandlordContact.objects.create(
                landlord=landlord,
                name=f"{person.given_name} {person.family_name}",
                position=position,
                number=e164(numbers.COMPANIES + 100 * (rank + 1) + 10 + place),
                email=f"{mailbox}@{code}.example",
            )
        create_instructions(landlord)
        landlords.append(landlord)
    landlords[0].managers.add(manager)
    return landlords


def vat_number(siren: str) -> str:
    """A French one is the SIREN behind two digits that check it."""
    return f"FR{(12 + 3 * int(siren)) % 97:02d}{siren}"


def create_instructions(landlord: Landlord) -> None:
    for trade, problem, days, (from_time, until_time), action, minutes, refer_to in (
        EVERYWHERE + INSTRUCTIONS[landlord.code]
    ):
        Instruction.objects.create(
            landlord=landlord,
            trade=trade,
            problem=problem,
            days=days,
            from_time=from_time,
            until_time=until_time,
            action=action,
            on_site_minutes=minutes,
            refer_to=refer_to,
        )


def create_providers(*, checked_by: User, today: date) -> dict[str, list[int]]:
    """
    Each trade's providers; one that takes more of the work comes more than once. One contract ends soon, one lacks
    points of article 28.
    """
    by_trade: dict[str, list[int]] = {}
    for rank, (name, trades, share) in enumerate(places.PROVIDERS):
        provider = Provider.objects.create(
            name=name,
            trades=[trade.value for trade in trades],
            number=e164(numbers.COMPANIES + 5000 + 37 * rank),
            email=f"depannage{rank + 1}@prestataire.example",
            contract_from_on=date(today.year - 3, 1, 1),
            contract_until_on=today + timedelta(days=41) if name == places.CONTRACT_ENDS else None,
            spending_limit=SPENDING_LIMIT,
            article_28=Article28.values[: places.CLAUSES_READ.get(name)],
            checked_on=date(today.year, 1, 15) - timedelta(days=rank),
            checked_by=checked_by,
        )
        for trade in trades:
            by_trade.setdefault(trade.value, []).extend([provider.pk] * share)
    return by_trade
