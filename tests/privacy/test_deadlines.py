"""The legal clock, against dates worked out by hand and against an oracle that counts day by day."""

import os
from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.rights.deadlines import acknowledge_by, due_on, extended_due_on, reminders

D = date.fromisoformat


@pytest.mark.parametrize(
    ("received", "due", "extended"),
    [
        ("2026-01-31", "2026-03-02", "2026-04-30"),
        ("2026-04-01", "2026-05-04", "2026-07-01"),
        ("2026-04-14", "2026-05-15", "2026-07-15"),
        ("2025-12-25", "2026-01-26", "2026-03-25"),
    ],
)
def test_dates_worked_out_by_hand(received, due, extended):
    assert (due_on(D(received)), extended_due_on(D(received))) == (D(due), D(extended))


def easter(year: int) -> date:
    """Gauss's rule as Butcher wrote it down (1876)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def off(day: date) -> bool:
    """Article L3133-1 of the Code du travail, by hand."""
    fixed = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
    moving = {easter(day.year) + timedelta(days=days) for days in (1, 39, 50)}
    return day.weekday() >= 5 or (day.month, day.day) in fixed or day in moving


def oracle(received_on: date, months: int) -> date:
    """Month after month, then day after day."""
    year, month = received_on.year, received_on.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    day = date(year, month, min(received_on.day, monthrange(year, month)[1]))
    while off(day):
        day += timedelta(days=1)
    return day


@settings(max_examples=10_000 if os.environ.get("CI") else 500, deadline=None)
@given(st.dates(D("2018-05-25"), D("2060-12-31")))
def test_any_date(received_on):
    assert due_on(received_on) == oracle(received_on, 1)
    assert extended_due_on(received_on) == oracle(received_on, 3)


def test_the_acknowledgement_comes_within_two_working_days():
    assert acknowledge_by(D("2026-11-23")) == D("2026-11-25")
    assert acknowledge_by(D("2026-12-24")) == D("2026-12-29")  # over Christmas and a week-end


def test_the_dpo_is_reminded_three_times_and_on_the_day():
    assert reminders(D("2026-04-01")) == [D("2026-04-16"), D("2026-04-24"), D("2026-04-28"), D("2026-05-04")]
