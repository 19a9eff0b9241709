"""
The ledger of consents (GDPR article 7): who agreed to what, in which words, when and how, and who took it back.

Giving and withdrawing are one call each. A withdrawal deletes, in the same transaction, what stood on that consent
alone: an app says so where the data live, with `on_withdrawal`.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Model, QuerySet

from privacy import ledger, objections, wordings
from privacy.models import ConsentEvent, ConsentWording
from privacy.policy import CONSENT, PURPOSES

Answer = ConsentEvent.Answer
Channel = ConsentEvent.Channel

# What only consent allows, as the policy lists it.
CONSENTS = {key: purpose for key, purpose in PURPOSES.items() if purpose.basis == CONSENT}

Effect = Callable[..., object]  # called with the person, and `by` and `now` by keyword
effects: dict[str, list[Effect]] = {}


class NoConsentNeeded(Exception):
    """The policy bases this purpose on something else: there is nothing to agree to or to take back."""


class WordingChanged(Exception):
    """A published wording was edited in wordings.py. It needs a new version instead."""


def on_withdrawal(purpose: str, effect: Effect) -> None:
    """``effect(person, by=…, now=…)`` deletes what stood on this consent alone, in the withdrawal's transaction."""
    check_needs_consent(purpose)
    effects.setdefault(purpose, []).append(effect)


def give(
    person: Model,
    *,
    purpose: str,
    channel: str,
    by: AbstractBaseUser | None,
    now: datetime,
    source: Model | None = None,
) -> ConsentEvent:
    """`source` is where it was said, such as a call; `by` is who noted it, None when the person did so themselves."""
    return note(person, Answer.GIVEN, purpose=purpose, channel=channel, by=by, now=now, source=source)


def refuse(
    person: Model,
    *,
    purpose: str,
    channel: str,
    by: AbstractBaseUser | None,
    now: datetime,
    source: Model | None = None,
) -> ConsentEvent:
    """No, this time: nothing is allowed from now on, and nothing that was agreed to before is taken back."""
    return note(person, Answer.REFUSED, purpose=purpose, channel=channel, by=by, now=now, source=source)


def withdraw(
    person: Model,
    *,
    purpose: str,
    channel: str,
    by: AbstractBaseUser | None,
    now: datetime,
    source: Model | None = None,
) -> ConsentEvent:
    """Acts at once: what stood on this consent alone is deleted before this returns."""
    return note(person, Answer.WITHDRAWN, purpose=purpose, channel=channel, by=by, now=now, source=source)


@transaction.atomic
def note(
    person: Model,
    answer: Answer,
    *,
    purpose: str,
    channel: str,
    by: AbstractBaseUser | None,
    now: datetime,
    source: Model | None,
) -> ConsentEvent:
    """
    Add the answer to the ledger; the same one said twice in a row is one event. Raises NoConsentNeeded.

    An answer may be noted after a later one: whoever called is identified once they have withdrawn on the portal.
    Then it is not the last word, and a withdrawal that is acts on what it could not have seen.
    """
    check_needs_consent(purpose)
    type(person)._base_manager.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
    said: dict[str, Any] = {
        "purpose": purpose,
        "answer": answer,
        "wording": published(wordings.CURRENT[purpose]),
        "source_model": source._meta.label if source else "",
        "source_id": source.pk if source else None,
    }
    event = said_already(person, said, now=now)
    if event is None or objections.made_between(person, purpose=purpose, after=event.at, before=now):
        event = ConsentEvent.objects.create(
            person_id=person.pk, channel=Channel(channel), actor_id=by.pk if by else None, at=now, **said
        )
        if answer == Answer.WITHDRAWN:
            ledger.note(ledger.WITHDRAWAL, person, purpose=purpose, how=channel, now=now)
    last = last_word(person, purpose=purpose)
    if last is not None and last.answer == Answer.WITHDRAWN:
        for effect in effects.get(purpose, []):
            effect(person, by=by, now=max(now, last.at))
    if answer == Answer.GIVEN and purpose in objections.OBJECTABLE:
        objections.end_by_consent(person, purpose=purpose, now=now)
        objections.act_on_what_came_since(person, purpose=purpose, by=by, now=now)
    return event


def withdraw_again(person: Model, *, purpose: str, how: str, at: datetime) -> None:
    """What the ledger tells, once more in a restored database."""
    withdraw(person, purpose=purpose, channel=how, by=None, now=at)


def said_already(person: Model, said: dict[str, Any], *, now: datetime) -> ConsentEvent | None:
    """The last word when it says the same, or this very answer when it was noted before."""
    last = last_word(person, purpose=said["purpose"])
    if last is not None and all(getattr(last, name) == value for name, value in said.items()):
        return last
    return history(person).filter(**said, at=now).first()


def check_needs_consent(purpose: str) -> None:
    if purpose not in CONSENTS:
        raise NoConsentNeeded(purpose)


def published(wording: wordings.Wording) -> ConsentWording:
    """The wording as the database keeps it for good, written there on its first use. Raises WordingChanged."""
    kept, _ = ConsentWording.objects.get_or_create(
        purpose=wording.purpose,
        version=wording.version,
        defaults={"text": wording.text, "sha256": wording.sha256},
    )
    if kept.sha256 != wording.sha256:
        raise WordingChanged(str(kept))
    return kept


def last_word(person: Model, *, purpose: str) -> ConsentEvent | None:
    return history(person).filter(purpose=purpose).last()


def history(person: Model) -> QuerySet[ConsentEvent]:
    """All that the person said, the oldest first."""
    return ConsentEvent.objects.filter(person=person.pk).select_related("wording", "actor").order_by("at", "pk")


def state(person: Model) -> dict[str, bool]:
    """For each purpose that needs consent, whether the last word is yes. Silence is no."""
    said = history(person).order_by("purpose", "-at", "-pk").distinct("purpose").values_list("purpose", "answer")
    return dict.fromkeys(CONSENTS, False) | {purpose: answer == Answer.GIVEN for purpose, answer in said}


def is_given(person: Model, *, purpose: str) -> bool:
    check_needs_consent(purpose)
    return state(person)[purpose]
