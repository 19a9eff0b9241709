"""The right of access (GDPR article 15): a copy of everything, and what, why, until when, for whom, from where."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from privacy.models import ExportPackage, RightsRequest
from privacy.rights import packages, workflow
from privacy.rights.gather import Whole
from privacy.rights.readers import readers_of
from privacy.rights.workflow import RequestError
from privacy.subjects import Holding


@dataclass(frozen=True)
class Plan:
    """What the copy would hold, over which records of the person, and how far it is."""

    holdings: list[Holding]
    other_records: list[int]
    package: ExportPackage | None
    addresses: list[str]

    @property
    def rows(self) -> int:
        return sum(holding.count for holding in self.holdings)


def plan(request: RightsRequest, *, now: datetime) -> Plan:
    if request.person is None:
        return Plan([], [], None, [])
    whole = Whole.of(request)
    return Plan(
        holdings=whole.holdings(now=now),
        other_records=sorted(whole.also),
        package=ExportPackage.objects.filter(request=request).first(),
        addresses=readers_of(request),
    )


@transaction.atomic
def execute(request: RightsRequest, *, by: AbstractBaseUser, now: datetime, to: str = "") -> dict[str, int]:
    """
    Release the copy, once it is read again and built: the link goes `to` a known address, the first one if left out.

    Raises RequestError before that.
    """
    package = ExportPackage.objects.filter(request=request).first()
    if package is None:
        raise RequestError("Préparez d’abord la copie.")
    known = readers_of(request)
    if not known:
        raise RequestError("Aucune adresse ni aucun mobile de cette personne n’est connu.")
    packages.release(package, to=to or known[0], by=by, now=now)
    counts = {"rows": package.total, "files": package.files}
    workflow.note_executed(request, by=by, now=now, **counts)
    return counts
