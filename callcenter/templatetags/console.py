"""States and priorities as the console shows them: a shape or an icon, a word, a colour."""

from functools import cache
from uuid import uuid4

from django.template import Library
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

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
def priority(code: str) -> SafeString:
    return format_html('<span class="priority {}"><span>{}</span></span>', code, Priority(code).label)


@register.filter
def entry_icon(kind: str) -> str:
    return ENTRY_ICONS[kind]


@register.filter
def state_icon(status: str) -> str:
    return STATE_LOOKS[status][0]


@register.simple_tag
def form_key() -> SafeString:
    """The one-time key that lets a form sent twice act once (`callcenter.console.once`)."""
    return format_html('<input type="hidden" name="form_key" value="{}">', uuid4())
