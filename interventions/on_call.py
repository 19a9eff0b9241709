"""The on-call rota (astreintes): its shifts, who hands over to whom, and where nobody is on call."""

from collections import defaultdict
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from interventions.models import Landlord, OnCallShift, Provider, Residence
from interventions.problems import PROBLEMS, Priority, Trade
from privacy.locks import only_one

LOOK_AHEAD = timedelta(days=60)
EVER = datetime.max.replace(tzinfo=UTC)

# Where a landlord's contract names none: those in which somebody's life or home may depend on the hour.
EMERGENCY_TRADES = tuple(
    trade
    for trade in Trade
    if any(
        Priority.EMERGENCY in (problem.priority, *(question.raises_to for question in problem.questions))
        for problem in PROBLEMS
        if problem.trade == trade
    )
)


class OnCallError(Exception):
    """Nothing was changed. The message says why, in French."""


class OverlappingShift(OnCallError):
    def __init__(self, other: OnCallShift) -> None:
        begins, ends = timezone.localtime(other.starts_at), timezone.localtime(other.ends_at)
        super().__init__(
            f"{other.provider} a déjà le rang {other.rank} du {begins:%d/%m à %H:%M} au {ends:%d/%m à %H:%M}, pour "
            f"{', '.join(other.trade_labels).lower()}. Changez l’heure ou le rang."
        )


# Shifts ---------------------------------------------------------------------------------------------------------------


@transaction.atomic
def keep_shift(shift: OnCallShift) -> OnCallShift:
    """Save a new or a changed shift. Raises OverlappingShift when its rank is taken for a part of it."""
    only_one("on_call")
    refuse_overlap(shift)
    shift.save()
    return shift


def refuse_overlap(shift: OnCallShift) -> None:
    same_rank = (
        OnCallShift.objects.between(shift.starts_at, shift.ends_at)
        .filter(rank=shift.rank, trades__overlap=shift.trades)
        .exclude(pk=shift.pk)
        .select_related("provider")
        .prefetch_related("provider__landlords")
    )
    for other in same_rank:
        if share(shift.sectors, other.sectors) and share(
            shift.provider.landlords.all(), other.provider.landlords.all()
        ):
            raise OverlappingShift(other)


def share(some: Iterable[object], others: Iterable[object]) -> bool:
    """Whether two lists have something in common, where an empty one means everything."""
    some, others = set(some), set(others)
    return not some or not others or bool(some & others)


@transaction.atomic
def hand_over(
    shift: OnCallShift,
    *,
    to: Provider,
    starts_at: datetime,
    ends_at: datetime,
    number: str = "",
    by: User,
    now: datetime,
) -> OnCallShift:
    """
    Another provider takes the shift over, whole or for a part of it: what is left before and after stays as it was.

    Returns the part that was handed over. Raises OnCallError when it is not a part of the shift, OverlappingShift.
    """
    only_one("on_call")
    current = OnCallShift.objects.select_related("provider").filter(pk=shift.pk).first()
    if current is None:
        raise OnCallError("Cette astreinte a été retirée ou reprise entre-temps. Relisez le calendrier.")
    if current.provider == to:
        raise OnCallError(f"{to} a déjà cette astreinte.")
    if not current.starts_at <= starts_at < ends_at <= current.ends_at:
        raise OnCallError("La reprise commence avant sa fin, et tient dans l’astreinte.")
    part, before, after = copy(current), copy(current), copy(current)
    part.provider, part.number = to, number
    part.starts_at, part.ends_at = starts_at, ends_at
    part.handed_over_from, part.handed_over_at, part.handed_over_by = current.provider, now, by
    before.ends_at, after.starts_at = starts_at, ends_at
    current.delete()
    refuse_overlap(part)
    for piece in (before, part, after):
        if piece.starts_at < piece.ends_at:
            piece.pk = None
            piece.save(force_insert=True)
    return part


# Gaps -----------------------------------------------------------------------------------------------------------------

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Need:
    """What a landlord's contract wants somebody on call for."""

    trade: str
    sector: str
    landlord: Landlord
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Gap:
    """Nobody is on call there then, for these landlords."""

    trade: Trade
    sector: str
    starts_at: datetime
    ends_at: datetime
    landlords: tuple[Landlord, ...]

    @property
    def lasts(self) -> timedelta:
        return self.ends_at - self.starts_at


def needs(*, since: datetime, until: datetime) -> list[Need]:
    """Each trade and sector of each landlord under contract, for as long as the contract runs."""
    sectors = defaultdict(list)
    for landlord_pk, sector in Residence.objects.order_by("sector").values_list("landlord", "sector").distinct():
        sectors[landlord_pk].append(sector)
    found = []
    for landlord in Landlord.objects.order_by("name"):
        begins = max(since, start_of(landlord.contract_from_on))
        ends = min(until, end_of(landlord.contract_until_on))
        if begins < ends:
            found += [
                Need(trade, sector, landlord, begins, ends)
                for trade in Trade
                if trade in (landlord.on_call_trades or EMERGENCY_TRADES)
                for sector in sectors[landlord.pk]
            ]
    return found


def gaps(*, since: datetime, until: datetime) -> list[Gap]:
    """When nobody who may be sent is on call, the nearest first."""
    shifts = list(
        OnCallShift.objects.between(since, until).select_related("provider").prefetch_related("provider__landlords")
    )
    found: dict[tuple[str, str, Span], list[Landlord]] = defaultdict(list)
    for need in needs(since=since, until=until):
        for span in uncovered(need, shifts):
            found[need.trade, need.sector, span].append(need.landlord)
    return sorted(
        (Gap(Trade(trade), sector, *span, tuple(landlords)) for (trade, sector, span), landlords in found.items()),
        key=lambda gap: (gap.starts_at, gap.ends_at, gap.trade.label, gap.sector),
    )


def uncovered(need: Need, shifts: list[OnCallShift]) -> list[Span]:
    """The parts of the need's time that no shift for it covers."""
    free, open_from = [], need.since
    for begins, ends in sorted(service_of(shift) for shift in shifts if serves(shift, need)):
        if begins > open_from:
            free.append((open_from, min(begins, need.until)))
        open_from = max(open_from, ends)
        if open_from >= need.until:
            return free
    return [*free, (open_from, need.until)]


def serves(shift: OnCallShift, need: Need) -> bool:
    landlords = shift.provider.landlords.all()
    return (
        need.trade in shift.trades
        and (not shift.sectors or need.sector in shift.sectors)
        and (not landlords or need.landlord in landlords)
        and shift.provider.is_active
        and not shift.provider.transfer_obstacle(on=timezone.localdate(shift.starts_at))
        and shift.starts_at < need.until
        and shift.ends_at > need.since
    )


def service_of(shift: OnCallShift) -> Span:
    """The shift's time, for as long as its provider's contract runs."""
    begins = shift.provider.contract_from_on
    return (
        max(shift.starts_at, start_of(begins)) if begins else shift.starts_at,
        min(shift.ends_at, end_of(shift.provider.contract_until_on)),
    )


def start_of(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.get_current_timezone())


def end_of(day: date | None) -> datetime:
    """Midnight after it, or never."""
    return start_of(day + timedelta(days=1)) if day else EVER
