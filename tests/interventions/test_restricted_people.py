"""Interventions of people whose data are restricted, or who object to being counted."""

import pytest

from accounts.contacts import confirm_phone
from interventions import complaints, provider_links, surveys, watch
from interventions.lifecycle import advance, open_intervention, take_over
from interventions.messages import write_to_desk, write_to_tenant
from interventions.models import Escalation, Intervention, MonthlyFigure, Status
from interventions.problems import PROBLEMS_BY_CODE, Priority
from interventions.statistics import recount
from interventions.triage import suggest
from privacy import codes, consent
from privacy.models import Disclosure, Restriction
from privacy.restriction import Restricted
from privacy.rights import restriction, workflow
from tests.factories import (
    NOW,
    TODAY,
    ComplaintFactory,
    InterventionFactory,
    LandlordFactory,
    PersonFactory,
    ProviderFactory,
    ResidenceFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def lock(person):
    return restriction.begin(person, reason=Restriction.Reason.ACCURACY, by=None, now=NOW)


def step(intervention, to, *, by=None, **details):
    intervention = Intervention.objects.get(pk=intervention.pk)
    details = {"reason": "Demandé par le gardien."} | details
    return advance(intervention, to=to, by=by or UserFactory(), now=NOW, version=intervention.version, **details)


def counted():
    return sum(MonthlyFigure.objects.values_list("count", flat=True))


@pytest.fixture
def person():
    return PersonFactory()


@pytest.mark.parametrize("role", ["occupant", "reported_by"])
def test_nothing_moves_but_an_emergency(person, role):
    ordinary = step(InterventionFactory(**{role: person}), Status.DISPATCHED, provider=ProviderFactory())
    emergency = InterventionFactory(suggested_priority=Priority.EMERGENCY, **{role: person})
    lock(person)
    with pytest.raises(Restricted):
        step(ordinary, Status.ACCEPTED)
    with pytest.raises(Restricted):
        take_over(ordinary, seen_owner=None, by=UserFactory(), now=NOW)
    step(emergency, Status.DISPATCHED, provider=ProviderFactory())
    step(emergency, Status.ACCEPTED)


def opened(person, priority):
    problem, residence = PROBLEMS_BY_CODE["leak_pipe"], ResidenceFactory()
    suggestion = suggest(problem, answers={}, landlord=residence.landlord, now=NOW)
    return open_intervention(
        problem,
        suggestion=suggestion,
        residence=residence,
        dwelling=None,
        occupant=person,
        reported_by=None,
        contact_number="",
        answers={},
        description="",
        priority=priority,
        on_site_by=NOW,
        override_reason="De l’eau partout.",
        incident=None,
        by=UserFactory(),
        now=NOW,
    )


def test_only_an_emergency_is_opened_for_them(person):
    opened(person, Priority.NORMAL)
    lock(person)
    with pytest.raises(Restricted):
        opened(person, Priority.NORMAL)
    assert opened(person, Priority.EMERGENCY).status == Status.QUALIFIED


def test_the_provider_s_link_opens_nothing_until_it_is_lifted(person):
    job = step(InterventionFactory(occupant=person), Status.DISPATCHED, provider=ProviderFactory())
    token = provider_links.renew_link(job, now=NOW)
    assert provider_links.find_link(token)
    locked = lock(person)
    assert provider_links.find_link(token) is None
    with pytest.raises(Restricted):
        provider_links.renew_link(job, now=NOW)
    Restriction.objects.filter(pk=locked.pk).update(told_at=NOW, lifted_at=NOW)
    assert provider_links.find_link(token)


def test_the_provider_of_an_emergency_still_opens_it(person):
    lock(person)
    emergency = InterventionFactory(suggested_priority=Priority.EMERGENCY, occupant=person)
    job = step(emergency, Status.DISPATCHED, provider=ProviderFactory())
    assert provider_links.find_link(provider_links.renew_link(job, now=NOW))


def test_nobody_writes_about_them(person):
    intervention, complaint = InterventionFactory(occupant=person), ComplaintFactory(person=person)
    write_to_tenant(intervention, text="Bonjour.", by=UserFactory(), now=NOW)
    lock(person)
    acts = (
        lambda: write_to_tenant(intervention, text="Bonjour.", by=UserFactory(), now=NOW),
        lambda: write_to_desk(intervention, person=person, text="Bonjour.", now=NOW),
        lambda: complaints.write_message(complaint, text="Bonjour.", by=UserFactory(), now=NOW),
        lambda: confirm_phone(person, "123456", number="+33600000000", instead_of=None, now=NOW),
    )
    for act in acts:
        with pytest.raises(Restricted):
            act()
    assert intervention.messages.count() == 1
    assert codes.issue(person, purpose="sign_up", now=NOW)  # to prove who they are, to us


def test_beat_leaves_them_alone(person):
    late = InterventionFactory(occupant=person, suggested_on_site_by=NOW.replace(day=9))
    locked = lock(person)
    watch.escalate(now=NOW)
    assert not Escalation.objects.exists()
    Restriction.objects.filter(pk=locked.pk).update(told_at=NOW, lifted_at=NOW)
    watch.escalate(now=NOW)
    assert Escalation.objects.get().intervention == late


def test_the_desk_does_not_see_their_complaints(person):
    complaint, agent = ComplaintFactory(person=person), UserFactory()
    assert list(type(complaint).objects.visible_to(agent)) == [complaint]
    lock(person)
    assert not type(complaint).objects.visible_to(agent).exists()


def test_nor_does_their_landlord_see_their_interventions(person):
    landlord = LandlordFactory()
    manager = UserFactory(role="landlord_manager")
    landlord.managers.add(manager)
    intervention = InterventionFactory(occupant=person, residence=ResidenceFactory(landlord=landlord))
    assert list(Intervention.objects.visible_to(manager)) == [intervention]
    lock(person)
    assert not Intervention.objects.visible_to(manager).exists()


def test_they_see_their_own(person):
    tenant = UserFactory(role="tenant", person=person)
    intervention = InterventionFactory(occupant=person)
    lock(person)
    assert list(Intervention.objects.visible_to(tenant)) == [intervention]


# Figures --------------------------------------------------------------------------------------------------------------


def object_to(person, purpose):
    workflow.receive(
        person,
        right="objection",
        channel="portal",
        received_on=TODAY,
        purpose=purpose,
        identity="signed_in",
        by=None,
        now=NOW,
    )


@pytest.mark.parametrize("purpose", ["client_figures", "improvement", "quality"])
@pytest.mark.parametrize("role", ["occupant", "reported_by"])
def test_who_objects_is_left_out_of_the_figures_to_come(person, purpose, role):
    step(InterventionFactory(**{role: person}), Status.CLOSED)
    assert counted() == 1  # it is only a number: what was counted stays
    object_to(person, purpose)
    step(InterventionFactory(**{role: person}), Status.CLOSED)
    assert counted() == 1
    step(InterventionFactory(occupant=PersonFactory()), Status.CLOSED)
    assert counted() == 2
    assert sum(recount(Intervention.objects.all()).values()) == 2


def test_what_was_not_counted_is_not_taken_back(person):
    step(InterventionFactory(), Status.CLOSED)
    object_to(person, "client_figures")
    left_out = step(InterventionFactory(occupant=person), Status.CLOSED)
    step(left_out, Status.REOPENED)
    assert counted() == 1
    step(left_out, Status.CLOSED)
    assert counted() == 1
    assert sum(recount(Intervention.objects.all()).values()) == 1


def test_an_emergency_of_who_is_restricted_is_not_counted(person):
    emergency = InterventionFactory(suggested_priority=Priority.EMERGENCY, occupant=person)
    lock(person)
    step(emergency, Status.CLOSED)
    assert counted() == 0


# Surveys --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", ["surveys", "polls"])
def test_who_objects_is_not_asked_for_an_opinion(person, purpose):
    consent.give(person, purpose="surveys", channel="portal", by=None, now=NOW)
    intervention = step(InterventionFactory(occupant=person), Status.CLOSED)
    assert surveys.is_asked(intervention, person=person, now=NOW)
    object_to(person, purpose)
    assert not surveys.is_asked(intervention, person=person, now=NOW)


# Disclosures ----------------------------------------------------------------------------------------------------------


def test_a_dispatch_is_told_to_the_register(person):
    provider, agent, neighbour = ProviderFactory(), UserFactory(), PersonFactory()
    intervention = InterventionFactory(occupant=person, reported_by=neighbour)
    job = step(intervention, Status.DISPATCHED, by=agent, provider=provider)
    provider_links.renew_link(job, now=NOW)  # the same page again
    assert set(Disclosure.objects.values_list("person", "recipient_name", "by")) == {
        (person.pk, provider.name, agent.pk),
        (neighbour.pk, provider.name, agent.pk),
    }
    given = Disclosure.objects.get(person=person)
    assert "codes d’accès" in given.fields
    assert (given.source_model, given.source_id) == ("interventions.Intervention", intervention.pk)
    step(job, Status.DISPATCHED, provider=ProviderFactory())
    assert Disclosure.objects.filter(person=person).count() == 2


def test_its_time_counts_from_the_end_of_the_intervention(person):
    job = step(InterventionFactory(occupant=person), Status.DISPATCHED, provider=ProviderFactory())
    assert Disclosure.objects.get().ended_at is None
    step(job, Status.CLOSED)
    assert Disclosure.objects.get().ended_at == NOW
    step(job, Status.REOPENED)
    assert Disclosure.objects.get().ended_at is None
