"""Who a request may be about: apps say how the people whose records they hold are searched for and called."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Model

MOST_FOUND = 20


@dataclass(frozen=True)
class Candidate:
    """A record, in words that tell it from its namesakes."""

    number: int
    name: str
    details: str


@dataclass(frozen=True)
class Finder:
    search: Callable[[str], list[Candidate]]
    name_of: Callable[[Model], str]


finders: list[Finder] = []


def searched_by(finder: Finder) -> None:
    finders.append(finder)


def search(text: str) -> list[Candidate]:
    """Restricted people too: their rights are theirs."""
    return [found for finder in finders for found in finder.search(text)][:MOST_FOUND] if text.strip() else []


def name_of(person: Model) -> str:
    return next((name for finder in finders if (name := finder.name_of(person))), str(person))
