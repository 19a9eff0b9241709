"""The end of nights at a hotel: the guests left, the hotel or the desk called them off, or their intervention ended."""

from datetime import datetime

from accounts.models import User
from interventions import attestations
from interventions.models import Intervention, Relocation
from privacy import disclosure


def end_with(intervention: Intervention, *, by: User | None, now: datetime) -> None:
    """Nobody is put up any more for what is over."""
    going_on = intervention.relocations.going_on().select_for_update(of=("self",))
    for relocation in going_on.select_related("hotel", "intervention"):
        call_off(relocation, by=by, now=now)


def call_off(relocation: Relocation, *, by: User | None, now: datetime) -> None:
    relocation.cancelled_by = by
    relocation.save(update_fields=["cancelled_by"])
    end(relocation, now=now)


def end(relocation: Relocation, *, now: datetime) -> None:
    """The hotel's link is dead at once, and the hotel is asked to delete what it was shown."""
    relocation.ended_at = now
    relocation.save(update_fields=["ended_at"])
    disclosure.end(relocation, now=now)
    attestations.ask_hotel(relocation.intervention, hotel=relocation.hotel, now=now)
