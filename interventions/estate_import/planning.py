"""
What a line changes in what is known.

- A residence, a dwelling and a tenancy are found by the landlord's references, a tenant by the tenancy.
- The tenant of a new tenancy is someone the landlord's tenancies already know if the name is the same and the e-mail
  or a phone too. Otherwise it is a new person.
- A cell changes what it says otherwise; an empty cell changes nothing. Phones are added, never removed. A name in the
  same letters is kept as it is, except that it gains accents.
- A file may describe one residence on a thousand lines: the first line counts, what others say otherwise is left.
- Only an exit date ends a tenancy. A tenancy that the file does not name stays as it is.
- A tenant reference that comes with another family name and another given name is refused: it is somebody else.
"""

from collections import ChainMap, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.db.models.functions import Lower

from accounts.models import Person, Phone
from interventions.estate_import.lines import EstateLine, fold
from interventions.models import Dwelling, Landlord, Residence, Tenancy
from privacy.restriction import restricted_among

MOBILE_PREFIXES = ("+336", "+337")


@dataclass
class Outcome:
    """What became of a line. The texts are in French and name nobody."""

    number: int
    created: dict[type[Model], str] = field(default_factory=dict)
    changed: dict[type[Model], tuple[str, list[str]]] = field(default_factory=dict)  # what, and which of its fields
    left: list[str] = field(default_factory=list)
    refusal: str = ""


@dataclass(eq=False)
class KnownPerson:
    person: Person
    numbers: set[str] = field(default_factory=set)
    described_at: int | None = None


@dataclass
class Described:
    """By which line of the file each thing was described first."""

    residences: ChainMap[str, int] = field(default_factory=ChainMap)
    dwellings: ChainMap[tuple[str, str], int] = field(default_factory=ChainMap)
    tenancies: ChainMap[str, int] = field(default_factory=ChainMap)
    people: dict[int, int] = field(default_factory=dict)

    def with_room_for_more(self) -> "Described":
        """What is added to it stays out of this one until `add`."""
        return Described(
            self.residences.new_child(), self.dwellings.new_child(), self.tenancies.new_child(), dict[int, int]()
        )

    def add(self, more: "Described") -> None:
        self.residences.update(more.residences.maps[0])
        self.dwellings.update(more.dwellings.maps[0])
        self.tenancies.update(more.tenancies.maps[0])
        self.people.update(more.people)


class Known:
    """The stored rows that some lines speak of."""

    def __init__(self, landlord: Landlord, lines: list[EstateLine]) -> None:
        references = {line.residence_reference for line in lines}
        self.residences = {row.reference: row for row in landlord.residences.filter(reference__in=references)}
        residence_references = {row.pk: row.reference for row in self.residences.values()}
        dwellings = Dwelling.objects.filter(
            residence__in=residence_references, reference__in={line.dwelling_reference for line in lines}
        )
        self.dwellings = {(residence_references[row.residence_id], row.reference): row for row in dwellings}
        tenancies = landlord.tenancies.filter(reference__in={line.tenant_reference for line in lines})
        self.tenancies = {row.reference: row for row in tenancies.select_related("person")}
        newcomers = [line for line in lines if line.tenant_reference not in self.tenancies]
        self.people = {row.person_id: KnownPerson(row.person) for row in self.tenancies.values()}
        for person in _people_reached_like(newcomers, landlord):
            self.people.setdefault(person.pk, KnownPerson(person))
        for person_id, number in Phone.objects.filter(person__in=self.people).values_list("person", "number"):
            self.people[person_id].numbers.add(number)
        self.restricted = restricted_among(self.people)
        self._reached: dict[tuple[str, str], KnownPerson] = {}
        for person_id in sorted(self.people):
            self.remember(self.people[person_id])

    def remember(self, known: KnownPerson) -> None:
        name_key = fold(f"{known.person.family_name} {known.person.given_name}")
        for reach in (known.person.email.lower(), *known.numbers):
            self._reached.setdefault((name_key, reach), known)

    def find_person(self, line: EstateLine) -> KnownPerson | None:
        name_key = fold(f"{line.family_name} {line.given_name}")
        reaches = filter(None, (line.email.lower(), *line.phones))
        return next(filter(None, (self._reached.get((name_key, reach)) for reach in reaches)), None)


def _people_reached_like(lines: list[EstateLine], landlord: Landlord) -> Iterable[Person]:
    numbers = {number for line in lines for number in line.phones}
    emails = {line.email.lower() for line in lines if line.email}
    by_number = Phone.objects.filter(number__in=numbers).values_list("person", flat=True)
    by_email = (
        Person.objects.alias(address=Lower("email"))
        .filter(address__in=emails)
        .exclude(email="")
        .values_list("pk", flat=True)
    )
    ids = {*by_number, *by_email}
    return Person.objects.current().filter(pk__in=ids, tenancies__landlord=landlord).distinct()


class Plan:
    """The rows to create and to change for some lines. A refused line leaves no trace in it."""

    def __init__(self, landlord: Landlord, lines: list[EstateLine], *, described: Described, now: datetime) -> None:
        self.landlord = landlord
        self.now = now
        self.known = Known(landlord, lines)
        self.described = described.with_room_for_more()
        self.created: dict[type[Model], list[Any]] = defaultdict(list)
        self.changed: dict[tuple[type[Model], tuple[str, ...]], list[Any]] = defaultdict(list)
        self._described_people: list[tuple[KnownPerson, int]] = []
        for pk, known in self.known.people.items():
            known.described_at = described.people.get(pk)

    def add(self, line: EstateLine) -> Outcome:
        tenancy = self.known.tenancies.get(line.tenant_reference)
        outcome = Outcome(line.number, refusal=self._refusal(line, tenancy))
        if not outcome.refusal:
            dwelling = self._plan_dwelling(line, self._plan_residence(line, outcome), outcome)
            self._plan_tenancy(line, tenancy, dwelling, outcome)
        return outcome

    def save(self) -> Described:
        """Returns by which line each thing was described, for the lines to come."""
        order: tuple[type[Model], ...] = (Residence, Dwelling, Person, Phone, Tenancy)
        for model in order:
            model._default_manager.bulk_create(self.created[model])
        for (model, names), rows in self.changed.items():
            model._default_manager.bulk_update(rows, names, batch_size=500)
        self.described.people = {known.person.pk: number for known, number in self._described_people}
        return self.described

    def _refusal(self, line: EstateLine, tenancy: Tenancy | None) -> str:
        if earlier := self.described.tenancies.get(line.tenant_reference):
            return f"référence de locataire déjà donnée ligne {earlier}"
        known = self.known.people[tenancy.person_id] if tenancy else self.known.find_person(line)
        if known is not None and known.person.pk in self.known.restricted:
            return "les données de ce locataire sont sous limitation, rien ne s’y change"
        if tenancy is None:
            return ""
        if is_somebody_else(line, tenancy.person):
            return "cette référence de locataire est celle d’une autre personne"
        until_on = line.until_on or tenancy.until_on
        if until_on and until_on < line.since_on:
            return "date d’entrée après la date de sortie déjà enregistrée"
        return ""

    def _plan_residence(self, line: EstateLine, outcome: Outcome) -> Residence:
        reference = line.residence_reference
        label = f"la résidence {reference}"
        values = {
            "name": line.residence_name,
            "street": line.street,
            "postcode": line.postcode,
            "city": line.city,
            "sector": line.sector,
        }
        residence = self.known.residences.get(reference)
        if residence is None:
            residence = Residence(landlord=self.landlord, reference=reference, **values)
            self.known.residences[reference] = residence
            self._create(residence, label, outcome)
        else:
            self._change(residence, values, label, outcome, described_at=self.described.residences.get(reference))
        self.described.residences.setdefault(reference, line.number)
        return residence

    def _plan_dwelling(self, line: EstateLine, residence: Residence, outcome: Outcome) -> Dwelling:
        key = (line.residence_reference, line.dwelling_reference)
        label = f"le logement {line.dwelling_reference}"
        values = {"staircase": line.staircase, "floor": line.floor, "door": line.door}
        dwelling = self.known.dwellings.get(key)
        if dwelling is None:
            dwelling = Dwelling(residence=residence, reference=line.dwelling_reference, **values)
            self.known.dwellings[key] = dwelling
            self._create(dwelling, label, outcome)
        else:
            self._change(dwelling, values, label, outcome, described_at=self.described.dwellings.get(key))
        self.described.dwellings.setdefault(key, line.number)
        return dwelling

    def _plan_tenancy(self, line: EstateLine, tenancy: Tenancy | None, dwelling: Dwelling, outcome: Outcome) -> None:
        label = f"la location {line.tenant_reference}"
        known = self.known.people[tenancy.person_id] if tenancy else self.known.find_person(line)
        known = self._plan_person(line, known, outcome)
        values = {"dwelling": dwelling, "since_on": line.since_on, "until_on": line.until_on}
        if tenancy is None:
            tenancy = Tenancy(landlord=self.landlord, reference=line.tenant_reference, person=known.person, **values)
            self._create(tenancy, label, outcome)
        else:
            if dwelling.pk == tenancy.dwelling_id:
                del values["dwelling"]
            self._change(tenancy, values, label, outcome)
        self.described.tenancies[line.tenant_reference] = line.number

    def _plan_person(self, line: EstateLine, known: KnownPerson | None, outcome: Outcome) -> KnownPerson:
        label = f"le locataire {line.tenant_reference}"
        if known is None:
            person = Person(
                title=line.title,
                family_name=line.family_name,
                given_name=line.given_name,
                email=line.email,
                created_at=self.now,
            )
            known = KnownPerson(person)
            self._create(person, label, outcome)
        else:
            self._change(
                known.person, changed_identity(line, known.person), label, outcome, described_at=known.described_at
            )
        new_numbers = [number for number in dict.fromkeys(line.phones) if number not in known.numbers]
        for number in new_numbers:
            kind = Phone.Kind.MOBILE if number.startswith(MOBILE_PREFIXES) else Phone.Kind.HOME
            self.created[Phone].append(Phone(person=known.person, number=number, kind=kind))
        if new_numbers and Person not in outcome.created:
            outcome.changed.setdefault(Person, (label, []))[1].append("téléphone")
        known.numbers.update(new_numbers)
        self.known.remember(known)
        if known.described_at is None:
            known.described_at = line.number
            self._described_people.append((known, line.number))
        return known

    def _create(self, row: Model, label: str, outcome: Outcome) -> None:
        self.created[type(row)].append(row)
        outcome.created[type(row)] = label

    def _change(
        self,
        row: Model,
        values: dict[str, Any],
        label: str,
        outcome: Outcome,
        *,
        described_at: int | None = None,
    ) -> None:
        differing = {name: value for name, value in values.items() if value and getattr(row, name) != value}
        if not differing:
            return
        if described_at:
            outcome.left.append(f"{label} comme à la ligne {described_at}")
            return
        for name, value in differing.items():
            setattr(row, name, value)
        self.changed[type(row), tuple(differing)].append(row)
        labels = {field.name: str(field.verbose_name) for field in row._meta.fields}
        outcome.changed[type(row)] = (label, [labels[name] for name in differing])


def is_somebody_else(line: EstateLine, person: Person) -> bool:
    """Neither the family name nor the given name is theirs, not even the one in the other's column."""
    family, given = fold(line.family_name), fold(line.given_name)
    known_family, known_given = fold(person.family_name), fold(person.given_name)
    swapped = (family, given) == (known_given, known_family)
    return family != known_family and (not given or given != known_given) and not swapped


def changed_identity(line: EstateLine, person: Person) -> dict[str, str]:
    return {
        "title": line.title,
        "family_name": better_spelling(line.family_name, person.family_name),
        "given_name": better_spelling(line.given_name, person.given_name),
        "email": "" if line.email.lower() == person.email.lower() else line.email,
    }


def better_spelling(new: str, known: str) -> str:
    """In the same letters, accents are gained and never lost."""
    gains_accents = known.isascii() and not new.isascii()
    return new if fold(new) != fold(known) or gains_accents else known
