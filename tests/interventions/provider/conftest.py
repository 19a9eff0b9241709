"""A provider with its telephone, and the job that it was sent."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from interventions.models import Intervention, Provider
from tests.factories import ProviderFactory
from tests.interventions.provider.jobs import links_sent, sent_to


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def provider() -> Provider:
    return ProviderFactory(name="Plomberie Wallez", number="+33611000001", email="depannage@wallez.example")


@pytest.fixture
def job(provider: Provider, now: datetime) -> Intervention:
    return sent_to(provider, now=now)


@pytest.fixture
def address(job: Intervention, now: datetime) -> str:
    """The page, as the provider got it."""
    return links_sent(now)[0]


@pytest.fixture
def say(client: Client, address: str, job: Intervention) -> Callable[..., Any]:
    """What the provider sends from its page as it is now."""

    def send(step: str, **said: Any) -> Any:
        version = said.pop("version", Intervention.objects.get(pk=job.pk).version)
        return client.post(address, {"step": step, "version": version, **said})

    return send
