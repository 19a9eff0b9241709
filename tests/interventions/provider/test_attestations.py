"""At the end a provider deletes what it kept, and attests it; who does not is chased, then on the DPO's list."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.roles import Role
from interventions.attestations import chase
from interventions.lifecycle import advance
from interventions.models import DeletionAttestation, Intervention, Status
from privacy.models import Disclosure
from tests.callcenter.console.reading import words
from tests.factories import ProviderFactory, UserFactory
from tests.interventions.provider.jobs import links_sent
from tests.outbox import deliver_all

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def ended(job, now, to=Status.CLOSED):
    current = Intervention.objects.get(pk=job.pk)
    return advance(current, to=to, by=UserFactory(), now=now, version=current.version, reason="Terminé.")


def test_at_the_end_it_is_asked_for_by_a_link(client, job, address, now):
    client.get(address)
    ended(job, now)
    asked = DeletionAttestation.objects.get()
    assert (asked.intervention, asked.provider, asked.sent, asked.attested_at) == (job, job.provider, 1, None)
    assert (asked.opened, asked.first_opened_at is None) == (1, False)
    deliver_all(now)
    body = mail.outbox[0].body
    assert "/p/effacement/" in body
    assert job.reference not in body
    link = links_sent(now)[-1]
    assert job.reference in words(client.get(link))


def test_attesting_is_on_the_register(client, job, address, now):
    ended(job, now)
    link = links_sent(now)[0]
    client.get(link)
    assert DeletionAttestation.objects.get().attested_at is None  # looking is not attesting
    assert Disclosure.objects.filter(deletion_attested_at=None).exists()
    assert client.post(link).status_code == 302
    first = DeletionAttestation.objects.get().attested_at
    client.post(link)
    assert DeletionAttestation.objects.get().attested_at == first
    assert "Attesté" in words(client.get(link))
    assert set(Disclosure.objects.values_list("deletion_attested_at", flat=True)) == {first}


def test_who_opened_the_job_before_it_went_to_another_is_asked_at_once(client, job, address, now):
    client.get(address)
    another = ProviderFactory()
    advance(job, to=Status.DISPATCHED, by=UserFactory(), now=now, version=job.version, provider=another)
    assert [one.provider for one in DeletionAttestation.objects.all()] == [job.provider]


def test_who_never_opened_it_is_not(job, address, now):
    advance(job, to=Status.DISPATCHED, by=UserFactory(), now=now, version=job.version, provider=ProviderFactory())
    assert not DeletionAttestation.objects.exists()


def test_who_refuses_after_looking_is_asked(client, job, address, say):
    client.get(address)
    say("decline", why="busy")
    assert DeletionAttestation.objects.get().provider == job.provider


def test_who_has_the_job_again_is_asked_when_that_is_over(client, job, address, now):
    client.get(address)
    ended(job, now)
    reopened = ended(job, now + DAY, to=Status.REOPENED)
    advance(
        reopened, to=Status.DISPATCHED, by=UserFactory(), now=now + DAY, version=reopened.version, provider=job.provider
    )
    assert not DeletionAttestation.objects.exists()
    ended(job, now + 2 * DAY)
    assert DeletionAttestation.objects.get().asked_at == now + 2 * DAY


def test_it_is_chased_at_7_and_15_days_and_the_last_link_is_the_one_that_opens(client, job, address, now):
    ended(job, now)
    first = links_sent(now)[0]
    for days, expected in ((6, 0), (7, 1), (8, 0), (14, 0), (15, 1), (16, 0), (40, 0)):
        assert chase(now=now + days * DAY) == expected, days
    assert client.get(first).status_code == 404
    last = links_sent(now + 15 * DAY)[-1]
    assert client.get(last).status_code == 200
    client.post(last)
    assert chase(now=now + 60 * DAY) == 0


def test_a_beat_that_slept_sends_one_message_and_not_two(job, now):
    ended(job, now)
    assert chase(now=now + 20 * DAY) == 1
    assert chase(now=now + 20 * DAY) == 1
    assert chase(now=now + 20 * DAY) == 0


def test_the_dpo_sees_what_is_missing(client, job, address, now):
    ended(job, timezone.now())
    client.force_login(UserFactory(role=Role.DPO))
    page = client.get("/admin/interventions/deletionattestation/")
    assert page.status_code == 200
    assert job.reference in words(page)
    DeletionAttestation.objects.update(attested_at=now)
    assert job.reference not in words(client.get("/admin/interventions/deletionattestation/"))
    assert job.reference in words(client.get("/admin/interventions/deletionattestation/?missing=no"))
