"""Where a message reaches a company: on its on-call mobile, else on its own, and by e-mail."""

from collections.abc import Iterable
from datetime import datetime

from accounts.phones import can_receive_texts
from interventions.models import Hotel, Intervention, Provider
from interventions.rota import Job, shifts_for


def addresses_of(company: Provider | Hotel, *, numbers: Iterable[str]) -> list[str]:
    """The first of `numbers` that may be a mobile, then the e-mail address. Empty: somebody has to telephone."""
    mobile = next(filter(can_receive_texts, filter(None, numbers)), "")
    return [*filter(None, [mobile, company.email])]


def addresses_for_job(intervention: Intervention, *, provider: Provider, now: datetime) -> list[str]:
    """Whoever is on call for it now has a number of their own."""
    on_call = [shift.number for shift in shifts_for(Job.of(intervention), at=now) if shift.provider_id == provider.pk]
    return addresses_of(provider, numbers=[*on_call, provider.number])
