"""
On-call duties as a calendar that telephones and mail programs subscribe to (RFC 5545): companies and hours, nobody's
name. Whoever has the address reads it, until it is taken back.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.db.models import Q

from accounts.models import User
from interventions.models import OnCallFeed, OnCallShift, Provider
from privacy.tokens import hash_of, new_token

PAST_SHOWN = timedelta(days=31)
AHEAD_SHOWN = timedelta(days=366)
LINE_LENGTH = 75  # octets, without the line break


def open_feed(*, provider: Provider | None, sector: str, by: User, now: datetime) -> str:
    """A new address, for a provider or for a sector. Returns its token, which is kept nowhere."""
    token = new_token()
    OnCallFeed.objects.create(
        provider=provider, sector=sector, token_hash=hash_of(token), created_at=now, created_by=by
    )
    return token


def read_feed(token: str, *, now: datetime) -> str | None:
    """The calendar of this token, nothing for one that is unknown or was taken back."""
    feed = OnCallFeed.objects.filter(token_hash=hash_of(token)).select_related("provider").first()
    if feed is None:
        return None
    theirs = Q(provider=feed.provider) if feed.provider else Q(sectors=[]) | Q(sectors__contains=[feed.sector])
    shifts = OnCallShift.objects.between(now - PAST_SHOWN, now + AHEAD_SHOWN).filter(theirs).select_related("provider")
    title = f"Astreintes, {feed.provider or feed.sector}"
    return "".join(folded(line) for line in calendar_lines(title, list(shifts), now=now))


def calendar_lines(title: str, shifts: list[OnCallShift], *, now: datetime) -> Iterator[str]:
    yield "BEGIN:VCALENDAR"
    yield "VERSION:2.0"
    yield "PRODID:-//SOFRATEL//Astreintes//FR"
    yield "METHOD:PUBLISH"
    yield f"X-WR-CALNAME:{escaped(title)}"
    yield "REFRESH-INTERVAL;VALUE=DURATION:PT1H"
    for shift in shifts:
        yield "BEGIN:VEVENT"
        yield f"UID:astreinte-{shift.pk}@sofratel"
        yield f"DTSTAMP:{in_utc(now)}"
        yield f"DTSTART:{in_utc(shift.starts_at)}"
        yield f"DTEND:{in_utc(shift.ends_at)}"
        yield f"SUMMARY:{escaped(f'{shift.provider} (rang {shift.rank})')}"
        yield f"DESCRIPTION:{escaped(', '.join(shift.trade_labels))}\\n{shift.number_to_call}"
        yield f"LOCATION:{escaped(', '.join(shift.sectors) or 'Tous les secteurs')}"
        yield "TRANSP:TRANSPARENT"
        yield "END:VEVENT"
    yield "END:VCALENDAR"


def in_utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escaped(text: str) -> str:
    for special in ("\\", ";", ","):
        text = text.replace(special, f"\\{special}")
    return text.replace("\n", "\\n")


def folded(line: str) -> str:
    """In lines of 75 octets, each but the first with a space before it, no character cut in two."""
    text, width = "", 0
    for character in line:
        size = len(character.encode())
        if width + size > LINE_LENGTH:
            text, width = f"{text}\r\n ", 1
        text, width = text + character, width + size
    return f"{text}\r\n"
