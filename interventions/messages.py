"""What the desk and the person an intervention is for write to each other."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Person, User
from interventions import notices
from interventions.lifecycle import REOPEN_WITHIN, note_event
from interventions.models import Intervention, TenantMessage
from privacy.restriction import Restricted

SENT_TWICE_WITHIN = timedelta(minutes=10)


class NobodyToWriteTo(Exception):
    """The message says so in French, for the desk."""

    def __init__(self) -> None:
        super().__init__(
            "Cette intervention n’est pour personne en particulier\N{NO-BREAK SPACE}: il n’y a à qui écrire."
        )


def is_thread_open(intervention: Intervention, *, now: datetime) -> bool:
    """While it lives, and as long after as it may be reopened: later words would wait for nobody."""
    return intervention.closed_at is None or now <= intervention.closed_at + REOPEN_WITHIN


@transaction.atomic
def write_to_desk(intervention: Intervention, *, person: Person, text: str, now: datetime) -> TenantMessage:
    """
    A word from `person`. It waits on the board until somebody answers it or puts it aside. The same words sent twice
    in a row, on a bad line, are one. Raises Restricted.
    """
    refuse_restricted(intervention)
    Intervention.objects.select_for_update(of=("self",)).get(pk=intervention.pk)
    last = intervention.messages.filter(person=person).last()
    if last is not None and last.author_id is None and last.text == text and now - last.at < SENT_TWICE_WITHIN:
        return last
    message = TenantMessage.objects.create(intervention=intervention, person=person, at=now, text=text)
    note_event(Intervention.objects.filter(pk=intervention.pk), now=now)
    return message


@transaction.atomic
def write_to_tenant(intervention: Intervention, *, text: str, by: User, now: datetime, seen: int = 0) -> TenantMessage:
    """
    A word from the desk. Its person is told that it is there; it answers their messages up to the one numbered `seen`.

    Raises NobodyToWriteTo, Restricted.
    """
    refuse_restricted(intervention)
    person = intervention.correspondent
    if person is None:
        raise NobodyToWriteTo
    put_aside(intervention, seen=seen, now=now)
    message = TenantMessage.objects.create(intervention=intervention, person=person, author=by, at=now, text=text)
    note_event(Intervention.objects.filter(pk=intervention.pk), now=now)
    notices.tell_of_message(intervention, now=now)
    return message


def refuse_restricted(intervention: Intervention) -> None:
    if intervention.is_restricted():
        raise Restricted


def put_aside(intervention: Intervention, *, seen: int, now: datetime) -> int:
    """The tenant’s messages up to the one numbered `seen` wait for nobody any more. Returns how many did."""
    return intervention.messages.for_desk().filter(pk__lte=seen).update(read_at=now)


@transaction.atomic
def open_thread(intervention: Intervention, *, person: Person, now: datetime) -> list[TenantMessage]:
    """What was exchanged with `person`, the oldest first. What is new to them says so, this once."""
    thread = list(intervention.messages.filter(person=person))
    intervention.messages.for_tenant().filter(pk__in=[message.pk for message in thread]).update(read_at=now)
    return thread
