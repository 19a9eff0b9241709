"""
Who may be sent to an intervention, in which order and why: the landlord's rules first, then who is on call, then the
others who can, the least busy first. These are suggestions: a person decides (GDPR article 22).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Count, QuerySet, prefetch_related_objects
from django.utils import timezone

from interventions.models import DispatchRule, Intervention, Landlord, OnCallShift, Provider, Status, Transition
from interventions.models.interventions import WITHOUT_PROVIDER
from interventions.problems import PROBLEMS_BY_CODE, Problem, Trade
from interventions.triage import covers
from privacy.retention.due import paris_day

NBSP = "\N{NO-BREAK SPACE}"
FAIR_OVER = timedelta(days=30)

# Whoever had the job was there: they may be sent again.
WAS_THERE = frozenset({Status.NO_ACCESS, Status.FOLLOW_ON, Status.DONE})


class Source(StrEnum):
    RULE = "rule"
    ON_CALL = "on_call"
    ABLE = "able"


@dataclass(frozen=True)
class Job:
    """What has to be done, for whom and where: all that a suggestion depends on, with the moment."""

    landlord: Landlord
    sector: str
    problem: Problem

    @classmethod
    def of(cls, intervention: Intervention) -> "Job":
        return cls(intervention.landlord, intervention.residence.sector, intervention.problem)


@dataclass(frozen=True)
class Candidate:
    """A provider to suggest. `rank` 1 is the best; `reason` says why, in French."""

    provider: Provider
    number: str
    reason: str
    rank: int
    source: Source


@dataclass(frozen=True)
class SetAside:
    """
    A provider who would have come up, and why not, in French. `asked`: only because they had their chance, so that
    an agent may insist.
    """

    provider: Provider
    number: str
    reason: str
    source: Source
    asked: bool


@dataclass(frozen=True)
class Weighing:
    candidates: list[Candidate]
    set_aside: list[SetAside]

    @property
    def choosable(self) -> list[Candidate | SetAside]:
        """Whom an agent may send: the candidates, then who was asked already."""
        return [*self.candidates, *(one for one in self.set_aside if one.asked)]


def candidates(intervention: Intervention, *, now: datetime) -> list[Candidate]:
    """Who may be sent there now, best first. Never who was asked for it already, nor who has it."""
    return weigh_for(intervention, now=now).candidates


def weigh_for(intervention: Intervention, *, now: datetime) -> Weighing:
    return weigh(Job.of(intervention), at=now, asked=asked_already(intervention))


def weigh(job: Job, *, at: datetime, asked: Mapping[int, datetime] | None = None) -> Weighing:
    """Everyone who comes up at that moment, in order. `asked`: providers who had their chance, and when."""
    asked = asked or {}
    proposals = coming_up(job, at=at)
    prefetch_related_objects([provider for provider, *_ in proposals], "landlords")
    found: dict[int, Candidate] = {}
    aside: dict[int, SetAside] = {}
    for provider, number, reason, source in proposals:
        if provider.pk in found or provider.pk in aside:
            continue
        obstacle = obstacle_to(provider, job=job, source=source, at=at)
        if obstacle:
            aside[provider.pk] = SetAside(provider, number, obstacle, source, asked=False)
        elif provider.pk in asked:
            when = timezone.localtime(asked[provider.pk])
            already = f"Déjà sollicité pour cette intervention, le {when:%d/%m à %H:%M}."
            aside[provider.pk] = SetAside(provider, number, already, source, asked=True)
        else:
            found[provider.pk] = Candidate(provider, number, reason, len(found) + 1, source)
    return Weighing(list(found.values()), list(aside.values()))


def coming_up(job: Job, *, at: datetime) -> list[tuple[Provider, str, str, Source]]:
    """Rules, then the rota, then the others, whether or not anything stands in the way."""
    shifts = shifts_for(job, at=at)
    numbers = {shift.provider_id: shift.number_to_call for shift in reversed(shifts)}
    return [
        *(
            (rule.provider, numbers.get(rule.provider_id, rule.provider.number), rule_reason(rule), Source.RULE)
            for rule in rules_for(job, at=at)
        ),
        *((shift.provider, shift.number_to_call, shift_reason(shift), Source.ON_CALL) for shift in shifts),
        *((provider, provider.number, reason, Source.ABLE) for provider, reason in others_for(job, at=at)),
    ]


def obstacle_to(provider: Provider, *, job: Job, source: Source, at: datetime) -> str:
    """
    Why nobody may be sent from there, in French; empty when nothing stands in the way.

    A rule or a shift says itself for which trade and where; of the others their sectors are asked.
    """
    day = paris_day(at)
    if not provider.is_active:
        return "N’est plus en service."
    if provider.contract_from_on and provider.contract_from_on > day:
        return f"Son contrat ne commence que le {provider.contract_from_on:%d/%m/%Y}."
    if provider.contract_until_on and provider.contract_until_on < day:
        return f"Son contrat s’est terminé le {provider.contract_until_on:%d/%m/%Y}."
    landlords = provider.landlords.all()
    if landlords and job.landlord not in landlords:
        return f"Ne travaille pas pour {job.landlord}."
    if source == Source.ABLE and provider.sectors and job.sector not in provider.sectors:
        return f"Ne va pas dans ce secteur ({job.sector or 'sans nom'})."
    return provider.transfer_obstacle(on=day)


def asked_already(intervention: Intervention) -> dict[int, datetime]:
    """
    Providers it was dispatched to who have it now, or of whom nothing came: refused, did not answer or gave it up.

    Who was there may be sent again; once it is reopened, so may everybody.
    """
    asked: dict[int, datetime] = {}
    holder = 0
    for to_status, provider, at in intervention.transitions.values_list("to_status", "provider", "at"):
        if to_status == Status.DISPATCHED and provider is not None:
            holder = provider
            asked[provider] = at
        elif to_status in WAS_THERE:
            asked.pop(holder, None)
        elif to_status == Status.REOPENED:
            asked.clear()
    return asked


# Rules ----------------------------------------------------------------------------------------------------------------


def rules_for(job: Job, *, at: datetime) -> list[DispatchRule]:
    """Those of the landlord that fit, the most precise first: the problem before its trade, then sector, then hours."""
    rules = DispatchRule.objects.about(
        landlord=job.landlord, problem=job.problem.code, trade=job.problem.trade, sector=job.sector
    )
    fitting = [rule for rule in rules.select_related("provider", "landlord") if covers(rule, at=at)]
    return sorted(fitting, key=lambda rule: ([not said for said in precision(rule)], rule.rank, rule.pk))


def precision(rule: DispatchRule) -> tuple[bool, ...]:
    return (
        bool(rule.problem),
        bool(rule.trade),
        bool(rule.sector),
        rule.from_time is not None,
        rule.days != DispatchRule.Days.ANY,
    )


def rule_reason(rule: DispatchRule) -> str:
    return f"Règle de {rule.landlord}{NBSP}: {rule_words(rule)}"


def rule_words(rule: DispatchRule) -> str:
    """``plomberie, Cambrésis, tous les jours de 20:00 à 07:00``."""
    if rule.problem:
        what = f"« {PROBLEMS_BY_CODE[rule.problem].label} »"
    else:
        what = Trade(rule.trade).label.lower() if rule.trade else "tout problème"
    when = rule.get_days_display().lower()
    if rule.from_time and rule.until_time:
        when += f" de {rule.from_time:%H:%M} à {rule.until_time:%H:%M}"
    return ", ".join(part for part in (what, rule.sector, when) if part)


# The rota -------------------------------------------------------------------------------------------------------------


def shifts_for(job: Job, *, at: datetime) -> list[OnCallShift]:
    shifts = OnCallShift.objects.at(at).about(trade=job.problem.trade, sector=job.sector)
    return list(shifts.select_related("provider").order_by("rank", "starts_at", "pk"))


def shift_reason(shift: OnCallShift) -> str:
    order = "" if shift.rank == 1 else f" (rang {shift.rank})"
    return f"D’astreinte{order} jusqu’au {timezone.localtime(shift.ends_at):%d/%m à %H:%M}"


# The others -----------------------------------------------------------------------------------------------------------


def others_for(job: Job, *, at: datetime) -> list[tuple[Provider, str]]:
    """Of that trade, who has the least in hand, then who was sent the least of late; each with these two numbers."""
    providers = list(Provider.objects.filter(trades__contains=[job.problem.trade]).order_by("name"))
    in_hand = counts(Intervention.objects.open().exclude(status__in=WITHOUT_PROVIDER), of=providers)
    of_late = counts(Transition.objects.filter(at__gt=at - FAIR_OVER, at__lte=at), of=providers)
    providers.sort(key=lambda provider: (in_hand.get(provider.pk, 0), of_late.get(provider.pk, 0)))
    return [(provider, load_words(in_hand.get(provider.pk, 0), of_late.get(provider.pk, 0))) for provider in providers]


def counts(rows: QuerySet[Any], *, of: list[Provider]) -> dict[int, int]:
    return dict(rows.filter(provider__in=of).order_by().values_list("provider").annotate(Count("pk")))


def load_words(in_hand: int, of_late: int) -> str:
    busy = "rien en cours" if not in_hand else f"{in_hand} en cours"
    return f"Du métier{NBSP}: {busy}, {of_late or 'aucune'} en {FAIR_OVER.days} jours"
