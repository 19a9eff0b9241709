from datetime import date

import pytest

from privacy.working_days import is_public_holiday, is_working_day, next_working_day, public_holidays


def test_the_eleven_holidays_of_a_year():
    assert sorted(public_holidays(2026)) == [
        date(2026, 1, 1),
        date(2026, 4, 6),  # Easter Monday
        date(2026, 5, 1),
        date(2026, 5, 8),
        date(2026, 5, 14),  # Ascension
        date(2026, 5, 25),  # Whit Monday
        date(2026, 7, 14),
        date(2026, 8, 15),
        date(2026, 11, 1),
        date(2026, 11, 11),
        date(2026, 12, 25),
    ]


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 3, 10), True),  # Tuesday
        (date(2026, 3, 14), False),  # Saturday
        (date(2026, 3, 15), False),  # Sunday
        (date(2026, 5, 1), False),  # Friday
        (date(2026, 12, 25), False),  # Friday
        (date(2026, 12, 26), False),  # Saturday; in Alsace-Moselle a holiday as well
        (date(2023, 12, 26), True),  # a Tuesday: the Nord is not Alsace
        (date(2026, 4, 3), True),  # Good Friday, neither
    ],
)
def test_a_working_day_is_neither_weekend_nor_holiday(day, works):
    assert is_working_day(day) is works


def test_a_holiday_is_one_also_on_a_weekend():
    assert is_public_holiday(date(2026, 8, 15))  # a Saturday
    assert not is_public_holiday(date(2026, 8, 22))


@pytest.mark.parametrize(
    ("day", "following"),
    [
        (date(2026, 3, 10), date(2026, 3, 11)),
        (date(2026, 4, 2), date(2026, 4, 3)),  # Maundy Thursday
        (date(2026, 4, 3), date(2026, 4, 7)),  # over Easter, and its Monday
        (date(2026, 4, 5), date(2026, 4, 7)),
        (date(2026, 12, 31), date(2027, 1, 4)),  # a holiday, then a weekend, of the next year
    ],
)
def test_the_next_working_day(day, following):
    assert next_working_day(day) == following
