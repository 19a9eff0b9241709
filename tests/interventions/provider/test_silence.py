"""A provider that does not answer: the supervisor is told, somebody else is suggested, and a person sends them."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.roles import Role
from interventions import dispatch
from interventions.dispatch import ANSWER_WITHIN, watch_unanswered
from interventions.lifecycle import advance
from interventions.models import Escalation, Instruction, Intervention, Status
from interventions.problems import Priority
from interventions.watch import waiting_escalations
from tests.callcenter.console.reading import words
from tests.factories import InstructionFactory, ProviderFactory, UserFactory
from tests.interventions.provider.jobs import sent_to

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture
def other():
    return ProviderFactory(name="Sanitherm", number="+33611000005")


def late(job, by=SECOND):
    return job.transitions.last().at + ANSWER_WITHIN[Priority(job.priority)] + by


@pytest.mark.parametrize("priority", Priority)
def test_the_supervisor_is_told_once_when_the_time_is_over(provider, now, priority):
    job = sent_to(provider, now=now, suggested_priority=priority)
    assert watch_unanswered(now=late(job, -SECOND)) == 0
    assert watch_unanswered(now=late(job)) == 1
    assert watch_unanswered(now=late(job, 5 * SECOND)) == 0
    assert [(one.kind, one.intervention) for one in waiting_escalations()] == [(Escalation.Kind.NO_ANSWER, job)]


def test_who_answered_is_left_alone(job, say, now):
    say("accept", minutes=30)
    assert watch_unanswered(now=late(job, timedelta(days=1))) == 0


def test_it_waits_for_nobody_once_somebody_accepts_or_another_is_sent(job, other, now):
    watch_unanswered(now=late(job))
    assert waiting_escalations().exists()
    advance(job, to=Status.DISPATCHED, by=UserFactory(), now=late(job), version=job.version, provider=other)
    assert not waiting_escalations().exists()


def test_nobody_is_sent_by_itself(job, other, now):
    InstructionFactory(landlord=job.landlord)
    watch_unanswered(now=late(job))
    assert Intervention.objects.get(pk=job.pk).provider == job.provider
    assert dispatch.next_candidate(job, now=late(job)).provider == other


def test_unless_the_landlord_s_instruction_says_so(client, job, address, other, now):
    Instruction.objects.all().delete()
    InstructionFactory(landlord=job.landlord, sends_to_next=True)
    assert client.get(address).status_code == 200
    watch_unanswered(now=late(job))
    current = Intervention.objects.get(pk=job.pk)
    assert (current.provider, current.status) == (other, Status.DISPATCHED)
    assert (current.transitions.last().by, current.transitions.last().reason) == (None, dispatch.UNANSWERED)
    assert client.get(address).status_code == 404


def test_with_nobody_left_the_job_stays_where_it_is(job, now):
    InstructionFactory(landlord=job.landlord, sends_to_next=True)
    watch_unanswered(now=late(job))
    assert Intervention.objects.get(pk=job.pk).provider == job.provider


# On the desk's sheet --------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(client_factory):
    browser = client_factory()
    browser.force_login(UserFactory(role=Role.AGENT))
    return browser


def sheet(desk, job):
    return words(desk.get(reverse("console:intervention", args=[job.pk])))


def test_the_agent_sees_when_it_was_opened(client, desk, job, address):
    assert "pas encore ouvert" in sheet(desk, job)
    client.get(address)
    assert "Lien ouvert à" in sheet(desk, job)


def test_the_agent_sends_the_next_one_in_one_click(desk, provider, other, now):
    job = sent_to(provider, now=now - timedelta(days=1))
    text = sheet(desk, job)
    assert "Plomberie Wallez n’a pas répondu." in text
    assert "Suggéré ensuite : Sanitherm" in text
    said = {"version": job.version, "provider": other.pk, "suggested": other.pk}
    desk.post(reverse("console:advance", args=[job.pk, "dispatched"]), said)
    assert Intervention.objects.get(pk=job.pk).provider == other
    assert "n’a pas répondu" not in sheet(desk, job)


def test_a_refusal_is_on_the_sheet_with_the_next_one(desk, job, say, other):
    say("decline", why="busy")
    text = sheet(desk, job)
    assert "Le prestataire ne vient pas." in text
    assert "Sanitherm" in text
    assert "Déjà pris ailleurs" in text


def test_an_arrival_after_the_promise_is_told(desk, job, say):
    say("accept", minutes=240)
    assert "après l’heure promise" in sheet(desk, job)
