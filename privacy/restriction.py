"""
What a restriction does while it lasts (GDPR article 18): the person's data are kept, and nothing else is done with
them. They leave lists, searches, figures and dispatch, and nothing is written on them.

Only what protects somebody's life passes (article 18(2)): which rows those are is the domain's to say.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet

from privacy.models import Restriction

Rows = TypeVar("Rows", bound=QuerySet[Any])

RESTRICTED = (
    "Les données de cette personne sont sous limitation\N{NO-BREAK SPACE}: elles sont gardées, et rien d’autre. "
    "Seule une urgence se traite. Le délégué à la protection des données peut lever la limitation."
)


class Restricted(PermissionDenied):
    """Somebody it is about has their data restricted. Nothing was changed; the page says `why`, in French."""

    why = RESTRICTED


def concerned(*paths: str) -> Q:
    """The rows in which one of these paths leads to somebody whose data are restricted."""
    restricted = Restriction.objects.active().values("person")
    found = Q(pk__in=[])
    for path in paths:
        found |= Q(**{f"{path}__in": restricted})
    return found


def unrestricted(rows: Rows, *paths: str, but: Q | None = None) -> Rows:
    """Without the rows about somebody whose data are restricted, `but` those that protect somebody's life."""
    hidden = concerned(*paths)
    return rows.exclude(hidden & ~but if but is not None else hidden)


def is_restricted(*people: "Model | int | None") -> bool:
    """Whether any of these people's data are."""
    numbers = [person.pk if isinstance(person, Model) else person for person in people if person is not None]
    return bool(numbers) and Restriction.objects.active().filter(person__in=numbers).exists()


def restricted_among(people: Iterable[int]) -> set[int]:
    """The numbers of those whose data are, in one query."""
    return set(Restriction.objects.active().filter(person__in=list(people)).values_list("person", flat=True))


def refuse_if_restricted(*people: "Model | int | None") -> None:
    """Raises Restricted."""
    if is_restricted(*people):
        raise Restricted
