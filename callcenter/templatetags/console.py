"""States and priorities as the console shows them: a shape or an icon, a word, a colour."""

from datetime import datetime
from functools import cache
from uuid import uuid4

from django.template import Library
from django.template.loader import render_to_string
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from callcenter.board import Job, minutes, short_age
from callcenter.models import LogEntry
from interventions.models import Status
from interventions.problems import Priority

register = Library()

STATE_LOOKS: dict[str, tuple[str, str]] = {
    Status.RECEIVED: ("inbox", "warn"),
    Status.QUALIFIED: ("card-list", "warn"),
    Status.DISPATCHED: ("send", "active"),
    Status.ACCEPTED: ("hand-thumbs-up", "active"),
    Status.APPOINTMENT: ("calendar-event", "active"),
    Status.ON_SITE: ("geo-alt", "active"),
    Status.NO_ACCESS: ("lock", "late"),
    Status.FOLLOW_ON: ("arrow-repeat", "warn"),
    Status.DONE: ("check2", "done"),
    Status.REOPENED: ("arrow-repeat", "late"),
    Status.CLOSED: ("check-circle", "done"),
    Status.REFUSED: ("arrow-return-right", ""),
    Status.CANCELLED: ("x-lg", ""),
}

ENTRY_ICONS: dict[str, str] = {
    LogEntry.Kind.NOTE: "pencil",
    LogEntry.Kind.TENANT: "person",
    LogEntry.Kind.PROVIDER: "tools",
    LogEntry.Kind.LANDLORD: "building",
    LogEntry.Kind.ADVICE: "megaphone",
    LogEntry.Kind.INCIDENT: "flag",
    LogEntry.Kind.CORRECTION: "arrow-return-right",
}


@register.simple_tag
@cache
def state(status: str) -> SafeString:
    """The same few lines on every row: each is rendered once."""
    icon, look = STATE_LOOKS[status]
    return render_to_string("console/state.html", {"icon_name": icon, "look": look, "label": Status(status).label})


@register.simple_tag
@cache
def alert_mark() -> SafeString:
    """Beside an address or a name that a safety alert is about."""
    return render_to_string("console/alert_mark.html")


@register.simple_tag
@cache
def priority(code: str) -> SafeString:
    return format_html('<span class="priority {}"><span>{}</span></span>', code, Priority(code).label)


# Written out here and not in a template, which took six times as long for the hundred rows of a busy night.
JOB = """<li><a class="job" href="/console/interventions/{}/"{}>{}
<span class="job-where"><b class="ref">{}</b> {}{}</span>
<span class="job-what">{}</span>
{}
<time class="job-age">{}</time>
<meter class="age {}" min="0" max="{}" value="{}" aria-hidden="true"></meter></a></li>
"""
CURRENT = ' aria-current="page"'


@register.simple_tag
def job_rows(jobs: list[Job], here: str) -> SafeString:
    """
    The rows of a section of the board; `here` is the reference of the intervention on the sheet.

    Of what a row says only the place comes from outside the code.
    """
    return mark_safe(
        "".join(
            JOB.format(
                job.pk,
                CURRENT if job.reference == here else "",
                priority(job.priority),
                job.reference,
                alert_mark() if job.alert else "",
                escape(job.place),
                job.problem,
                state(job.status),
                job.age,
                job.urgency,
                job.target,
                job.elapsed,
            )
            for job in jobs
        )
    )


@register.filter
def age(at: datetime, now: datetime) -> str:
    return short_age(minutes(now - at))


@register.filter
def entry_icon(kind: str) -> str:
    return ENTRY_ICONS[kind]


@register.filter
def state_icon(status: str) -> str:
    return STATE_LOOKS[status][0]


@register.filter
def told_icon(kind: str) -> str:
    """Of a line that is neither a step nor of the main courante (`callcenter.thread.TOLD`)."""
    return "person-badge" if kind.startswith("duty") else "receipt"


@register.simple_tag
def form_key() -> SafeString:
    """The one-time key that lets a form sent twice act once (`callcenter.console.once`)."""
    return format_html('<input type="hidden" name="form_key" value="{}">', uuid4())
