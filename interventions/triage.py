"""
What the script and the landlord's instructions suggest for a problem. A person always decides (GDPR article 22).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone

from interventions.models import Instruction, Landlord
from interventions.models.instructions import TimeWindow
from interventions.problems import DEFAULT_TARGETS, PRIORITY_ORDER, Priority, Problem, Question
from privacy.working_days import is_working_day, next_working_day

OPENING_TIME = time(8, 0)
WORKING_DAY = timedelta(hours=9)


@dataclass(frozen=True)
class Suggestion:
    priority: Priority
    on_site_by: datetime
    action: Instruction.Action
    refer_to: str
    reasons: tuple[str, ...]
    advice: tuple[str, ...]


def raised_by(problem: Problem, answers: Mapping[str, bool]) -> list[Question]:
    return [question for question in problem.questions if answers.get(question.code)]


def suggested_priority(problem: Problem, answers: Mapping[str, bool]) -> Priority:
    """The highest of the problem's own and of what its answers raise it to."""
    found = {problem.priority, *(question.raises_to for question in raised_by(problem, answers) if question.raises_to)}
    return next(priority for priority in PRIORITY_ORDER if priority in found)


def covers(window: TimeWindow, *, at: datetime) -> bool:
    """
    Whether a moment falls into these days and hours, in Paris. A window may pass midnight.

    The day is the moment's own: "working days, 17:00 to 8:00" and "days off, all day" leave no gap on Monday morning.
    """
    local = timezone.localtime(at)
    if window.days != TimeWindow.Days.ANY:
        wanted = window.days == TimeWindow.Days.WORKING
        if is_working_day(local.date()) != wanted:
            return False
    if window.from_time is None or window.until_time is None:
        return True
    begins, ends, clock = window.from_time, window.until_time, local.time()
    return begins <= clock < ends if begins < ends else clock >= begins or clock < ends


def instruction_for(landlord: Landlord, problem: Problem, *, at: datetime) -> Instruction | None:
    """The landlord's most precise instruction: one for the problem, then its trade, then all; hours before none."""
    fitting = [
        instruction
        for instruction in landlord.instructions.order_by("pk")
        if instruction.problem in ("", problem.code)
        and instruction.trade in ("", problem.trade)
        and covers(instruction, at=at)
    ]
    return max(fitting, key=precision, default=None)


def precision(instruction: Instruction) -> tuple[bool, bool, bool, bool]:
    return (
        bool(instruction.problem),
        bool(instruction.trade),
        instruction.from_time is not None,
        instruction.days != Instruction.Days.ANY,
    )


def next_opening(now: datetime) -> datetime:
    """Before the offices open on a working day, it is that day's."""
    local = timezone.localtime(now)
    to_come_today = is_working_day(local.date()) and local.time() < OPENING_TIME
    day = local.date() if to_come_today else next_working_day(local.date())
    return datetime.combine(day, OPENING_TIME, timezone.get_current_timezone())


def suggest(problem: Problem, *, answers: Mapping[str, bool], landlord: Landlord, now: datetime) -> Suggestion:
    """
    Priority, time to be on site and what to do. An emergency is never put off to the next day by an instruction.
    """
    priority = suggested_priority(problem, answers)
    reasons = [f"« {problem.label} » : {problem.priority.label.lower()}"]
    reasons += [
        f"« {question.text} » oui : {question.raises_to.label.lower()}"
        for question in raised_by(problem, answers)
        if question.raises_to
    ]
    advice = problem.advice + tuple(question.advice for question in raised_by(problem, answers) if question.advice)
    instruction = instruction_for(landlord, problem, at=now)
    action = Instruction.Action.SEND_NOW
    on_site_by = now + DEFAULT_TARGETS[priority]
    refer_to = ""
    if instruction is not None and instruction.action == Instruction.Action.NOT_OURS:
        action, refer_to = Instruction.Action.NOT_OURS, instruction.refer_to
        reasons.append(f"Consigne de {landlord} : pas pour nous, orienter vers {refer_to}")
    elif instruction is not None and instruction.action == Instruction.Action.SEND_NOW:
        on_site_by = now + timedelta(minutes=instruction.on_site_minutes or 0)
        if priority == Priority.EMERGENCY:
            on_site_by = min(on_site_by, now + DEFAULT_TARGETS[priority])
        reasons.append(f"Consigne de {landlord} : sur place en {instruction.on_site_minutes} minutes")
    elif instruction is not None and priority != Priority.EMERGENCY:
        action = Instruction.Action.NEXT_WORKING_DAY
        on_site_by = next_opening(now) + WORKING_DAY
        reasons.append(f"Consigne de {landlord} : le jour ouvré suivant")
    return Suggestion(
        priority=priority,
        on_site_by=on_site_by,
        action=action,
        refer_to=refer_to,
        reasons=tuple(reasons),
        advice=advice,
    )
