"""When the desk's telephone rings, and about what: the hour, the day of the week, the season, the weather."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from random import Random

from django.utils import timezone

from callcenter.demo.drawing import Weighted
from privacy.working_days import is_working_day

# The landlords' own offices take part of the calls of working hours; the evening is the desk's.
HOURS = Weighted(
    dict(enumerate((12, 8, 6, 5, 6, 9, 18, 32, 45, 44, 42, 40, 44, 40, 38, 40, 46, 62, 84, 88, 78, 60, 40, 22)))
)
HOURS_OFF = Weighted(
    dict(enumerate((17, 12, 9, 7, 6, 8, 14, 30, 54, 66, 70, 66, 58, 54, 56, 58, 62, 70, 80, 78, 68, 54, 40, 26)))
)
MONTHS = (1.30, 1.20, 1.05, 0.92, 0.85, 0.84, 0.88, 0.80, 0.92, 1.08, 1.18, 1.25)
DAY_OFF = 1.2
STORMY = {1: 0.06, 2: 0.06, 3: 0.04, 7: 0.03, 8: 0.03, 10: 0.04, 11: 0.06, 12: 0.06}
STORM = 1.7

PROBLEMS = {
    "leak_pipe": 14,
    "leak_ceiling": 11,
    "blocked_drain": 9,
    "no_water": 3,
    "power_cut": 8,
    "electric_danger": 2.5,
    "no_heating": 12,
    "no_hot_water": 9,
    "gas_smell": 1.2,
    "co_alarm": 0.6,
    "lift_trapped": 1.5,
    "lift_down": 5,
    "locked_out": 5,
    "broken_in": 1.5,
    "entrance_stuck": 5,
    "broken_window": 2.5,
    "roof_leak": 1.5,
    "lighting_common": 4,
    "no_tv": 2,
    "pests": 3,
    "fire": 0.3,
    "danger_common": 1.2,
}
HEATING_SEASON = (2.6, 2.3, 1.6, 0.8, 0.25, 0.05, 0.03, 0.03, 0.25, 1.6, 2.0, 2.5)
PEST_SEASON = (0.4, 0.4, 0.5, 0.8, 1.3, 2.0, 2.6, 2.6, 1.8, 0.9, 0.5, 0.4)
# What can wait is not reported in the night.
WAITS_FOR_THE_DAY = ("no_tv", "pests", "broken_window", "lighting_common", "leak_pipe", "blocked_drain")


def is_stormy(day: date, rng: Random) -> bool:
    return rng.random() < STORMY.get(day.month, 0.005)


def draw_moments(day: date, *, usual: float, stormy: bool, rng: Random) -> list[datetime]:
    """The moments of a day's calls, in order. `usual` is how many come on an average day."""
    works = is_working_day(day)
    expected = usual * MONTHS[day.month - 1] * (1 if works else DAY_OFF) * (STORM if stormy else 1)
    count = max(0, int(rng.gauss(expected, expected**0.5) + rng.random()))
    hours = HOURS if works else HOURS_OFF
    midnight = midnight_of(day)
    return sorted(midnight + timedelta(hours=hours.draw(rng), seconds=rng.randrange(3600)) for _ in range(count))


def midnight_of(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.get_default_timezone()).astimezone(UTC)


def days(since: datetime, until: datetime) -> Iterator[date]:
    day = timezone.localdate(since)
    while day <= timezone.localdate(until):
        yield day
        day += timedelta(days=1)


def draw_problem(rng: Random, *, month: int, night: bool, stormy: bool) -> str:
    return problems(month, night, stormy).draw(rng)


@cache
def problems(month: int, night: bool, stormy: bool) -> Weighted[str]:
    weights = dict(PROBLEMS)
    weights["no_heating"] *= HEATING_SEASON[month - 1]
    weights["pests"] *= PEST_SEASON[month - 1]
    if night:
        weights.update({code: weights[code] * 0.25 for code in WAITS_FOR_THE_DAY})
        weights["locked_out"] *= 2
    if stormy:
        weights.update({"roof_leak": 25, "power_cut": 18, "danger_common": 6, "leak_ceiling": 18, "no_tv": 6})
    return Weighted(weights)
