"""A complaint, from its first word to its final answer, which starts the clock of its deletion."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from accounts.models import Person, User
from interventions import notices
from interventions.models import Complaint, ComplaintMessage, Intervention, Landlord
from privacy.restriction import refuse_if_restricted, unrestricted

CLOSED_AFTER = timedelta(days=60)
SENT_TWICE_WITHIN = timedelta(minutes=10)


class ComplaintError(Exception):
    """The message says why, in French."""


class AlreadyAnswered(ComplaintError):
    def __init__(self) -> None:
        super().__init__("Cette réclamation a eu sa réponse définitive\N{NO-BREAK SPACE}: ouvrez-en une nouvelle.")


@transaction.atomic
def open_complaint(
    person: Person, *, landlord: Landlord, subject: str, text: str, intervention: Intervention | None, now: datetime
) -> Complaint:
    """
    Raises ComplaintError when the intervention is another landlord's. Sent twice in a row, it is one complaint.
    """
    if intervention is not None and intervention.landlord_id != landlord.pk:
        raise ComplaintError("Cette intervention est celle d’un autre bailleur.")
    Person.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
    twin = Complaint.objects.open().filter(person=person, landlord=landlord, intervention=intervention, subject=subject)
    sent = twin.filter(opened_at__gt=now - SENT_TWICE_WITHIN, messages__text=text).first()
    if sent is not None:
        return sent
    complaint = Complaint.objects.create(
        person=person,
        landlord=landlord,
        intervention=intervention,
        subject=subject,
        opened_at=now,
        last_exchange_at=now,
    )
    write_message(complaint, text=text, by=None, now=now)
    return complaint


@transaction.atomic
def write_message(complaint: Complaint, *, text: str, by: User | None, now: datetime) -> ComplaintMessage:
    """
    A word from `by`, or from the person itself when None; the same twice in a row is one.

    Raises AlreadyAnswered: nothing restarts the clock; Restricted.
    """
    current = Complaint.objects.select_for_update(of=("self",)).select_related("person").get(pk=complaint.pk)
    refuse_if_restricted(current.person_id)
    if current.answered_at is not None:
        raise AlreadyAnswered
    last = current.messages.last()
    if last is not None and (last.author, last.text) == (by, text) and now - last.at < SENT_TWICE_WITHIN:
        return last
    current.last_exchange_at = now
    current.save(update_fields=["last_exchange_at"])
    if by is not None:
        notices.tell_of_answer(current, now=now)
    return ComplaintMessage.objects.create(complaint=current, author=by, at=now, text=text)


@transaction.atomic
def give_final_answer(complaint: Complaint, *, text: str, by: User, now: datetime) -> ComplaintMessage:
    """Raises AlreadyAnswered."""
    answer = write_message(complaint, text=text, by=by, now=now)
    Complaint.objects.filter(pk=complaint.pk).update(answered_at=now)
    return answer


def close_silent(*, now: datetime) -> int:
    """
    Sixty days after its last exchange a complaint is over by itself, so that no clock is put off for ever.

    Its end is that sixtieth day, however late this runs. Returns how many were closed.
    """
    silent = unrestricted(Complaint.objects.all(), "person").filter(
        answered_at=None, last_exchange_at__lte=now - CLOSED_AFTER
    )
    return silent.update(answered_at=F("last_exchange_at") + CLOSED_AFTER)
