"""A dispatch is sent at once: a link, and nothing of the job."""

from datetime import timedelta

import pytest
from django.core import mail

from interventions.lifecycle import advance
from interventions.models import OnCallShift, ProviderLink, Status
from interventions.provider_links import renew_link
from privacy.outbox import sms
from privacy.tokens import hash_of
from tests.factories import ProviderFactory, UserFactory
from tests.interventions.provider.jobs import links_sent, sent_to
from tests.outbox import deliver_all

pytestmark = pytest.mark.django_db


def test_the_provider_gets_the_same_link_by_sms_and_by_mail(provider, job, now):
    deliver_all(now)
    assert [text.to for text in sms.outbox] == ["+33611000001"]
    assert [message.to for message in mail.outbox] == [["depannage@wallez.example"]]
    first, second = links_sent(now)
    assert first == second
    token = first.split("/")[2]
    assert len(token) >= 43  # 256 bits
    assert ProviderLink.objects.alive().get().token_hash == hash_of(token)


def test_the_messages_say_nothing_of_the_job(job, now):
    deliver_all(now)
    said = " ".join([sms.outbox[0].text, mail.outbox[0].subject, mail.outbox[0].body]).lower()
    assert "/p/" in said
    for hidden in ("delattre", "simone", "gambetta", "hortensias", "12a34", "0612345678", "06 12", "fuite", "sieste"):
        assert hidden not in said
    assert job.reference.lower() not in said


@pytest.mark.parametrize(
    ("number", "email", "reached"),
    [
        ("+33611000001", "", ["+33611000001"]),
        ("+33327000001", "depannage@wallez.example", ["depannage@wallez.example"]),
        ("+33327000001", "", []),
    ],
)
def test_it_goes_where_it_can_be_received(number, email, reached, now):
    sent_to(ProviderFactory(number=number, email=email), now=now)
    deliver_all(now)
    assert [*(text.to for text in sms.outbox), *(to for message in mail.outbox for to in message.to)] == reached


def test_whoever_is_on_call_now_gets_the_sms(provider, now):
    hour = timedelta(hours=1)
    OnCallShift.objects.create(
        provider=provider, trades=["plumbing"], starts_at=now - hour, ends_at=now + hour, number="+33622000002"
    )
    sent_to(provider, now=now)
    sent_to(provider, now=now + 2 * hour)  # the shift is over
    deliver_all(now + 2 * hour)
    assert [text.to for text in sms.outbox] == ["+33622000002", "+33611000001"]


def test_sent_to_another_the_former_link_is_dead_at_once(client, job, address, now):
    assert client.get(address).status_code == 200
    another = ProviderFactory(number="+33611000009")
    advance(job, to=Status.DISPATCHED, by=UserFactory(), now=now, version=job.version, provider=another, reason="Muet.")
    assert client.get(address).status_code == 404
    [theirs, *_] = links_sent(now)
    assert client.get(theirs).status_code == 200


def test_the_agent_may_still_show_a_new_link(client, job, address, now):
    token = renew_link(job, now=now)
    assert client.get(address).status_code == 404
    assert client.get(f"/p/{token}/").status_code == 200


# When it was opened ---------------------------------------------------------------------------------------------------


def test_when_it_was_opened_is_kept(client, job, address, now):
    link = job.links.get()
    assert (link.first_opened_at, link.last_opened_at, link.opened) == (None, None, 0)
    client.get(address)
    link.refresh_from_db()
    first = link.first_opened_at
    assert first >= now
    client.get(address)
    client.head(address)
    link.refresh_from_db()
    assert (link.first_opened_at, link.opened) == (first, 2)
    assert link.last_opened_at > first


def test_a_new_link_for_the_same_provider_remembers_the_openings_of_the_former(client, job, address, now):
    client.get(address)
    renew_link(job, now=now)
    assert job.links.get(ended_at=None).opened == 1
