"""The on-call rota drawn for a week or a month: a row a trade and sector, a bar a shift or the want of one."""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby

from django.utils import timezone

from interventions.models import OnCallShift
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
    sector: str
    bars: list[Bar] = field(default_factory=list)
    lanes: list[float] = field(default_factory=list)  # where each is free from

    @property
    def height(self) -> int:
        return max(len(self.lanes), 1) * LANE

    def put(self, span: Span, begins: datetime, ends: datetime, *, shift: OnCallShift | None, gap: Gap | None) -> None:
        """Into the first lane that is free."""
        x, until = span.part(begins), span.part(ends)
        lane = next((number for number, free_from in enumerate(self.lanes) if free_from <= x), len(self.lanes))
        self.lanes[lane : lane + 1] = [until]
        self.bars.append(Bar(shift, gap, percent(x), percent(until - x), lane * LANE))


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
        Block(each, [draw_row(span, each, place, shifts=shifts, gaps=gaps) for _, place in group])
        for each, group in groupby(shown, key=lambda pair: pair[0])
    ]
    here = percent(span.part(now)) if span.starts_at <= now < span.ends_at else ""
    return Calendar(span, days_of(span), blocks, here)


def draw_row(span: Span, trade: Trade, sector: str, *, shifts: list[OnCallShift], gaps: list[Gap]) -> Row:
    row = Row(sector)
    for gap in gaps:
        shown = gap.starts_at < span.ends_at and gap.ends_at > span.starts_at
        if shown and (gap.trade, gap.sector) == (trade, sector):
            row.put(span, gap.starts_at, gap.ends_at, shift=None, gap=gap)
    for shift in shifts:
        if trade in shift.trades and (not shift.sectors or sector in shift.sectors):
            row.put(span, shift.starts_at, shift.ends_at, shift=shift, gap=None)
    return row


def paris_date(text: str, *, now: datetime) -> date:
    """The day an address names, today for one that is none or is far away."""
    today = timezone.localdate(now)
    try:
        asked = date.fromisoformat(text)
    except ValueError:
        return today
    return asked if abs(asked.year - today.year) <= 5 else today
