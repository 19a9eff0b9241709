"""What each right puts on the page that leads through any of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from privacy.models import RightsRequest
from privacy.rights import (
    access,
    automated_decisions,
    automated_decisions_desk,
    objection,
    portability,
    post_mortem,
    rectification_desk,
    restriction,
    withdrawal,
    workflow,
)

Right = RightsRequest.Right


@dataclass(frozen=True)
class Handling:
    """
    `part(request, by=…, now=…)` gives what the partial `template` shows before anything happens. What is granted is
    carried out by one click (`execute`, called with the request, `by` and `now`), on a page of its own (`page`, the
    name of its URL with the request's number), or in the part itself, which then decides too (`decides`). One of the
    `reasons` is chosen with the click.
    """

    template: str
    part: Callable[..., dict[str, Any]]
    execute: Callable[..., object] | None = None
    page: str = ""
    to_do: str = "Exécuter ce qui est accordé"
    decides: bool = False
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_a_click(self) -> bool:
        return self.execute is not None


def planned(plan: Callable[..., Any]) -> Callable[..., dict[str, Any]]:
    def part(request: RightsRequest, *, by: AbstractBaseUser, now: datetime) -> dict[str, Any]:
        return {"asked": request, "plan": plan(request, now=now)}

    return part


def nothing(request: RightsRequest, *, by: AbstractBaseUser, now: datetime) -> dict[str, Any]:
    return {"asked": request}


def inform(request: RightsRequest, *, by: AbstractBaseUser | None, now: datetime) -> None:
    """The answer itself is the information (articles 13 and 14)."""
    workflow.note_executed(request, by=by, now=now)


HANDLINGS: dict[str, Handling] = {
    Right.INFORMATION: Handling("admin/requests/plan_information.html", nothing, inform, to_do="Informer"),
    Right.ACCESS: Handling(
        "admin/requests/plan_copy.html", planned(access.plan), page="admin:rights_package", to_do="Remettre la copie"
    ),
    Right.RECTIFICATION: Handling("admin/requests/rectification.html", rectification_desk.part, decides=True),
    Right.ERASURE: Handling(
        "admin/requests/plan_erasure.html", nothing, page="admin:rights_erasure", to_do="Effacer selon le plan"
    ),
    Right.OBJECTION: Handling(
        "admin/requests/plan_objection.html",
        planned(objection.plan),
        objection.execute,
        to_do="Faire cesser cet usage",
    ),
    Right.WITHDRAWAL: Handling(
        "admin/requests/plan_withdrawal.html", planned(withdrawal.plan), withdrawal.execute, to_do="Retirer l’accord"
    ),
    Right.RESTRICTION: Handling(
        "admin/requests/plan_restriction.html",
        planned(restriction.plan),
        restriction.execute,
        to_do="Mettre les données de côté",
        reasons={key: str(reason.label) for key, reason in restriction.ASKED_FOR.items()},
    ),
    Right.PORTABILITY: Handling(
        "admin/requests/plan_copy.html",
        planned(portability.plan),
        page="admin:rights_package",
        to_do="Remettre la copie",
    ),
    Right.AUTOMATED_DECISION: Handling(
        "admin/requests/automated_decision.html",
        automated_decisions_desk.part,
        automated_decisions.execute,
        to_do="Donner le résultat de la revue",
    ),
    Right.POST_MORTEM: Handling(
        "admin/requests/post_mortem.html",
        planned(post_mortem.plan),
        page="admin:rights_after_death_execute",
        to_do="Donner la suite choisie",
    ),
}


def handling_of(request: RightsRequest) -> Handling:
    return HANDLINGS[request.right]
