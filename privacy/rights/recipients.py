"""
Who was given data is told of what became of them (GDPR article 19): a task for each recipient once a rectification, an
erasure or a restriction is decided, told when it is executed, and every day until it is acknowledged.
"""

import logging
from datetime import datetime

from django.apps import apps
from django.contrib.auth.models import AbstractBaseUser
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, QuerySet
from django.urls import reverse

from privacy import journal, outbox
from privacy.models import Disclosure, RecipientNotice, RequestStep, RightsRequest
from privacy.models.disclosures import RECIPIENT_KINDS
from privacy.rights import workflow
from privacy.rights.objection import people
from privacy.rights.workflow import RequestError

logger = logging.getLogger(__name__)

Right = RightsRequest.Right
Kind = RequestStep.Kind

GRANTED = (RightsRequest.Outcome.GRANTED, RightsRequest.Outcome.PARTLY)
TOLD_OF = (Right.RECTIFICATION, Right.ERASURE, Right.RESTRICTION)
SENT_AT_MOST = 30  # messages, one a day; then the DPO finds another way or says why there is none
SALT = "privacy.recipient_notice"


class NoSuchNotice(Exception):
    """The link is not one of ours, or its request is gone."""


# Whom to tell ---------------------------------------------------------------------------------------------------------


def list_recipients(request: RightsRequest, *, by: AbstractBaseUser | None, now: datetime) -> None:
    """On the decision, for an erasure takes the register of disclosures along."""
    if request.right not in TOLD_OF or request.outcome == RightsRequest.Outcome.REFUSED:
        return
    told: dict[tuple[object, ...], RecipientNotice] = {}
    for given in Disclosure.objects.filter(person__in=[person.pk for person in people(request)]).order_by("pk"):
        notice = RecipientNotice(
            request=request,
            recipient_kind=given.recipient_kind,
            recipient_name=given.recipient_name,
            recipient_model=given.recipient_model,
            recipient_id=given.recipient_id,
            made_at=now,
        )
        told.setdefault(notice.key, notice).pieces.append([given.source_model, given.source_id, given.fields])
    RecipientNotice.objects.bulk_create(told.values(), ignore_conflicts=True)


def list_before_erasure(person: Model, *, by: AbstractBaseUser | None, now: datetime) -> None:
    """Whoever was given something since the decision: the register goes with the person."""
    for request in RightsRequest.objects.open().filter(person=person.pk, right=Right.ERASURE, outcome__in=GRANTED):
        list_recipients(request, by=by, now=now)


def tell_after_execution(request: RightsRequest, *, by: AbstractBaseUser | None, now: datetime) -> None:
    """Also whoever was given something between the decision and the execution."""
    if request.right in TOLD_OF:
        list_recipients(request, by=by, now=now)
        for notice in request.recipient_notices.unsettled():
            send(notice, now=now)
        note_told(request, by=by, now=now)


def tell_again(*, now: datetime) -> int:
    """What was missed, and what is a day old and not acknowledged. Returns how many messages were asked for."""
    waiting = RecipientNotice.objects.to_send(now=now).filter(sent__lt=SENT_AT_MOST).select_related("request")
    return sum(send(notice, now=now) for notice in waiting.order_by("pk"))


# Telling --------------------------------------------------------------------------------------------------------------


@transaction.atomic
def send(notice: RecipientNotice, *, now: datetime) -> bool:
    """To the recipient's e-mail address. Without one the DPO tells them another way, and says so here: False."""
    current = RecipientNotice.objects.to_send(now=now).select_for_update(of=("self",)).filter(pk=notice.pk).first()
    to = email_of(notice)
    if current is None or not to:
        return False
    try:
        outbox.send("recipient_notice", to=to, link=link_to(current), now=now)
    except ValidationError:
        logger.warning("recipient's address is none", extra={"notice": current.pk})
        return False
    current.sent += 1
    current.last_sent_at = now
    current.save(update_fields=["sent", "last_sent_at"])
    return True


def email_of(notice: RecipientNotice) -> str:
    if not notice.recipient_model:
        return ""
    recipients = apps.get_model(notice.recipient_model)._base_manager
    return str(getattr(recipients.filter(pk=notice.recipient_id).first(), "email", ""))


def link_to(notice: RecipientNotice) -> str:
    """Signed, not kept: each message's link is good until the notice is settled."""
    token = signing.Signer(salt=SALT).sign_object(notice.pk)
    return outbox.absolute(reverse("privacy:recipient_notice", args=[token]))


def find(token: str) -> RecipientNotice:
    """Raises NoSuchNotice."""
    try:
        number = signing.Signer(salt=SALT).unsign_object(token)
    except signing.BadSignature:
        raise NoSuchNotice from None
    found = RecipientNotice.objects.select_related("request").filter(pk=number).first()
    if found is None:
        raise NoSuchNotice
    return found


# The end --------------------------------------------------------------------------------------------------------------


@transaction.atomic
def acknowledge(notice: RecipientNotice, *, by: AbstractBaseUser | None, now: datetime) -> None:
    """The recipient did their part: they say so by the link, or told `by`. Twice is once."""
    current = RecipientNotice.objects.select_for_update(of=("self",)).select_related("request").get(pk=notice.pk)
    if current.acknowledged_at is None:
        current.acknowledged_at = now
        current.acknowledged_by_id = by.pk if by else None
        current.save(update_fields=["acknowledged_at", "acknowledged_by"])
        journal.record(current, action="acknowledge", by=by, now=now, request=current.request_id)
    note_told(current.request, by=by, now=now)


@transaction.atomic
def give_up(notice: RecipientNotice, *, reason: str, by: AbstractBaseUser, now: datetime) -> None:
    """Telling is impossible, or out of all proportion (article 19). Raises RequestError without a reason."""
    if not reason.strip():
        raise RequestError("Dites pourquoi prévenir ce destinataire est impossible ou disproportionné.")
    current = RecipientNotice.objects.select_for_update(of=("self",)).select_related("request").get(pk=notice.pk)
    if current.is_settled:
        raise RequestError("Ce destinataire n’attend plus rien.")
    current.impossible_at, current.impossible_reason = now, reason.strip()
    current.save(update_fields=["impossible_at", "impossible_reason"])
    journal.record(current, action="give_up", by=by, now=now, request=current.request_id)
    note_told(current.request, by=by, now=now)


def note_told(request: RightsRequest, *, by: AbstractBaseUser | None, now: datetime) -> None:
    """Once, when nobody is left who was neither told nor given up."""
    if untold(request).exists() or request.steps.filter(kind=Kind.RECIPIENTS_TOLD).exists():
        return
    if number := request.recipient_notices.count():
        workflow.note(request, Kind.RECIPIENTS_TOLD, by=by, now=now, recipients=number)


def untold(request: RightsRequest) -> QuerySet[RecipientNotice]:
    """Those that no message reached, and that nobody told otherwise."""
    return request.recipient_notices.unsettled().filter(last_sent_at=None)


def recipients_in_words(request: RightsRequest) -> list[str]:
    """For the answer to the person, who may ask who they are (article 19)."""
    notices = request.recipient_notices.order_by("recipient_name")
    return [f"{notice.recipient_name} ({RECIPIENT_KINDS[notice.recipient_kind].label})" for notice in notices]
