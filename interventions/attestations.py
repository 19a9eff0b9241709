"""At the end of its job a provider or a hotel deletes what it kept, and attests that (GDPR article 28(3)(g))."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, Min, Sum
from django.urls import reverse

from interventions.models import DeletionAttestation, Hotel, Intervention, Provider, ProviderLink, Relocation
from interventions.models.interventions import ENDED
from interventions.reaching import addresses_of
from privacy import disclosure
from privacy.outbox import absolute, send
from privacy.tokens import hash_of, new_token

OPENINGS = {
    "first_opened_at": Min("first_opened_at"),
    "last_opened_at": Max("last_opened_at"),
    "opened": Sum("opened"),
}


@transaction.atomic
def ask_those_who_left(intervention: Intervention, *, now: datetime) -> None:
    """
    Whoever had the job and has it no more: those who opened it, and at its end the last one, whom the desk may have
    told by telephone. Who has it again is not asked until that is over too.
    """
    current = intervention.provider_id if intervention.is_with_provider else None
    if current:
        intervention.attestations.missing().filter(provider=current).delete()
    links = ProviderLink.objects.filter(intervention=intervention).exclude(first_opened_at=None)
    left = set(links.values_list("provider", flat=True))
    if intervention.status in ENDED and intervention.provider_id:
        left.add(intervention.provider_id)
    for provider in Provider.objects.filter(pk__in=left - {current}).order_by("pk"):
        ask(intervention, provider=provider, now=now)


def ask(intervention: Intervention, *, provider: Provider, now: datetime) -> None:
    seen = ProviderLink.objects.filter(intervention=intervention, provider=provider).aggregate(**OPENINGS)
    ask_for(intervention, seen=seen, now=now, provider=provider)


@transaction.atomic
def ask_hotel(intervention: Intervention, *, hotel: Hotel, now: datetime) -> None:
    """If it opened what it was sent."""
    theirs = Relocation.objects.filter(intervention=intervention, hotel=hotel)
    seen = theirs.aggregate(**OPENINGS)
    if seen["opened"] and not theirs.asked_of_hotel().exists():
        ask_for(intervention, seen=seen, now=now, hotel=hotel)


def ask_for(intervention: Intervention, *, seen: dict[str, Any], now: datetime, **company: Provider | Hotel) -> None:
    asked = intervention.attestations.filter(**company)
    known = asked.missing().first()
    if known is None and asked.filter(attested_at__gte=seen["last_opened_at"] or now).exists():
        return  # nothing was shown since
    if known is None:
        known = DeletionAttestation.objects.create(
            intervention=intervention,
            **company,
            token_hash=hash_of(new_token()),
            asked_at=now,
            **{**seen, "opened": seen["opened"] or 0},
        )
        send_message(known, now=now)


def send_message(attestation: DeletionAttestation, *, now: datetime) -> None:
    """The former link dies with it. A company that no message reaches is left to the DPO's list."""
    to = addresses_of(attestation.company, numbers=[attestation.company.number])
    token = new_token()
    link = absolute(reverse("provider:deletion", args=[token]))
    for address in to:
        send("deletion_request", to=address, link=link, now=now)
    attestation.token_hash = hash_of(token)
    attestation.sent += 1
    attestation.last_sent_at = now if to else attestation.last_sent_at
    attestation.save(update_fields=["token_hash", "sent", "last_sent_at"])


@transaction.atomic
def chase(*, now: datetime) -> int:
    """Again after 7 and after 15 days. Returns how many were."""
    waiting = DeletionAttestation.objects.to_chase(now=now).select_for_update(of=("self",), skip_locked=True)
    found = list(waiting.select_related("provider", "hotel").order_by("pk"))
    for attestation in found:
        send_message(attestation, now=now)
    return len(found)


def find(token: str) -> DeletionAttestation | None:
    """Of this token, whether or not it is attested already."""
    return DeletionAttestation.objects.select_related("provider", "hotel").filter(token_hash=hash_of(token)).first()


@transaction.atomic
def attest(attestation: DeletionAttestation, *, now: datetime) -> None:
    """The register of disclosures says so too. Twice is once."""
    if not DeletionAttestation.objects.missing().filter(pk=attestation.pk).update(attested_at=now):
        return
    given: list[Intervention | Relocation] = [Intervention(pk=attestation.intervention_id)]
    if attestation.hotel_id:
        given = list(Relocation.objects.filter(intervention=attestation.intervention_id, hotel=attestation.hotel_id))
    for source in given:
        disclosure.note_deletion(source, recipient=attestation.company, now=now)
