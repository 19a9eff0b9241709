"""People as lines of results: who, at which number, and where they live now."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple, Self

from django.db import connection
from django.db.models import Prefetch, Q, prefetch_related_objects

from accounts.models import Person, Phone, User
from interventions.models import Dwelling, SafetyAlert, Tenancy

NOWHERE = (None, None, None, None, None, None, None, None, None)  # what a tenancy would tell


class FoundPerson(NamedTuple):
    pk: int
    title: str
    family_name: str
    given_name: str
    number: str | None
    tenant_reference: str | None
    landlord: str | None
    residence: str | None
    street: str | None
    postcode: str | None
    city: str | None
    staircase: str | None
    floor: str | None
    door: str | None
    alert: bool  # a safety alert on the person, the dwelling or the residence

    @property
    def full_name(self) -> str:
        return Person(title=self.title, family_name=self.family_name, given_name=self.given_name).full_name

    @property
    def place(self) -> str:
        return Dwelling.place_of(self.staircase or "", self.floor or "", self.door or "")

    @property
    def address(self) -> str:
        return f"{self.street}, {self.postcode} {self.city}" if self.street else ""

    @classmethod
    def of(cls, person: Person, *, alert: bool) -> Self:
        """From a person whose `phones` and current `tenancies` are there already."""
        who = (person.pk, person.title, person.family_name, person.given_name)
        number = next((phone.number for phone in person.phones.all()), None)
        tenancy = next(iter(person.tenancies.all()), None)
        if tenancy is None:
            return cls(*who, number, *NOWHERE, alert)
        dwelling, residence = tenancy.dwelling, tenancy.dwelling.residence
        return cls(
            *who,
            number,
            tenancy.reference,
            tenancy.landlord.name,
            residence.name,
            residence.street,
            residence.postcode,
            residence.city,
            dwelling.staircase,
            dwelling.floor,
            dwelling.door,
            alert,
        )


def found_people(people: Iterable[Person], *, user: User, on: date) -> list[FoundPerson]:
    """Each of them once, in this order, with the tenancy of that day if `user` may see it. Three queries at most."""
    once = list(dict.fromkeys(people))
    if user.is_desk:
        return _read(THESE, on=on, limit=len(once), ids=[person.pk for person in once]) if once else []
    tenancies = Tenancy.objects.visible_to(user).current(on=on).select_related("landlord", "dwelling__residence")
    prefetch_related_objects(
        once,
        Prefetch("phones", Phone.objects.order_by("pk")),
        Prefetch("tenancies", tenancies.order_by("-since_on", "-pk")),
    )
    alerted = people_with_alerts(once, on=on)
    return [FoundPerson.of(person, alert=person.pk in alerted) for person in once]


def people_with_alerts(people: list[Person], *, on: date) -> set[int]:
    """Those whom a safety alert is about, or the place where they live (their `tenancies` are there already)."""
    homes = {person: [tenancy.dwelling for tenancy in person.tenancies.all()] for person in people}
    dwellings = [dwelling for found in homes.values() for dwelling in found]
    about = SafetyAlert.objects.active(on=on).filter(
        Q(person__in=people) | Q(dwelling__in=dwellings) | Q(residence__in={home.residence_id for home in dwellings})
    )
    alerts = list(about.values_list("person", "dwelling", "residence"))
    named = {person for person, _, _ in alerts}
    places = {(dwelling, None) for _, dwelling, _ in alerts} | {(None, residence) for _, _, residence in alerts}
    return {
        person.pk
        for person, found in homes.items()
        if person.pk in named or any({(home.pk, None), (None, home.residence_id)} & places for home in found)
    }


def people_beginning_with(text: str, *, on: date, limit: int) -> list[FoundPerson]:
    """Everyone whose family name begins so, then whose given name does. For the desk, which sees everyone."""
    return _read(BEGINNING, on=on, limit=limit, text=text)


def people_with_number_ending(ending: str, *, on: date, limit: int) -> list[FoundPerson]:
    """Everyone with such a number. For the desk, which sees everyone."""
    return _read(ENDING, on=on, limit=limit, text=ending)


def _read(people: str, *, on: date, limit: int, **asked: Any) -> list[FoundPerson]:
    with connection.cursor() as cursor:
        cursor.execute(CARDS.format(people=people), {"on": on, "limit": limit, **asked})
        return [FoundPerson._make(row) for row in cursor.fetchall()]


# What is asked at every key is written by hand: building it through the ORM took as long again as running it.

BEGINNING = """
    (SELECT id, title, family_name, given_name, 1 AS rank, name_key AS key
     FROM accounts_person
     WHERE merged_into_id IS NULL AND name_key LIKE NULLIF(search_key(%(text)s), '') || '%%'
       AND id <> ALL(ARRAY(SELECT person_id FROM privacy_restriction WHERE lifted_at IS NULL))
     ORDER BY name_key, id LIMIT %(limit)s)
    UNION ALL
    (SELECT id, title, family_name, given_name, 2, given_name_key
     FROM accounts_person
     WHERE merged_into_id IS NULL
       AND given_name_key LIKE NULLIF(search_key(%(text)s), '') || '%%'
       AND name_key NOT LIKE NULLIF(search_key(%(text)s), '') || '%%'
       AND id <> ALL(ARRAY(SELECT person_id FROM privacy_restriction WHERE lifted_at IS NULL))
     ORDER BY given_name_key, id LIMIT %(limit)s)
"""
THESE = """
    SELECT id, title, family_name, given_name, array_position(%(ids)s::bigint[], id) AS rank, '' AS key
    FROM accounts_person WHERE id = ANY(%(ids)s)
"""
ENDING = """
    SELECT id, title, family_name, given_name, 1 AS rank, name_key AS key
    FROM accounts_person
    WHERE merged_into_id IS NULL
      AND id IN (SELECT person_id FROM accounts_phone WHERE reversed_number LIKE reverse(%(text)s) || '%%')
      AND id <> ALL(ARRAY(SELECT person_id FROM privacy_restriction WHERE lifted_at IS NULL))
"""
CARDS = """
    SELECT person.id, person.title, person.family_name, person.given_name, phone.number,
           home.reference, home.landlord, home.residence, home.street, home.postcode, home.city,
           home.staircase, home.floor, home.door,
           EXISTS (SELECT FROM interventions_safetyalert AS alert
                   WHERE %(on)s BETWEEN alert.starts_on AND alert.expires_on
                     AND (alert.person_id = person.id OR alert.dwelling_id = home.dwelling_id
                          OR alert.residence_id = home.residence_id))
    FROM ({people} ORDER BY rank, key, id LIMIT %(limit)s) AS person
    LEFT JOIN LATERAL (
        SELECT number FROM accounts_phone WHERE person_id = person.id ORDER BY id LIMIT 1
    ) AS phone ON true
    LEFT JOIN LATERAL (
        SELECT tenancy.reference, landlord.name AS landlord, residence.name AS residence, residence.street,
               residence.postcode, residence.city, dwelling.staircase, dwelling.floor, dwelling.door,
               dwelling.id AS dwelling_id, residence.id AS residence_id
        FROM interventions_tenancy AS tenancy
        JOIN interventions_landlord AS landlord ON landlord.id = tenancy.landlord_id
        JOIN interventions_dwelling AS dwelling ON dwelling.id = tenancy.dwelling_id
        JOIN interventions_residence AS residence ON residence.id = dwelling.residence_id
        WHERE tenancy.person_id = person.id
          AND tenancy.since_on <= %(on)s AND (tenancy.until_on IS NULL OR tenancy.until_on >= %(on)s)
        ORDER BY tenancy.since_on DESC, tenancy.id DESC LIMIT 1
    ) AS home ON true
    ORDER BY person.rank, person.key, person.id
"""
