"""The landlords' side of the nights: their duty managers in turn, one decision, and the last mornings' reports."""

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import User
from callcenter import night_reports
from callcenter.demo.on_call import WEEKS_AHEAD, WEEKS_BACK, turn_of
from interventions import duty
from interventions.models import DutyDecision, DutyShift, Intervention, Landlord
from privacy.working_days import is_working_day, previous_working_day

MORNINGS = 4


def create_duty(landlords: list[Landlord], *, now: datetime) -> None:
    """Week after week, one contact first and the next one behind."""
    today = timezone.localdate(now)
    this_monday = today - timedelta(days=today.weekday())
    shifts = []
    for landlord in landlords:
        contacts = list(landlord.contacts.order_by("pk"))
        for week in range(-WEEKS_BACK, WEEKS_AHEAD):
            for place in range(min(2, len(contacts))):
                contact = contacts[(week + place) % len(contacts)]
                begins, ends = turn_of(this_monday, week), turn_of(this_monday, week + 1)
                shifts.append(DutyShift(contact=contact, starts_at=begins, ends_at=ends, rank=place + 1))
    DutyShift.objects.bulk_create(shifts)


def decide_tonight(landlord: Landlord, *, by: User, now: datetime) -> None:
    """The first does not answer, the second agrees."""
    asked_at = now - timedelta(minutes=25)
    waiting = Intervention.objects.open().unrestricted().filter(landlord=landlord, opened_at__lt=asked_at)
    job = waiting.order_by("-opened_at").first()
    on_duty = duty.on_duty(landlord, now=asked_at)
    if job is None or len(on_duty) < 2:
        return
    first, second = (shift.contact for shift in on_duty[:2])
    asked = duty.ask(job, question="Faire venir une seconde équipe cette nuit", by=by, now=asked_at)
    duty.note_no_answer(asked, contact=first, by=by, now=asked_at + timedelta(minutes=2))
    duty.decide(
        asked,
        contact=second,
        answer=DutyDecision.Answer.APPROVED,
        words="Oui, une équipe seulement.",
        by=by,
        now=asked_at + timedelta(minutes=6),
    )


def write_mornings(landlord: Landlord, *, manager: User, now: datetime) -> None:
    """The last ones: all acknowledged but the latest."""
    day = timezone.localdate(now)
    if not is_working_day(day) or now < night_reports.morning_of(day):
        day = previous_working_day(day)
    days = [day]
    while len(days) < MORNINGS:
        days.append(previous_working_day(days[-1]))
    for one in reversed(days):
        made_at = night_reports.morning_of(one)
        report = night_reports.make(landlord, until_at=made_at, now=made_at)
        if one != day:
            night_reports.acknowledge(report.lines.all(), by=manager, now=made_at + timedelta(hours=1, minutes=12))
