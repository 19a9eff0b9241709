from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from interventions.models import Instruction
from interventions.problems import DEFAULT_TARGETS, PROBLEMS, PROBLEMS_BY_CODE, Priority, Trade
from interventions.triage import covers, instruction_for, next_opening, suggest, suggested_priority
from tests.factories import NOW, InstructionFactory, LandlordFactory

PARIS = ZoneInfo("Europe/Paris")
LEAK = PROBLEMS_BY_CODE["leak_ceiling"]
PIPE = PROBLEMS_BY_CODE["leak_pipe"]
GAS = PROBLEMS_BY_CODE["gas_smell"]
LIFT = PROBLEMS_BY_CODE["lift_down"]
Action, Days = Instruction.Action, Instruction.Days


def paris(*parts):
    return datetime(*parts, tzinfo=PARIS)


# Priorities -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("problem", "answers", "expected"),
    [
        (PIPE, {}, Priority.NORMAL),
        (PIPE, {"unstoppable": False}, Priority.NORMAL),
        (PIPE, {"unstoppable": True}, Priority.URGENT),
        (PIPE, {"unstoppable": True, "near_electricity": True}, Priority.EMERGENCY),
        (LEAK, {"neighbour_told": True}, Priority.URGENT),  # this one raises nothing
        (LEAK, {"of another script": True}, Priority.URGENT),
        (GAS, {}, Priority.EMERGENCY),
    ],
)
def test_answers_raise_the_priority_and_never_lower_it(problem, answers, expected):
    assert suggested_priority(problem, answers) == expected


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.code)
def test_no_answer_of_any_script_lowers_the_problems_own_priority(problem):
    order = list(DEFAULT_TARGETS)
    for question in problem.questions:
        raised = suggested_priority(problem, {question.code: True})
        assert order.index(raised) <= order.index(problem.priority)


def test_every_trade_has_a_problem_and_every_code_is_one_problems():
    assert {problem.trade for problem in PROBLEMS} == set(Trade)
    assert len(PROBLEMS_BY_CODE) == len(PROBLEMS)


# Days and hours -------------------------------------------------------------------------------------------------------


def window(days=Days.ANY, from_time=None, until_time=None):
    return Instruction(days=days, from_time=from_time, until_time=until_time)


NIGHT = {"from_time": time(20), "until_time": time(7)}


@pytest.mark.parametrize(
    ("at", "covered"),
    [
        (paris(2026, 3, 10, 19, 59, 59), False),
        (paris(2026, 3, 10, 20, 0), True),
        (paris(2026, 3, 10, 23, 59, 59), True),
        (paris(2026, 3, 11, 0, 0), True),
        (paris(2026, 3, 11, 6, 59, 59), True),
        (paris(2026, 3, 11, 7, 0), False),
        (datetime(2026, 3, 10, 19, 30, tzinfo=UTC), True),  # 20:30 in Paris
        (datetime(2026, 7, 10, 18, 30, tzinfo=UTC), True),  # 20:30 in summer
        (datetime(2026, 7, 10, 5, 30, tzinfo=UTC), False),  # 7:30
    ],
)
def test_a_window_may_pass_midnight(at, covered):
    assert covers(window(**NIGHT), at=at) is covered


def test_a_window_of_the_same_hour_twice_is_the_whole_day():
    assert covers(window(from_time=time(8), until_time=time(8)), at=paris(2026, 3, 10, 3, 0))


@pytest.mark.parametrize(
    ("utc", "covered"),
    [
        # 29 March 2026: at 2:00 the clocks of Paris go to 3:00
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), False),  # 1:59
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), False),  # 3:00: there was no 2:30
        # 25 October 2026: at 3:00 they go back to 2:00
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), True),  # 2:30, in summer time
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), True),  # 2:30 again
        (datetime(2026, 10, 25, 2, 0, tzinfo=UTC), False),  # 3:00
    ],
)
def test_on_the_nights_when_the_clocks_change_the_wall_clock_counts(utc, covered):
    assert covers(window(from_time=time(2), until_time=time(3)), at=utc) is covered


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 3, 10), True),
        (date(2026, 3, 14), False),  # Saturday
        (date(2026, 3, 15), False),
        (date(2026, 5, 1), False),  # Friday, holiday
        (date(2026, 12, 25), False),
        (date(2026, 12, 24), True),
    ],
)
def test_working_days_and_days_off_share_the_days(day, works):
    at = datetime.combine(day, time(12), PARIS)
    assert covers(window(Days.WORKING), at=at) is works
    assert covers(window(Days.OFF), at=at) is not works
    assert covers(window(Days.ANY), at=at)


def test_nights_of_working_days_and_whole_days_off_leave_no_gap():
    nights, off = window(Days.WORKING, time(17), time(8)), window(Days.OFF)
    monday, saturday = paris(2026, 3, 16, 3, 0), paris(2026, 3, 14, 3, 0)
    assert (covers(nights, at=monday), covers(off, at=monday)) == (True, False)
    assert (covers(nights, at=saturday), covers(off, at=saturday)) == (False, True)


HOLIDAYS_OF_2026 = {
    *((1, 1), (4, 6), (5, 1), (5, 8), (5, 14), (5, 25), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)),
}


def oracle(days, from_minute, until_minute, at):
    """Walk the window minute by minute, on the wall clock."""
    local = at.astimezone(PARIS)
    off = local.weekday() >= 5 or (local.month, local.day) in HOLIDAYS_OF_2026
    if (days == Days.WORKING and off) or (days == Days.OFF and not off):
        return False
    if from_minute is None:
        return True
    minutes = (until_minute - from_minute) % 1440 or 1440
    return local.hour * 60 + local.minute in {(from_minute + step) % 1440 for step in range(minutes)}


def clock(minute):
    return None if minute is None else time(minute // 60, minute % 60)


minutes = st.integers(0, 1439)


@given(
    days=st.sampled_from(Days),
    hours=st.none() | st.tuples(minutes, minutes),
    at=st.integers(0, 363 * 24 * 60).map(lambda minutes: datetime(2026, 1, 2, tzinfo=UTC) + timedelta(minutes=minutes)),
)
@example(days=Days.ANY, hours=(1200, 420), at=datetime(2026, 3, 29, 1, 0, tzinfo=UTC))
@example(days=Days.OFF, hours=(120, 180), at=datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
def test_covers_says_what_a_plain_walk_through_the_window_says(days, hours, at):
    begins, ends = hours or (None, None)
    assert covers(window(days, clock(begins), clock(ends)), at=at) is oracle(days, begins, ends, at)


# Which instruction ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_most_precise_instruction_wins():
    landlord = LandlordFactory()
    ladder = [
        InstructionFactory(landlord=landlord),
        InstructionFactory(landlord=landlord, days=Days.WORKING),
        InstructionFactory(landlord=landlord, **NIGHT),
        InstructionFactory(landlord=landlord, trade=Trade.PLUMBING),
        InstructionFactory(landlord=landlord, trade=Trade.PLUMBING, days=Days.WORKING),
        InstructionFactory(landlord=landlord, trade=Trade.PLUMBING, **NIGHT),
        InstructionFactory(landlord=landlord, problem=LEAK.code),
        InstructionFactory(landlord=landlord, problem=LEAK.code, **NIGHT),
    ]
    while ladder:
        assert instruction_for(landlord, LEAK, at=NOW) == ladder.pop()
        landlord.instructions.exclude(pk__in=[rung.pk for rung in ladder]).delete()
    assert instruction_for(landlord, LEAK, at=NOW) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "other",
    [
        {"problem": "lift_down"},
        {"trade": Trade.LIFT},
        {"days": Days.OFF},
        {"from_time": time(8), "until_time": time(18)},
    ],
)
def test_an_instruction_for_something_else_or_another_time_does_not_fit(other):
    landlord = LandlordFactory()
    InstructionFactory(landlord=landlord, **other)
    assert instruction_for(landlord, LEAK, at=NOW) is None


@pytest.mark.django_db
def test_another_landlords_instruction_does_not_fit():
    InstructionFactory()
    assert instruction_for(LandlordFactory(), LEAK, at=NOW) is None


# Suggestions ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("problem", "hours"), [(GAS, 1), (LEAK, 4), (PIPE, 72)], ids=lambda value: getattr(value, "code", value)
)
def test_without_an_instruction_the_target_is_the_prioritys(problem, hours):
    found = suggest(problem, answers={}, landlord=LandlordFactory(), now=NOW)
    assert (found.action, found.on_site_by) == (Action.SEND_NOW, NOW + timedelta(hours=hours))
    assert found.advice[: len(problem.advice)] == problem.advice


@pytest.mark.django_db
def test_reasons_and_advice_follow_from_the_answers():
    found = suggest(LEAK, answers={"bulging": True, "flowing": False}, landlord=LandlordFactory(), now=NOW)
    assert found.priority == Priority.EMERGENCY
    assert [reason for reason in found.reasons if "plafond gonfle" in reason]
    assert not [reason for reason in found.reasons if "sans s’arrêter" in reason]
    assert "Sortez de la pièce et fermez la porte." in found.advice
    assert "Mettez une bassine et éloignez ce qui craint l’eau." not in found.advice


@pytest.mark.django_db
def test_send_now_gives_the_landlords_own_time():
    landlord = LandlordFactory()
    InstructionFactory(landlord=landlord, on_site_minutes=120)
    found = suggest(PIPE, answers={}, landlord=landlord, now=NOW)
    assert (found.action, found.on_site_by) == (Action.SEND_NOW, NOW + timedelta(minutes=120))
    assert "sur place en 120 minutes" in found.reasons[-1]


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "expected"), [(30, 30), (240, 60)])
def test_an_instruction_may_hasten_an_emergency_and_never_slows_it(minutes, expected):
    landlord = LandlordFactory()
    InstructionFactory(landlord=landlord, on_site_minutes=minutes)
    found = suggest(GAS, answers={}, landlord=landlord, now=NOW)
    assert found.on_site_by == NOW + timedelta(minutes=expected)


@pytest.mark.django_db
def test_an_emergency_is_never_put_off_to_the_next_day():
    landlord = LandlordFactory()
    InstructionFactory(landlord=landlord, action=Action.NEXT_WORKING_DAY, on_site_minutes=None)
    put_off = suggest(LIFT, answers={}, landlord=landlord, now=NOW)
    assert (put_off.action, put_off.on_site_by) == (Action.NEXT_WORKING_DAY, paris(2026, 3, 11, 17, 0))

    emergency = suggest(GAS, answers={}, landlord=landlord, now=NOW)
    assert (emergency.action, emergency.on_site_by) == (Action.SEND_NOW, NOW + timedelta(hours=1))


@pytest.mark.django_db
@pytest.mark.parametrize("problem", [LIFT, GAS], ids=lambda problem: problem.code)
def test_what_is_not_ours_says_to_whom(problem):
    landlord = LandlordFactory(name="Habitat du Cambrésis")
    InstructionFactory(
        landlord=landlord, action=Action.NOT_OURS, on_site_minutes=None, refer_to="l’ascensoriste, 03 27 00 00 09"
    )
    found = suggest(problem, answers={}, landlord=landlord, now=NOW)
    assert (found.action, found.refer_to) == (Action.NOT_OURS, "l’ascensoriste, 03 27 00 00 09")
    assert "Habitat du Cambrésis" in found.reasons[-1]


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        (paris(2026, 3, 10, 22, 30), paris(2026, 3, 11, 8, 0)),
        (paris(2026, 3, 10, 8, 0), paris(2026, 3, 11, 8, 0)),  # they are open: it is for tomorrow
        (paris(2026, 3, 11, 2, 0), paris(2026, 3, 11, 8, 0)),  # at night, the morning that comes
        (paris(2026, 3, 14, 2, 0), paris(2026, 3, 16, 8, 0)),  # Saturday
        (paris(2026, 4, 30, 19, 0), paris(2026, 5, 4, 8, 0)),  # over 1 May, a Friday
        (paris(2026, 12, 24, 23, 0), paris(2026, 12, 28, 8, 0)),
        (paris(2026, 3, 28, 23, 0), paris(2026, 3, 30, 8, 0)),  # the clocks change: still 8:00
        (datetime(2026, 3, 10, 23, 30, tzinfo=UTC), paris(2026, 3, 11, 8, 0)),  # 0:30 in Paris
    ],
)
def test_the_next_opening(now, opening):
    assert next_opening(now) == opening
