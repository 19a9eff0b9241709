"""A change of the policy is told to tenants on their first page."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.roles import Role
from privacy.models import PolicyVersion
from tests.factories import PersonFactory, UserFactory

pytestmark = pytest.mark.django_db

CHANGED = "Notre politique de confidentialité a changé"


def publish(version, *, days_ago):
    kept_at = timezone.now() - timedelta(days=days_ago)
    PolicyVersion.objects.create(
        version=version, published_on=kept_at.date(), kept_at=kept_at, page="…", sha256=version.ljust(64, "0")
    )


def page_of(client, *, joined):
    joined_at = timezone.now() - timedelta(days=joined)
    client.force_login(UserFactory(role=Role.TENANT, person=PersonFactory(), date_joined=joined_at))
    return client.get("/portail/").content.decode()


def test_a_tenant_is_told_that_the_policy_changed(client):
    publish("2025-01-02", days_ago=400)
    assert CHANGED not in page_of(client, joined=100)
    publish("2026-11-01", days_ago=10)
    assert CHANGED in page_of(client, joined=100)


@pytest.mark.parametrize(("joined", "published"), [(5, 10), (100, 31)])
def test_what_is_not_news_is_not_told(client, joined, published):
    publish("2025-01-02", days_ago=400)
    publish("2026-11-01", days_ago=published)
    assert CHANGED not in page_of(client, joined=joined)
