"""What is due, and from when, beside the plainest way to say it."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.declarations import Dataset, Expiry
from privacy.policy import Period
from privacy.registry import Registry, Rule
from privacy.retention.due import PARIS, due_on, due_rows, last_day_due, unexpired
from tests.privacy.sample.models import Bill, Contract, Ticket
from tests.privacy.sample.personal_data import BILL, TICKET

DAYS = st.dates(date(1999, 1, 1), date(2060, 12, 31))
MOMENTS = st.datetimes(datetime(1999, 1, 1), datetime(2060, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
PERIODS = st.one_of(
    st.builds(Period, months=st.integers(0, 40)),
    st.builds(Period, years=st.integers(1, 12)),
    st.builds(Period, days=st.integers(1, 60)),
)
SWITCHES = [datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2027, 10, 31, 1, tzinfo=UTC)]  # to summer time and back


def later(day, period):
    """So many months and years on, by counting them; the end of a shorter month stands for the days it lacks."""
    month = day.year * 12 + day.month - 1 + period.months + 12 * period.years
    year, month = divmod(month, 12)
    shifted = date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    return shifted + timedelta(days=period.days)


def in_paris(moment):
    """The civil day in Paris, from the European rule alone: two hours ahead between the last Sundays, else one."""

    def last_sunday(month):
        end = datetime(moment.year, month, 31, 1, tzinfo=UTC)
        return end - timedelta(days=(end.weekday() + 1) % 7)

    summer = last_sunday(3) <= moment < last_sunday(10)
    return (moment + timedelta(hours=2 if summer else 1)).date()


@given(MOMENTS, PERIODS)
@settings(max_examples=400, deadline=None)
def test_a_moment_is_due_so_long_after_its_day_in_paris(moment, period):
    assert due_on(moment, period) == later(in_paris(moment), period)


@given(DAYS, PERIODS)
@settings(max_examples=200, deadline=None)
def test_a_date_counts_from_its_end(day, period):
    assert due_on(day, period) == later(day + timedelta(days=1), period)


@given(DAYS, PERIODS)
@settings(max_examples=400, deadline=None)
def test_the_last_day_that_is_due_and_no_later_one(today, period):
    day = last_day_due(period, today=today)
    assert later(day, period) <= today < later(day + timedelta(days=1), period)


@pytest.mark.parametrize("year", [2027, 2028])
@pytest.mark.parametrize("period", [Period(months=3), Period(months=13), Period(months=14), Period(years=10)], ids=str)
def test_every_day_of_a_year(year, period):
    """Also of a leap year: what was due yesterday is due today, and each day becomes due on its own."""
    for number in range(366):
        day = date(year, 1, 1) + timedelta(days=number)
        noon = datetime(day.year, day.month, day.day, 11, tzinfo=UTC)
        due = due_on(noon, period)
        assert due == later(day, period)
        assert last_day_due(period, today=due) >= day > last_day_due(period, today=due - timedelta(days=1))


@pytest.mark.parametrize(
    ("clock", "period", "due"),
    [
        (datetime(2026, 11, 30, 12, tzinfo=UTC), Period(months=3), date(2027, 2, 28)),
        (datetime(2027, 11, 30, 12, tzinfo=UTC), Period(months=3), date(2028, 2, 29)),
        (datetime(2028, 2, 29, 12, tzinfo=UTC), Period(months=12), date(2029, 2, 28)),
        (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), Period(months=14), date(2028, 2, 29)),  # 23:59 in Paris
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), Period(months=14), date(2028, 3, 1)),  # midnight in Paris
        (datetime(2027, 6, 30, 21, 59, tzinfo=UTC), Period(months=3), date(2027, 9, 30)),  # summer: two hours ahead
        (datetime(2027, 6, 30, 22, 0, tzinfo=UTC), Period(months=3), date(2027, 10, 1)),
        (date(2025, 12, 31), Period(years=10), date(2036, 1, 1)),  # a financial year's last day counts whole
    ],
)
def test_ends_of_months_and_midnights(clock, period, due):
    assert due_on(clock, period) == due


def found(dataset, *, now):
    (expiry,) = dataset.expires
    return set(due_rows(Rule(dataset, expiry), registry=Registry(), now=now).values_list("pk", flat=True))


@pytest.mark.django_db
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_the_query_agrees_with_the_calendar_row_by_row(data):
    """On a real table: closed or not, under a shorter contract, a longer one or none, at any second around the day."""
    Ticket.objects.all().delete()
    contracts = {months: Contract.objects.create(months=months) for months in (None, 1, 6, 14, 36)}
    now = data.draw(MOMENTS | st.sampled_from(SWITCHES))
    around = st.integers(-3 * 86_400, 3 * 86_400)
    expected = set()
    for _ in range(20):
        months = data.draw(st.sampled_from(list(contracts)))
        ends = min(months or 14, 14)
        moment = (
            now
            - timedelta(days=data.draw(st.sampled_from([30, 182, 425, 426, 900])))
            - timedelta(seconds=data.draw(around))
        )
        closed = data.draw(st.booleans())
        ticket = Ticket.objects.create(
            contract=contracts[months],
            opened_at=moment - timedelta(days=40) if closed else moment,
            closed_at=moment if closed else None,
        )
        if later(in_paris(moment), Period(months=ends)) <= in_paris(now):
            expected.add(ticket.pk)
    assert found(TICKET, now=now) == expected


@pytest.mark.django_db
def test_dates_in_the_query_count_whole():
    rows = {
        closes_on: Bill.objects.create(closes_on=closes_on).pk
        for closes_on in (date(2025, 12, 30), date(2025, 12, 31), date(2026, 1, 1))
    }
    new_year = datetime(2036, 1, 1, tzinfo=PARIS)
    assert found(BILL, now=new_year - timedelta(seconds=1)) == {rows[date(2025, 12, 30)]}
    assert found(BILL, now=new_year) == {rows[date(2025, 12, 30)], rows[date(2025, 12, 31)]}


@pytest.mark.django_db
def test_a_period_that_ends_with_an_event_ends_at_that_second():
    at_once = Dataset(
        Ticket,
        "Tickets",
        data=(),
        not_personal=(),
        expires=(Expiry("providers", clock="closed_at", while_null="open"),),
    )
    closed_at = datetime(2027, 5, 4, 10, 30, tzinfo=UTC)
    ticket = Ticket.objects.create(opened_at=closed_at - timedelta(days=1), closed_at=closed_at)
    assert found(at_once, now=closed_at - timedelta(seconds=1)) == set()
    assert found(at_once, now=closed_at) == {ticket.pk}


@pytest.mark.django_db
def test_what_is_due_can_no_longer_be_read_though_it_is_still_there():
    closed_at = datetime(2027, 1, 31, 12, tzinfo=UTC)
    Ticket.objects.create(opened_at=closed_at, closed_at=closed_at)
    due_at = datetime(2028, 3, 31, tzinfo=PARIS)
    assert unexpired(Ticket.objects.all(), TICKET, now=due_at - timedelta(seconds=1)).count() == 1
    assert unexpired(Ticket.objects.all(), TICKET, now=due_at).count() == 0
    assert Ticket.objects.count() == 1
