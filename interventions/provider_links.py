"""The link with which a provider opens its job, and nothing else. It lives as long as the job."""

from datetime import datetime

from django.db import transaction

from interventions.models import Intervention, Provider, ProviderLink
from privacy.tokens import hash_of, new_token


class NoJob(Exception):
    """Nobody has this job now. The message says so in French."""


@transaction.atomic
def issue_link(intervention: Intervention, *, provider: Provider, now: datetime) -> str:
    """A new link for the provider that has the job; the former dies. Returns its token, which is kept nowhere."""
    end_links(intervention, now=now)
    token = new_token()
    ProviderLink.objects.create(intervention=intervention, provider=provider, token_hash=hash_of(token), created_at=now)
    return token


@transaction.atomic
def renew_link(intervention: Intervention, *, now: datetime) -> str:
    """`issue_link` for whoever has the job now. Raises NoJob."""
    current = Intervention.objects.select_for_update(of=("self",)).get(pk=intervention.pk)
    if current.provider is None or not current.is_with_provider:
        raise NoJob("Aucun prestataire n’a cette intervention en ce moment.")
    return issue_link(current, provider=current.provider, now=now)


def end_links(intervention: Intervention, *, now: datetime) -> None:
    """They are dead at once: what they showed cannot be opened any more."""
    ProviderLink.objects.filter(intervention=intervention, ended_at=None).update(ended_at=now)


def find_link(token: str) -> ProviderLink | None:
    """The living link of this token, with all that its page shows."""
    links = ProviderLink.objects.alive().select_related("intervention__residence", "intervention__dwelling")
    return links.filter(token_hash=hash_of(token)).first()
