"""The link with which a provider opens its job, and nothing else. It lives as long as the job."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from interventions import extracts
from interventions.models import Intervention, Provider, ProviderLink, Status
from interventions.models.interventions import WITHOUT_PROVIDER
from privacy import disclosure
from privacy.restriction import Restricted
from privacy.tokens import hash_of, new_token


class NoJob(Exception):
    """Nobody has this job now. The message says so in French."""


@transaction.atomic
def issue_link(intervention: Intervention, *, provider: Provider, by: User | None = None, now: datetime) -> str:
    """
    A new link for the provider that has the job; the former dies. Returns its token, which is kept nowhere.

    Whose data its page shows finds it in the register of disclosures. Raises DisclosureRefused.
    """
    end_links(intervention, now=now)
    give_job(intervention, provider=provider, by=by, now=now)
    token = new_token()
    ProviderLink.objects.create(intervention=intervention, provider=provider, token_hash=hash_of(token), created_at=now)
    return token


def give_job(intervention: Intervention, *, provider: Provider, by: User | None, now: datetime) -> dict[str, Any]:
    """
    What the provider's page shows, by keys of `policy.FIELDS`; the number to call back once the job is accepted.

    Raises DisclosureRefused.
    """
    accepted = intervention.status not in (Status.DISPATCHED, *WITHOUT_PROVIDER)
    only = None if accepted else extracts.BEFORE_ACCEPTING
    return disclosure.give(extracts.JOB, intervention, to=provider, kind=provider.kind, only=only, by=by, now=now)


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
    links = ProviderLink.objects.alive().select_related("intervention__residence", "intervention__dwelling")
    return links.filter(token_hash=hash_of(token)).first()
