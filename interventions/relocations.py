"""A hotel for those who cannot sleep at home: asked for by the desk, approved by a supervisor, told by a link."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.models import User
from interventions import extracts, stays
from interventions.lifecycle import note_event
from interventions.models import Hotel, Intervention, Relocation
from interventions.reaching import addresses_of
from privacy import disclosure
from privacy.outbox import absolute, send
from privacy.restriction import Restricted
from privacy.tokens import hash_of, new_token


class RelocationError(Exception):
    """Nothing was changed. The message says why, in French."""


@transaction.atomic
def ask(
    intervention: Intervention,
    *,
    hotel: Hotel,
    guests: int,
    from_on: date,
    until_on: date,
    needs: Sequence[str],
    by: User,
    now: datetime,
) -> Relocation:
    """Nothing leaves before a supervisor approves. Raises RelocationError, Restricted."""
    current = Intervention.objects.select_for_update(of=("self",)).get(pk=intervention.pk)
    if current.is_restricted():
        raise Restricted
    if current.relocations.going_on().exists():
        raise RelocationError("Un relogement est déjà en cours pour cette intervention.")
    relocation = Relocation.objects.create(
        intervention=current,
        hotel=hotel,
        guests=guests,
        from_on=from_on,
        until_on=until_on,
        needs=list(needs),
        asked_at=now,
        asked_by=by,
    )
    note_event(Intervention.objects.filter(pk=current.pk), now=now)
    return relocation


@transaction.atomic
def approve(relocation: Relocation, *, reason: str, by: User, now: datetime) -> Relocation:
    """
    A supervisor's decision: the hotel is told at once, by a link. Raises RelocationError, and DisclosureRefused where
    nothing may be given (a restriction, a country without a guarantee).
    """
    current = locked(relocation)
    if not by.is_supervisor:
        raise RelocationError("Un superviseur doit accorder le relogement.")
    if current.approved_at is not None or current.ended_at is not None:
        raise RelocationError("Ce relogement est déjà accordé ou n’est plus demandé.")
    if current.check_out_at <= now:
        raise RelocationError("Ces nuits sont passées.")
    token = new_token()
    current.approved_at, current.approved_by, current.reason = now, by, reason
    current.token_hash = hash_of(token)
    current.save(update_fields=["approved_at", "approved_by", "reason", "token_hash"])
    give(current, by=by, now=now)
    for to in addresses_of(current.hotel, numbers=[current.hotel.number]):
        send("hotel_link", to=to, link=absolute(reverse("hotel:stay", args=[token])), now=now)
    note_event(Intervention.objects.filter(pk=current.intervention_id), now=now)
    return current


def give(relocation: Relocation, *, by: User | None, now: datetime) -> dict[str, Any]:
    """
    What the hotel's page shows, by keys of `policy.FIELDS`: for whom, only once it has a room for them.

    Raises DisclosureRefused.
    """
    only = None if relocation.confirmed else extracts.BEFORE_CONFIRMING
    return disclosure.give(extracts.HOTEL, relocation, to=relocation.hotel, only=only, by=by, now=now)


def find(token: str, *, now: datetime) -> Relocation | None:
    """What this token opens, until noon after the last night."""
    asked = Relocation.objects.asked_of_hotel().select_related("hotel", "intervention__occupant")
    found = asked.filter(token_hash=hash_of(token)).first()
    return found if found is not None and now < found.check_out_at else None


def note_opening(relocation: Relocation, *, now: datetime) -> None:
    Relocation.objects.filter(pk=relocation.pk).update(
        first_opened_at=Coalesce("first_opened_at", now), last_opened_at=now, opened=F("opened") + 1
    )


@transaction.atomic
def answer(relocation: Relocation, *, confirmed: bool, now: datetime) -> Relocation:
    """The hotel's word. A refusal ends it: the desk asks another. Raises RelocationError where it has answered."""
    current = locked(relocation)
    if current.answered_at is not None or current.ended_at is not None or current.approved_at is None:
        raise RelocationError("La réponse est déjà donnée, ou ce séjour n’est plus demandé.")
    current.confirmed, current.answered_at = confirmed, now
    current.save(update_fields=["confirmed", "answered_at"])
    if not confirmed:
        stays.end(current, now=now)
    note_event(Intervention.objects.filter(pk=current.intervention_id), now=now)
    return current


@transaction.atomic
def cancel(relocation: Relocation, *, by: User, now: datetime) -> Relocation:
    """The hotel's link is dead at once. Raises RelocationError where it is over."""
    current = locked(relocation)
    if current.ended_at is not None:
        raise RelocationError("Ce relogement est déjà terminé.")
    stays.call_off(current, by=by, now=now)
    note_event(Intervention.objects.filter(pk=current.intervention_id), now=now)
    return current


@transaction.atomic
def end_stays(*, now: datetime) -> int:
    """Those whose guests have left. Returns how many."""
    going_on = Relocation.objects.going_on().select_related("hotel", "intervention")
    free = going_on.select_for_update(of=("self", "intervention"), skip_locked=True)
    over = [relocation for relocation in free.order_by("pk") if relocation.check_out_at <= now]
    for relocation in over:
        stays.end(relocation, now=now)
    return len(over)


def locked(relocation: Relocation) -> Relocation:
    """After its intervention, as that one's end locks them."""
    Intervention.objects.select_for_update(of=("self",)).get(pk=relocation.intervention_id)
    return (
        Relocation.objects.select_for_update(of=("self",)).select_related("hotel", "intervention").get(pk=relocation.pk)
    )
