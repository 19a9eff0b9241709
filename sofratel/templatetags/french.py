"""
Moments, durations, amounts and phone numbers as French readers write them: plain and fast, for boards of 300 rows.

Days, moments and amounts also exist in English, for the pages that speak it.
"""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

import phonenumbers
from django.template import Library
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext
from phonenumber_field.phonenumber import PhoneNumber

register = Library()

NBSP = "\N{NO-BREAK SPACE}"
THOUSANDS = "\N{NARROW NO-BREAK SPACE}"
E164 = re.compile(r"\+[1-9]\d{6,14}")
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)


ENGLISH_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@register.filter
def ago(at: datetime | None, now: datetime) -> str:
    """«il y a 12 min», «dans 3 h 20», «il y a 2 jours»; months of 30 days and years of 365 do for a distance."""
    if at is None:
        return ""
    minutes = int(abs(now - at).total_seconds()) // 60
    if minutes == 0:
        return "à l’instant" if at <= now else "maintenant"
    return f"{'il y a' if at <= now else 'dans'}{NBSP}{_distance(minutes)}"


def _distance(minutes: int) -> str:
    hours, days = minutes // 60, minutes // (60 * 24)
    if hours == 0:
        return f"{minutes}{NBSP}min"
    if days == 0:
        return _hours_and_minutes(hours, minutes % 60)
    if days < 60:
        return f"{days}{NBSP}{'jour' if days == 1 else 'jours'}"
    if days < 730:
        return f"{days // 30}{NBSP}mois"
    return f"{days // 365}{NBSP}ans"


def _hours_and_minutes(hours: int, minutes: int) -> str:
    return f"{hours}{NBSP}h{NBSP}{minutes:02}" if minutes else f"{hours}{NBSP}h"


@register.filter
def clock(at: datetime | None) -> str:
    """«03:14»"""
    if at is None:
        return ""
    local = localtime(at)
    return f"{local.hour:02}:{local.minute:02}"


@register.filter
def day(on: date | datetime | None) -> str:
    """«23 novembre 2026», «23 November 2026»"""
    if on is None:
        return ""
    return _day(localtime(on) if isinstance(on, datetime) else on, english=get_language() == "en")


@register.filter
def moment(at: datetime | None) -> str:
    """«23 novembre 2026 à 3 h 14», «23 November 2026 at 03:14»"""
    if at is None:
        return ""
    local, english = localtime(at), get_language() == "en"
    hour = f"at{NBSP}{clock(at)}" if english else f"à{NBSP}{_hours_and_minutes(local.hour, local.minute)}"
    return f"{_day(local, english=english)} {hour}"


def _day(on: date, *, english: bool) -> str:
    if english:
        return f"{on.day}{NBSP}{ENGLISH_MONTHS[on.month - 1]}{NBSP}{on.year}"
    number = "1er" if on.day == 1 else on.day
    return f"{number}{NBSP}{MONTHS[on.month - 1]}{NBSP}{on.year}"


@register.filter
def duration(length: timedelta | float | None) -> str:
    """«45 s», «3 min 20 s», «1 h 05», from seconds or a timedelta."""
    if length is None:
        return ""
    seconds = int(length.total_seconds() if isinstance(length, timedelta) else length)
    minutes, rest = divmod(seconds, 60)
    if minutes >= 60:
        return _hours_and_minutes(*divmod(minutes, 60))
    parts = [f"{minutes}{NBSP}min"] * bool(minutes) + [f"{rest}{NBSP}s"] * bool(rest or not minutes)
    return NBSP.join(parts)


@register.filter
def euros(amount: Decimal | None) -> str:
    """«1 234,50 €», «€1,234.50»; a unit price keeps the decimals that it needs."""
    if amount is None:
        return ""
    decimals = max(2, -int(amount.normalize().as_tuple().exponent))
    minus, digits = "\N{MINUS SIGN}" if amount < 0 else "", f"{abs(amount):,.{decimals}f}"
    if get_language() == "en":
        return f"{minus}€{digits}"
    return f"{minus}{digits.replace(',', THOUSANDS).replace('.', ',')}{NBSP}€"


@register.filter
def phone(number: str | PhoneNumber | None) -> str:
    """«06 12 34 56 78» for E.164 of France, «+32 2 555 12 12» for another country; what is not E.164 stays as it is."""
    text = str(number or "")
    if len(text) == 12 and text.startswith("+33"):
        return NBSP.join((f"0{text[3]}", text[4:6], text[6:8], text[8:10], text[10:]))
    try:
        parsed = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return text
    international = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return international.replace(" ", NBSP)


@register.filter
def plain(value: object) -> str:
    """Whatever a record holds, as one reads it: a day, a moment, a yes or no, a list, a telephone number."""
    match value:
        case bool():
            return gettext("Oui") if value else gettext("Non")
        case datetime():
            return moment(value)
        case date():
            return day(value)
        case list() | tuple():
            return f"{NBSP}; ".join(plain(each) for each in value)
        case dict():
            return f"{NBSP}; ".join(f"{key}{NBSP}: {plain(each)}" for key, each in value.items())
        case str() if E164.fullmatch(value):
            return phone(value)
    return str(value)
