"""The on-call rota drawn for a week or a month: a row a trade and sector, a bar a shift or the want of one."""

from calendar import monthrange
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby

from django.utils import timezone

from interventions.models import Landlord, OnCallShift
from interventions.on_call import Gap, needs, start_of
from interventions.problems import Trade
from privacy.working_days import is_public_holiday

WEEKDAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
LANE = 28  # pixels a bar has
EVERYWHERE = "Tous les secteurs"


@dataclass(frozen=True)
class Span:
    """The days that are shown, from one midnight in Paris to another."""

    first: date
    days: int
    is_month: bool

    @classmethod
    def week_of(cls, day: date) -> "Span":
        return cls(day - timedelta(days=day.weekday()), 7, is_month=False)

    @classmethod
    def month_of(cls, day: date) -> "Span":
        return cls(day.replace(day=1), monthrange(day.year, day.month)[1], is_month=True)

    @property
    def last(self) -> date:
        return self.first + timedelta(days=self.days - 1)

    @property
    def before(self) -> date:
        return self.first - timedelta(days=1)

    @property
    def after(self) -> date:
        return self.first + timedelta(days=self.days)

    @property
    def starts_at(self) -> datetime:
        return start_of(self.first)

    @property
    def ends_at(self) -> datetime:
        return start_of(self.after)

    def part(self, at: datetime) -> float:
        """Where a moment is, from 0 to 100; nights on which the clocks change are as long as they are."""
        whole = (self.ends_at - self.starts_at).total_seconds()
        return min(max((at - self.starts_at).total_seconds() / whole, 0), 1) * 100


@dataclass(frozen=True)
class Day:
    on: date
    x: str
    width: str
    middle: str
    label: str
    is_off: bool
    is_holiday: bool


@dataclass(frozen=True)
class Bar:
    """A shift, or a gap where there is none. `x` and `width` are percentages, `y` pixels."""

    shift: OnCallShift | None
    gap: Gap | None
    x: str
    width: str
    y: int


@dataclass
class Row:
    """Sectors with the same shifts and the same gaps."""

    sectors: list[str]
    shifts: list[OnCallShift]
    gaps: list[Gap]
    bars: list[Bar] = field(default_factory=list)
    lanes: list[list[tuple[float, float]]] = field(default_factory=list)

    @property
    def height(self) -> int:
        return max(len(self.lanes), 1) * LANE

    def draw(self, span: Span) -> None:
        for gap in self.gaps:
            self.put(span, gap.starts_at, gap.ends_at, gap=gap)
        for shift in self.shifts:
            self.put(span, shift.starts_at, shift.ends_at, shift=shift)

    def put(
        self,
        span: Span,
        starts_at: datetime,
        ends_at: datetime,
        *,
        shift: OnCallShift | None = None,
        gap: Gap | None = None,
    ) -> None:
        """Into the first lane that is free for all of it."""
        begins, ends = span.part(starts_at), span.part(ends_at)
        free = (
            number
            for number, taken in enumerate(self.lanes)
            if all(ends <= since or begins >= until for since, until in taken)
        )
        lane = next(free, len(self.lanes))
        if lane == len(self.lanes):
            self.lanes.append([])
        self.lanes[lane].append((begins, ends))
        self.bars.append(Bar(shift, gap, percent(begins), percent(ends - begins), lane * LANE))


@dataclass(frozen=True)
class Block:
    trade: Trade
    rows: list[Row]


@dataclass(frozen=True)
class Calendar:
    span: Span
    days: list[Day]
    blocks: list[Block]
    now: str  # where it is, nothing when it is not shown

    @property
    def holidays(self) -> list[date]:
        return [day.on for day in self.days if day.is_holiday]


def percent(part: float) -> str:
    return f"{part:.3f}%"


def days_of(span: Span) -> list[Day]:
    days = [span.first + timedelta(days=number) for number in range(span.days)]
    found = []
    for day in days:
        x, until = span.part(start_of(day)), span.part(start_of(day + timedelta(days=1)))
        found.append(
            Day(
                on=day,
                x=percent(x),
                width=percent(until - x),
                middle=percent((x + until) / 2),
                label=str(day.day) if span.is_month else f"{WEEKDAYS[day.weekday()]} {day.day}",
                is_off=day.weekday() >= 5,
                is_holiday=is_public_holiday(day),
            )
        )
    return found


def draw_calendar(span: Span, *, gaps: list[Gap], trade: str, sector: str, now: datetime) -> Calendar:
    """`gaps` are all that are known; `trade` and `sector` narrow the rows, blank ones show all."""
    shifts = list(
        OnCallShift.objects.between(span.starts_at, span.ends_at)
        .select_related("provider", "handed_over_from")
        .order_by("rank", "starts_at", "pk")
    )
    pairs = {(need.trade, need.sector) for need in needs(since=span.starts_at, until=span.ends_at)}
    for shift in shifts:
        for known in shift.trades:
            theirs = shift.sectors or [each for named, each in pairs if named == known] or [EVERYWHERE]
            pairs |= {(known, each) for each in theirs}
    shown = sorted(
        (Trade(each), place) for each, place in pairs if trade in ("", each) and sector in ("", place, EVERYWHERE)
    )
    order = list(Trade)
    shown.sort(key=lambda pair: (order.index(pair[0]), pair[1]))
    blocks = [
        Block(each, rows_of(span, each, [place for _, place in group], shifts=shifts, gaps=gaps))
        for each, group in groupby(shown, key=lambda pair: pair[0])
    ]
    here = percent(span.part(now)) if span.starts_at <= now < span.ends_at else ""
    return Calendar(span, days_of(span), blocks, here)


def rows_of(span: Span, trade: Trade, sectors: list[str], *, shifts: list[OnCallShift], gaps: list[Gap]) -> list[Row]:
    rows: list[Row] = []
    for sector in sectors:
        theirs = [shift for shift in shifts if trade in shift.trades and (not shift.sectors or sector in shift.sectors)]
        free = [
            gap
            for gap in gaps
            if (gap.trade, gap.sector) == (trade, sector)
            and gap.starts_at < span.ends_at
            and gap.ends_at > span.starts_at
        ]
        hours = [(gap.starts_at, gap.ends_at) for gap in free]
        alike = next(
            (
                row
                for row in rows
                if row.shifts == theirs and [(gap.starts_at, gap.ends_at) for gap in row.gaps] == hours
            ),
            None,
        )
        if alike:
            alike.sectors.append(sector)
        else:
            rows.append(Row([sector], theirs, free))
    for row in rows:
        row.draw(span)
    return rows


@dataclass(frozen=True)
class Hole:
    """Gaps of the same hours told together: each of these trades, in each of these sectors."""

    trades: tuple[Trade, ...]
    sectors: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    landlords: tuple[Landlord, ...]

    @property
    def trade_labels(self) -> str:
        return ", ".join(str(trade.label) for trade in self.trades)


def together(gaps: list[Gap]) -> list[Hole]:
    """In the order of time. What has not the same sectors is told apart."""
    of_trade: dict[tuple[datetime, datetime, Trade], list[Gap]] = defaultdict(list)
    for gap in gaps:
        of_trade[gap.starts_at, gap.ends_at, gap.trade].append(gap)
    alike: dict[tuple[datetime, datetime, tuple[str, ...]], list[Gap]] = defaultdict(list)
    for (starts_at, ends_at, _), found in of_trade.items():
        alike[starts_at, ends_at, tuple(dict.fromkeys(gap.sector for gap in found))] += found
    return [
        Hole(
            trades=tuple(dict.fromkeys(gap.trade for gap in found)),
            sectors=sectors,
            starts_at=starts_at,
            ends_at=ends_at,
            landlords=tuple(dict.fromkeys(landlord for gap in found for landlord in gap.landlords)),
        )
        for (starts_at, ends_at, sectors), found in alike.items()
    ]


def paris_date(text: str, *, now: datetime) -> date:
    """The day an address names, today for one that is none or is far away."""
    today = timezone.localdate(now)
    try:
        asked = date.fromisoformat(text)
    except ValueError:
        return today
    return asked if abs(asked.year - today.year) <= 5 else today
