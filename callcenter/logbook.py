"""The main courante: lines that are added and never changed."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from callcenter.models import Call, LogEntry, Shift
from interventions.lifecycle import note_event
from interventions.models import Incident, Intervention
from interventions.sensitive_words import sensitive_words
from privacy.restriction import Restricted, refuse_if_restricted

Subject = Call | Intervention | Incident | Shift


class SensitiveWords(Exception):
    """The text says something that only a reason justifies. `words` are those found, as typed."""

    def __init__(self, words: list[str]) -> None:
        super().__init__("Ce texte contient des mots sensibles. Réécrivez-le sans eux, ou justifiez-les.")
        self.words = words


class AlreadyStruck(Exception):
    """The entry was corrected already; the message says so in French."""


@transaction.atomic
def write_entry(
    subject: Subject,
    *,
    kind: LogEntry.Kind,
    text: str,
    by: User,
    now: datetime,
    justification: str = "",
    strikes: LogEntry | None = None,
) -> LogEntry:
    """
    Add a line about `subject`. What is written on an incident reaches every intervention under it.

    Raises SensitiveWords when the text needs a justification that was not given (CNIL, free text zones), Restricted
    when the data of whom it is about are. An emergency and a call under way are written on all the same.
    """
    refuse_restricted(subject)
    found = sensitive_words(text)
    if found and not justification:
        raise SensitiveWords(found)
    entry = LogEntry.objects.create(
        **{str(subject._meta.model_name): subject},
        at=now,
        author=by,
        kind=kind,
        text=text,
        justification=justification if found else "",
        strikes=strikes,
    )
    if isinstance(subject, Intervention):
        note_event(Intervention.objects.filter(pk=subject.pk), now=now)
    elif isinstance(subject, Call):
        note_event(Intervention.objects.filter(calls=subject), now=now)
    elif isinstance(subject, Incident):
        note_event(subject.interventions.open(), now=now)
    return entry


def refuse_restricted(subject: Subject) -> None:
    if isinstance(subject, Intervention) and subject.is_restricted():
        raise Restricted
    if isinstance(subject, Call) and subject.outcome:
        refuse_if_restricted(subject.caller_id, subject.on_behalf_of_id)


@transaction.atomic
def strike_entry(entry: LogEntry, *, text: str, by: User, now: datetime, justification: str = "") -> LogEntry:
    """
    Correct a line by a new one on the same subject; the first stays readable, struck.

    Raises AlreadyStruck when it was corrected before, SensitiveWords as `write_entry` does.
    """
    current = LogEntry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
    if LogEntry.objects.filter(strikes=current).exists():
        raise AlreadyStruck("Cette ligne a déjà été rectifiée : rectifiez plutôt la rectification.")
    subject = current.call or current.intervention or current.incident or current.shift
    assert subject is not None, "the database holds every entry to one subject"
    return write_entry(
        subject,
        kind=LogEntry.Kind.CORRECTION,
        text=text,
        by=by,
        now=now,
        justification=justification,
        strikes=current,
    )
