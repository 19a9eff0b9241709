"""The one search box: the shape of what was typed says where to look."""

import re
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q

from accounts.models import Person, PersonQuerySet, User
from accounts.phones import ending_of
from accounts.search_keys import question
from callcenter.found_people import FoundPerson, found_people, people_beginning_with, people_with_number_ending
from interventions.models import Intervention, Residence, SafetyAlert, Tenancy

NUMBER = re.compile(r"[0-9+(][0-9 .,/()+-]*")
INTERVENTION = re.compile(r"I ?[0-9]+", re.IGNORECASE)
SHORTEST_NAME = 3  # letters, before anything is suggested


@dataclass(frozen=True)
class SearchResults:
    people: list[FoundPerson]
    residences: list[Residence]
    interventions: list[Intervention]

    def __bool__(self) -> bool:
        return bool(self.people or self.residences or self.interventions)


def search(text: str, *, user: User, on: date, limit: int = 20) -> SearchResults:
    """
    All that `user` may see of what was typed: a telephone number or its end, a name even misspelled, an address, the
    reference of a tenant or of an intervention. `on` is the day whose tenancies are shown. Six queries at most.
    """
    asked = question(text)
    interventions = Intervention.objects.visible_to(user).with_reference(asked).select_related("residence", "dwelling")
    if INTERVENTION.fullmatch(asked):
        return SearchResults([], [], [*interventions])
    people = search_people(text, user=user, on=on, limit=limit)
    if NUMBER.fullmatch(asked):
        return SearchResults(people, [], [*interventions])
    alerts = SafetyAlert.objects.active(on=on).filter(residence=OuterRef("pk"))
    residences = Residence.objects.visible_to(user).at_address(asked).annotate(alert=Exists(alerts))
    return SearchResults(people, [*residences.select_related("landlord")[:limit]], [])


def search_people(text: str, *, user: User, on: date, limit: int = 20) -> list[FoundPerson]:
    """The people among them. Five queries at most."""
    asked = question(text)
    everyone = people_visible_to(user, on=on).current()
    references = Tenancy.objects.visible_to(user).with_reference(asked).order_by()
    tenants = everyone.filter(pk__in=references.values("person"))
    if NUMBER.fullmatch(asked):
        people = [*everyone.with_phone(asked)[:limit], *tenants[:limit]]
    else:
        people = [*everyone.named(asked)[:limit], *tenants[:limit]] or [*everyone.sounding_like(asked)[:limit]]
    return found_people(people, user=user, on=on)[:limit]


def suggest(text: str, *, user: User, on: date, limit: int = 10) -> list[FoundPerson]:
    """
    People, as the desk types: from the third letter or the fourth digit. Nobody for other roles.

    Names that begin so; names that sound so only where there is none.
    """
    text = question(text)
    if not user.is_desk:
        return []
    if NUMBER.fullmatch(text):
        ending = ending_of(text)
        return people_with_number_ending(ending, on=on, limit=limit) if ending else []
    if sum(char.isalnum() for char in text) < SHORTEST_NAME:
        return []
    if found := people_beginning_with(text, on=on, limit=limit):
        return found
    alike = Person.objects.visible_to(user).current().sounding_like(text)
    return found_people(alike[:limit], user=user, on=on)


def people_visible_to(user: User, *, on: date) -> PersonQuerySet:
    """The desk sees everyone, a landlord's manager those who live in its estate that day, a tenant themselves."""
    if user.is_desk:
        return Person.objects.visible_to(user)
    lives_there = Tenancy.objects.visible_to(user).current(on=on).filter(person=OuterRef("pk"))
    return Person.objects.filter(Q(pk__in=Person.objects.visible_to(user).values("pk")) | Exists(lives_there))
