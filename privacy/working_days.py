"""Working days of metropolitan France: Saturdays, Sundays and the eleven public holidays are not."""

from datetime import date, timedelta
from functools import cache

import holidays


@cache
def public_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("FR", years=year))


def is_public_holiday(day: date) -> bool:
    return day in public_holidays(day.year)


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and not is_public_holiday(day)


def next_working_day(day: date) -> date:
    """The first working day after `day`."""
    day += timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def previous_working_day(day: date) -> date:
    """The last working day before `day`."""
    day -= timedelta(days=1)
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day


def working_days_back(day: date, count: int) -> date:
    """The latest day since which `count` working days have begun, `day` among them."""
    while count:
        count -= is_working_day(day)
        day -= timedelta(days=1)
    return day
