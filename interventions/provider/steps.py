"""What a provider does with its job, each step through the one door of an intervention's life."""

from collections.abc import Iterable
from datetime import datetime
from typing import BinaryIO

from django.db import transaction

from interventions import dispatch, lifecycle, photos
from interventions.models import Intervention, Photo, Signature, Status
from interventions.provider.forms import (
    AcceptForm,
    ArriveForm,
    DeclineForm,
    DoneForm,
    FollowOnForm,
    NoAccessForm,
    StepForm,
)

S = Status

FORMS: dict[str, type[StepForm]] = {
    "accept": AcceptForm,
    "decline": DeclineForm,
    "arrive": ArriveForm,
    "done": DoneForm,
    "follow_on": FollowOnForm,
    "no_access": NoAccessForm,
}

# What may be said where the job stands, what comes most often first.
STEPS: dict[str, tuple[str, ...]] = {
    S.DISPATCHED: ("accept", "decline"),
    S.ACCEPTED: ("arrive", "decline"),
    S.APPOINTMENT: ("arrive", "no_access"),
    S.ON_SITE: ("done", "follow_on", "no_access"),
    S.NO_ACCESS: ("arrive",),
}
TAKES_PHOTOS = frozenset({S.ON_SITE, S.NO_ACCESS, S.FOLLOW_ON, S.DONE})
MAY_SPEND = frozenset({S.ACCEPTED, S.APPOINTMENT, S.ON_SITE, S.FOLLOW_ON})


class AlreadyDone(Exception):
    """The very step, by this provider, just before: sent twice."""


@transaction.atomic
def take(
    intervention: Intervention, form: StepForm, *, signature: BinaryIO | None = None, now: datetime
) -> Intervention:
    """
    Raises AlreadyDone for what was sent twice, photos.Refused for a signature that is no picture, and what
    `lifecycle.advance` raises.
    """
    version = form.cleaned_data["version"]
    try:
        if isinstance(form, DeclineForm):
            return dispatch.decline(intervention, reason=form.reason, now=now, version=version)
        current = lifecycle.advance(
            intervention,
            to=form.to,
            by=None,
            by_provider=True,
            now=now,
            version=version,
            reason=form.reason,
            arrives_at=form.arrives_at,
        )
    except lifecycle.StaleIntervention:
        if is_repeated(intervention, form.to, version=version):
            raise AlreadyDone from None
        raise
    if isinstance(form, DoneForm) and form.cleaned_data["signer"]:
        sign(current, signer=form.cleaned_data["signer"], name=form.cleaned_data["name"], drawn=signature, now=now)
    return current


def is_repeated(intervention: Intervention, to: Status, *, version: int) -> bool:
    current = Intervention.objects.get(pk=intervention.pk)
    last = current.transitions.last()
    return current.version == version + 1 and last is not None and last.by_provider and last.to_status == to


def sign(intervention: Intervention, *, signer: str, name: str, drawn: BinaryIO | None, now: datetime) -> Signature:
    """The name is enough: without JavaScript nothing can be drawn. Raises photos.Refused."""
    kind = Photo.Kind.SIGNATURE
    image = photos.add_job_photo(intervention, stream=drawn, kind=kind, now=now) if drawn else None
    return Signature.objects.create(intervention=intervention, signer=signer, name=name, image=image, signed_at=now)


def keep_photos(intervention: Intervention, *, streams: Iterable[BinaryIO], now: datetime) -> list[str]:
    """Each for itself. Returns why some were refused, once each."""
    refusals = []
    for stream in streams:
        try:
            photos.add_job_photo(intervention, stream=stream, kind=Photo.Kind.PROVIDER, now=now)
        except photos.Refused as refusal:
            refusals.append(str(refusal))
    return list(dict.fromkeys(refusals))
