"""
The legal clock of a request: GDPR article 12(3), counted as Regulation (EEC, Euratom) 1182/71 says.

The day of receipt does not count. A period in months ends on the day with the same number, on the last day of a month
that has none, and never on a Saturday, a Sunday or a public holiday: then at the end of the next working day.
"""

from datetime import date, timedelta

from privacy.policy import ANSWER_WITHIN, EXTENDED_ANSWER_WITHIN
from privacy.working_days import is_working_day, next_working_day

ACKNOWLEDGE_WITHIN = 2  # working days, our own promise
REMINDER_DAYS = (15, 23, 27)


def due_on(received_on: date) -> date:
    """The last day to answer."""
    return shifted(received_on + ANSWER_WITHIN.length)


def extended_due_on(received_on: date) -> date:
    """The last day once the reasoned notice of an extension went out in time (`due_on`). Counted from receipt too."""
    return shifted(received_on + EXTENDED_ANSWER_WITHIN.length)


def acknowledge_by(received_on: date) -> date:
    day = received_on
    for _ in range(ACKNOWLEDGE_WITHIN):
        day = next_working_day(day)
    return day


def reminders(received_on: date) -> list[date]:
    """When the DPO is reminded: after 15, 23 and 27 days, and on the day itself."""
    return [*(received_on + timedelta(days=days) for days in REMINDER_DAYS), due_on(received_on)]


def shifted(day: date) -> date:
    """Article 3(4): a period ends on a working day."""
    return day if is_working_day(day) else next_working_day(day)
