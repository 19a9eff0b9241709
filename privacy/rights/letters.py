"""
What is written to who exercises a right: drafted from a template, edited, then sent once, and never changed after. The
step that a letter is about happens in the transaction that sends it.

A message holds only a link; who opens it signs in, or gives a code sent to the address that the letter went to.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.template import Context, Engine
from django.urls import reverse

from privacy import codes, journal, outbox
from privacy.addresses import addresses_of
from privacy.models import Letter, RequestStep, RightsRequest
from privacy.models.requests import LETTER_LINK_LIVES
from privacy.policy import CNIL_ADDRESS, DPO_EMAIL, PURPOSES
from privacy.retention.due import paris_day
from privacy.rights import grounds, links, workflow
from privacy.rights.deadlines import extended_due_on, shifted
from privacy.rights.gather import Whole
from privacy.rights.links import LinkGone
from privacy.rights.readers import is_address
from privacy.rights.recipients import recipients_in_words
from privacy.rights.workflow import RequestError
from privacy.tokens import hash_of, new_token

Kind = Letter.Kind
Way = Letter.Way
Identity = RightsRequest.Identity
Outcome = RightsRequest.Outcome

REASON = "[la raison]"  # in a draft: where the reason goes that the DPO gives
BLANK_LINES = re.compile(r"\n{3,}")


class LetterGone(RequestError):
    """It was sent already, or somebody else changed the draft meanwhile."""


@dataclass(frozen=True)
class Act:
    """What sending a letter of this kind does to its request. `refusal`: why it cannot be sent now, or nothing."""

    take: Callable[..., object]  # called with the request and the letter, and `by` and `now` by keyword
    refusal: Callable[[RightsRequest], str]
    with_reason: bool = False


def answering(request: RightsRequest) -> str:
    if not request.decided_at:
        return "Décidez d’abord."
    if request.outcome != Outcome.REFUSED and request.executed_at is None:
        return "Ce qui est accordé n’est pas encore exécuté."
    return ""


ACTS: dict[str, Act] = {
    Kind.ACKNOWLEDGEMENT: Act(
        lambda request, letter, **act: workflow.acknowledge(request, **act),
        lambda request: "L’accusé de réception est déjà parti." if request.acknowledged_at else "",
    ),
    Kind.IDENTITY: Act(
        lambda request, letter, **act: workflow.ask_identity(request, reason=letter.reason, **act),
        lambda request: (
            "L’identité est déjà établie."
            if request.identity
            else "La question a déjà été posée."
            if request.identity_asked_on
            else ""
        ),
        with_reason=True,
    ),
    Kind.EXTENSION: Act(
        lambda request, letter, **act: workflow.extend(request, reason=letter.reason, **act),
        lambda request: "Cette demande a déjà été prolongée." if request.extended_on else "",
        with_reason=True,
    ),
    Kind.ANSWER: Act(lambda request, letter, **act: workflow.answer(request, **act), answering),
    Kind.REFUSAL: Act(
        lambda request, letter, **act: workflow.answer(request, **act),
        lambda request: answering(request) or ("" if request.outcome == Outcome.REFUSED else "Rien n’est refusé."),
    ),
    Kind.LIFTING: Act(
        lambda request, letter, **act: None,
        lambda request: "" if request.right == RightsRequest.Right.RESTRICTION else "Aucune limitation ne prend fin.",
    ),
}


# Drafts ---------------------------------------------------------------------------------------------------------------


def answer_kind(request: RightsRequest) -> Kind:
    return Kind.REFUSAL if request.outcome == Outcome.REFUSED else Kind.ANSWER


def drafted(request: RightsRequest, kind: str, *, now: datetime) -> str:
    """The text that the template makes of the request as it is now."""
    today = paris_day(now)
    executed = request.steps.filter(kind=RequestStep.Kind.EXECUTED).first()
    counts = executed.details if executed else {}
    context = {
        "request": request,
        "reference": request.reference,
        "right": request.get_right_display(),
        "reason": REASON,
        "due_on": request.due_on(today=today),
        "extended_due_on": shifted(extended_due_on(request.received_on) + request.stood_still(today=today)),
        "ground": grounds.GROUNDS.get(request.ground),
        "done": f"privacy/letters/done/{'nothing_held' if counts.get('nothing_held') else request.right}.txt",
        "purpose": PURPOSES[request.purpose].label if request.purpose in PURPOSES else "",
        "recipients": recipients_in_words(request),
        "policy_url": outbox.absolute(reverse("privacy:policy")),
        "company_name": settings.COMPANY_NAME,
        "dpo_email": DPO_EMAIL,
        "cnil_address": CNIL_ADDRESS,
        "counts": counts,
        "kept": kept_on(counts),
    }
    template = Engine.get_default().get_template(f"privacy/letters/{Kind(kind).value}.txt")
    return BLANK_LINES.sub("\n\n", template.render(Context(context, autoescape=False))).strip() + "\n"


def kept_on(counts: dict[str, Any]) -> list[tuple[int, grounds.Ground]]:
    """How much an erasure kept, on which ground of article 17(3)."""
    return [
        (number, grounds.GROUNDS[name.removeprefix("kept_")])
        for name, number in counts.items()
        if name.startswith("kept_")
    ]


def draft_of(request: RightsRequest, kind: str) -> Letter | None:
    return request.letters.filter(kind=kind, sent_at=None).first()


@transaction.atomic
def save_draft(
    request: RightsRequest,
    kind: str,
    *,
    text: str,
    reason: str = "",
    seen: str = "",
    by: AbstractBaseUser,
    now: datetime,
) -> Letter:
    """
    `seen` is the mark of the draft that was on the screen (`mark_of`). Raises LetterGone when it is another one now.
    """
    current = workflow.locked(request)
    if refusal := ACTS[kind].refusal(current):
        raise LetterGone(refusal)
    draft = draft_of(current, kind)
    if mark_of(draft) != seen:
        raise LetterGone(
            "Quelqu’un d’autre a changé ce brouillon entre-temps. Votre texte est encore ici\N{NO-BREAK SPACE}: "
            "ouvrez la lettre dans un autre onglet pour comparer, puis recopiez ce qui manque."
        )
    draft = draft or Letter(request=current, kind=kind)
    draft.reason = reason.strip() if ACTS[kind].with_reason else ""
    draft.text = text.replace("\r\n", "\n").replace(REASON, draft.reason or REASON)
    draft.written_by_id, draft.written_at = by.pk, now
    draft.save()
    return draft


def mark_of(draft: Letter | None) -> str:
    return draft.written_at.isoformat() if draft else ""


# Sending --------------------------------------------------------------------------------------------------------------


def addresses_for(request: RightsRequest) -> list[str]:
    """Where a message may go: to who asked, as they said, else where we know the person to be."""
    said = [request.reply_to] if is_address(request.reply_to) else []
    return list(dict.fromkeys([*said, *(addresses_of(request.person) if request.person else [])]))


@transaction.atomic
def send(
    request: RightsRequest,
    kind: str,
    *,
    text: str,
    reason: str = "",
    to: str,
    seen: str = "",
    by: AbstractBaseUser,
    now: datetime,
) -> Letter:
    """
    Send it by a link to one of `addresses_for`, or, with an empty `to`, note that it was posted; the step is taken.

    Raises LetterGone, and RequestError for an address that is not theirs, a missing reason, or a step out of turn.
    """
    letter = save_draft(request, kind, text=text, reason=reason, seen=seen, by=by, now=now)
    current = letter.request
    if REASON in letter.text:
        raise RequestError("Donnez la raison\N{NO-BREAK SPACE}: la personne a le droit de la connaître.")
    if to and to not in addresses_for(current):
        raise RequestError("Choisissez une adresse ou un numéro que nous connaissons à cette personne.")
    ACTS[kind].take(current, letter, by=by, now=now)
    hand_out(letter, to=to, now=now)
    journal.record(letter, action="send_letter", by=by, now=now, request=current.pk, letter=letter.kind)
    return letter


def hand_out(letter: Letter, *, to: str, now: datetime) -> None:
    """From here on it is as it was sent."""
    letter.sent_at, letter.way = now, Way.MESSAGE if to else Way.POST
    letter.sent_to = to
    if to:
        outbox.send("letter_ready", to=to, person=letter.request.person, link=new_link(letter), now=now)
    letter.save()


def new_link(letter: Letter) -> str:
    token = new_token()
    letter.token_hash = hash_of(token)
    return outbox.absolute(reverse("privacy:letter", args=[token]))


def answer_erasure(request: RightsRequest, *, to: str, by: AbstractBaseUser | None, now: datetime) -> None:
    """
    In the transaction that erased the person: `to` is where they were reached, which nobody keeps. They read what went
    and what stays, and the request is answered. The letter names nobody.
    """
    current = workflow.locked(request)
    text = drafted(current, Kind.ANSWER, now=now)
    letter = Letter(request=current, kind=Kind.ANSWER, text=text, written_at=now)
    letter.written_by_id = by.pk if by else None
    letter.sent_at, letter.way = now, Way.MESSAGE
    outbox.send("erasure_done", to=to, link=new_link(letter), now=now)
    letter.save()
    workflow.answer(current, by=by, now=now)


# Reading --------------------------------------------------------------------------------------------------------------


def find_letter(token: str, *, now: datetime) -> Letter:
    """Raises LinkGone."""
    sent = Letter.objects.filter(sent_at__gt=now - LETTER_LINK_LIVES, token_hash=hash_of(token))
    letter = sent.select_related("request__person").first()
    if letter is None:
        raise LinkGone
    return letter


def is_theirs(letter: Letter, account: Any) -> bool:
    """Whether this login is the person's own."""
    return letter.request.person is not None and Whole.of(letter.request).owns(account)


def needs_code(letter: Letter) -> bool:
    """Without a record of theirs there is nobody to send a code to, and the letter says nothing of what we hold."""
    return bool(letter.sent_to) and letter.request.person is not None


def send_code(letter: Letter, *, now: datetime) -> None:
    """To where the letter went. Raises TooManyCodes."""
    if letter.request.person is not None:
        links.send_code(letter.request.person, to=letter.sent_to, purpose=purpose_of(letter), now=now)


def is_right_code(letter: Letter, code: str, *, now: datetime) -> bool:
    person = letter.request.person
    return person is not None and codes.check(person, code, purpose=purpose_of(letter), now=now)


def purpose_of(letter: Letter) -> str:
    return f"letter:{letter.pk}"


def may_confirm(letter: Letter, account: Any) -> bool:
    """Whether who reads it proves by that to be the person: signed in, or reached where we know them to be."""
    request = letter.request
    if request.person is None or request.identity or request.answered_at:
        return False
    return is_theirs(letter, account) or letter.sent_to in addresses_of(request.person)


def confirm(letter: Letter, account: Any, *, now: datetime) -> None:
    """The person says that it is they who ask. Raises RequestError when that is not open to them."""
    if not may_confirm(letter, account):
        raise RequestError("Cette demande n’attend pas de confirmation.")
    how = Identity.SIGNED_IN if is_theirs(letter, account) else Identity.CODE
    workflow.prove_identity(letter.request, how=how, by=None, now=now)
