"""The link with which a provider opens its job, and nothing else. It lives as long as the job."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.models import User
from interventions import extracts
from interventions.models import Intervention, Provider, ProviderLink, Status
from interventions.models.interventions import WITHOUT_PROVIDER
from interventions.reaching import addresses_for_job
from privacy import disclosure
from privacy.outbox import absolute, send
from privacy.restriction import Restricted
from privacy.tokens import hash_of, new_token


class NoJob(Exception):
    """Nobody has this job now. The message says so in French."""


@transaction.atomic
def issue_link(intervention: Intervention, *, provider: Provider, by: User | None = None, now: datetime) -> str:
    """
    A new link for the provider that has the job; the former dies. Returns its token, which is kept nowhere.

    Whose data its page shows finds it in the register of disclosures. When a provider opened its former link stays
    known with the new one. Raises DisclosureRefused.
    """
    former = ProviderLink.objects.filter(intervention=intervention, provider=provider, ended_at=None).first()
    end_links(intervention, now=now)
    give_job(intervention, provider=provider, by=by, now=now)
    token = new_token()
    ProviderLink.objects.create(
        intervention=intervention,
        provider=provider,
        token_hash=hash_of(token),
        created_at=now,
        first_opened_at=former.first_opened_at if former else None,
        last_opened_at=former.last_opened_at if former else None,
        opened=former.opened if former else 0,
    )
    return token


def send_link(intervention: Intervention, *, provider: Provider, by: User | None, now: datetime) -> None:
    """By e-mail and SMS, where the provider can be reached so. The message holds the link and nothing of the job."""
    token = issue_link(intervention, provider=provider, by=by, now=now)
    for to in addresses_for_job(intervention, provider=provider, now=now):
        send("job_link", to=to, link=absolute(reverse("provider:job", args=[token])), now=now)


def give_job(intervention: Intervention, *, provider: Provider, by: User | None, now: datetime) -> dict[str, Any]:
    """
    What the provider's page shows, by keys of `policy.FIELDS`; the number to call back once the job is accepted, and
    no way in once it is done.

    Raises DisclosureRefused.
    """
    only: tuple[str, ...] | None = None
    if intervention.status in (Status.DISPATCHED, *WITHOUT_PROVIDER):
        only = extracts.BEFORE_ACCEPTING
    elif intervention.status == Status.DONE:
        only = extracts.ONCE_DONE
    return disclosure.give(extracts.JOB, intervention, to=provider, kind=provider.kind, only=only, by=by, now=now)


def give_job_or_none(link: ProviderLink, *, now: datetime) -> dict[str, Any] | None:
    """For whoever opened the link: None where nothing may be shown any more."""
    try:
        return give_job(link.intervention, provider=link.provider, by=None, now=now)
    except disclosure.DisclosureRefused:
        return None


@transaction.atomic
def renew_link(intervention: Intervention, *, now: datetime) -> str:
    """`issue_link` for whoever has the job now. Raises NoJob, Restricted, DisclosureRefused."""
    current = Intervention.objects.select_for_update(of=("self",)).get(pk=intervention.pk)
    if current.provider is None or not current.is_with_provider:
        raise NoJob("Aucun prestataire n’a cette intervention en ce moment.")
    if current.is_restricted():
        raise Restricted
    return issue_link(current, provider=current.provider, now=now)


def end_links(intervention: Intervention, *, now: datetime) -> None:
    """They are dead at once: what they showed cannot be opened any more."""
    ProviderLink.objects.filter(intervention=intervention, ended_at=None).update(ended_at=now)


def find_link(token: str) -> ProviderLink | None:
    """The living link of this token, with all that its page shows."""
    links = ProviderLink.objects.alive().select_related(
        "provider", "intervention__residence", "intervention__dwelling", "intervention__landlord"
    )
    return links.filter(token_hash=hash_of(token)).first()


def note_opening(link: ProviderLink, *, now: datetime) -> None:
    """A mail program that looks at links by itself counts too: what is known is that it arrived."""
    ProviderLink.objects.filter(pk=link.pk).update(
        first_opened_at=Coalesce("first_opened_at", now), last_opened_at=now, opened=F("opened") + 1
    )
