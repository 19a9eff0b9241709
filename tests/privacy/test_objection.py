"""Objections by purpose: what stops at once, what is weighed, and addresses that nobody solicits any more."""

from datetime import timedelta

import pytest
from django.core import mail

from accounts.roles import Role
from privacy import consent, objections, suppression
from privacy.models import Objection, OutgoingMessage, Restriction, RightsRequest, Suppression
from privacy.outbox import MessageKind, kinds, send
from privacy.retention.purge import purge
from privacy.rights import objection, withdrawal, workflow
from privacy.rights.workflow import RequestError
from tests.factories import NOW, TODAY, PersonFactory, PhoneFactory, UserFactory
from tests.outbox import deliver_all

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=5)
ADDRESS = "lefebvre@exemple.example"
Outcome, Identity = RightsRequest.Outcome, RightsRequest.Identity


@pytest.fixture
def dpo():
    return UserFactory(role=Role.DPO)


@pytest.fixture
def person():
    return PhoneFactory(number="+33612345678", person=PersonFactory(email=ADDRESS)).person


def asked(person, purpose, *, identity=Identity.SIGNED_IN):
    return workflow.receive(
        person,
        right=RightsRequest.Right.OBJECTION,
        channel="portal",
        received_on=TODAY,
        purpose=purpose,
        identity=identity,
        by=None,
        now=NOW,
    )


def test_marketing_stops_in_the_same_request_and_no_reason_is_asked(person):
    request = asked(person, "marketing")
    assert (request.outcome, request.answered_at) == (Outcome.GRANTED, NOW)
    assert Objection.objects.get().state == Objection.State.UPHELD
    assert suppression.is_suppressed(ADDRESS, purpose="marketing")
    assert suppression.is_suppressed("+33612345678", purpose="marketing")
    assert not suppression.is_suppressed(ADDRESS, purpose="surveys")
    letter = request.letters.get()
    assert letter.sent_at == NOW
    assert "Prospecter" in letter.text


def test_of_an_address_only_a_keyed_hash_is_kept(person, settings):
    asked(person, "marketing")
    kept = Suppression.objects.values_list("digest", flat=True)
    assert len(kept) == 2
    assert all(ADDRESS not in digest and "612345678" not in digest for digest in kept)
    settings.LEDGER_KEYS = ["another-key"]
    assert not suppression.is_suppressed(ADDRESS, purpose="marketing")


def test_an_old_key_goes_on_reading(person, settings):
    asked(person, "marketing")
    settings.LEDGER_KEYS = ["a-new-key-in-front", *settings.LEDGER_KEYS]
    assert suppression.is_suppressed(f" {ADDRESS.upper()} ", purpose="marketing")


def test_a_suppression_lasts_three_years_and_outlives_the_record(person):
    asked(person, "marketing")
    Objection.objects.all().delete()
    purge(now=NOW.replace(year=2029) - timedelta(days=1), commit=True, only="suppression_list")
    assert Suppression.objects.count() == 2
    purge(now=NOW.replace(year=2029), commit=True, only="suppression_list")
    assert not Suppression.objects.exists()


def test_what_rests_on_a_legitimate_interest_stops_while_it_is_weighed(person, dpo):
    assert not objections.is_stopped(person, purposes=["improvement"])
    request = asked(person, "improvement")
    assert objections.is_stopped(person, purposes=["improvement", "polls"])
    assert not objections.is_stopped(person, purposes=["polls"])
    assert request.outcome == Outcome.NONE
    assert not objection.plan(request, now=NOW).at_once

    workflow.decide(request, outcome=Outcome.GRANTED, by=dpo, now=LATER)
    assert objection.execute(request, by=dpo, now=LATER) == {"objections": 1, "suppressed": 0}
    assert objections.is_stopped(person, purposes=["improvement"])
    assert Objection.objects.get().state == Objection.State.UPHELD


def test_a_compelling_ground_overrides_it(person, dpo):
    request = asked(person, "litigation")
    assert objections.is_stopped(person, purposes=["litigation"])
    workflow.decide(request, outcome=Outcome.REFUSED, ground="compelling", by=dpo, now=LATER)
    assert not objections.is_stopped(person, purposes=["litigation"])
    found = Objection.objects.get()
    assert (found.state, found.ground, found.ended_at) == ("overridden", "compelling", LATER)


def test_nobody_objects_to_what_a_law_or_a_contract_asks_for(person):
    for purpose in ("accounting", "interventions", ""):
        with pytest.raises(RequestError, match="à quel usage"):
            asked(person, purpose)
    assert not RightsRequest.objects.exists()


def test_who_is_not_known_yet_is_left_alone_but_nothing_is_deleted(person, dpo):
    request = asked(person, "surveys", identity=Identity.UNPROVED)
    assert objections.is_stopped(person, purposes=["surveys"])
    assert request.outcome == Outcome.NONE
    assert not Suppression.objects.exists()
    workflow.prove_identity(request, how=Identity.CODE, by=None, now=LATER)
    workflow.decide(request, outcome=Outcome.GRANTED, by=dpo, now=LATER)
    objection.execute(request, by=dpo, now=LATER)
    assert Suppression.objects.count() == 2


# What solicits --------------------------------------------------------------------------------------------------------


@pytest.fixture
def soliciting(monkeypatch):
    """The survey is what solicits today; a letter of news would be declared like this."""
    monkeypatch.setitem(
        kinds.kinds, "follow_link", MessageKind("follow_link", "Nouvelles", timedelta(days=1), solicits="marketing")
    )


def sent(person, to=ADDRESS):
    send("follow_link", to=to, person=person, link="http://127.0.0.1:8000/", now=LATER)
    deliver_all(LATER)
    return len(mail.outbox)


def test_what_solicits_is_not_sent_to_who_objected_on_any_record(person, soliciting):
    assert sent(person) == 1
    asked(person, "marketing")
    assert sent(person) == 1
    assert sent(None) == 1  # their address, wherever it is met again
    assert sent(PersonFactory(), to="autre@exemple.example") == 2
    assert OutgoingMessage.objects.filter(given_up_at__isnull=False).count() == 2


def test_nor_to_whose_data_are_restricted(person, soliciting, restrict):
    restricted = restrict(person)
    assert sent(person) == 0
    Restriction.objects.filter(pk=restricted.pk).update(told_at=NOW, lifted_at=NOW)
    assert sent(person) == 1


def test_agreeing_anew_ends_the_objection(person, soliciting):
    asked(person, "marketing")
    consent.give(person, purpose="marketing", channel="portal", by=None, now=NOW - timedelta(days=1))
    consent.give(person, purpose="marketing", channel="portal", by=None, now=LATER)
    assert consent.history(person).count() == 2  # each yes is proven
    assert not objections.is_stopped(person, purposes=["marketing"])
    assert not Suppression.objects.exists()
    assert sent(person) == 1


def test_an_agreement_from_before_does_not(person):
    asked(person, "marketing")
    consent.give(person, purpose="marketing", channel="phone", by=UserFactory(), now=NOW - timedelta(hours=1))
    assert objections.is_stopped(person, purposes=["marketing"])


# After a restore ------------------------------------------------------------------------------------------------------


def test_the_ledger_stops_it_again(person):
    for _twice in range(2):
        objections.again(person, purpose="marketing", how="begun", at=NOW)
        objections.again(person, purpose="marketing", how="upheld", at=NOW)
    assert Objection.objects.get().state == Objection.State.UPHELD
    assert suppression.is_suppressed(ADDRESS, purpose="marketing")
    objections.again(person, purpose="marketing", how="ended", at=LATER)
    assert not objections.is_stopped(person, purposes=["marketing"])


# Withdrawal -----------------------------------------------------------------------------------------------------------


def test_a_withdrawal_acts_and_is_answered_at_once(person):
    consent.give(person, purpose="surveys", channel="portal", by=None, now=NOW)
    assert consent.is_given(person, purpose="surveys")
    request = withdrawal.withdraw(person, purpose="surveys", channel="portal", by=None, now=LATER)
    assert not consent.is_given(person, purpose="surveys")
    assert (request.right, request.outcome, request.answered_at) == ("withdrawal", Outcome.GRANTED, LATER)
    assert "Demander votre avis" in request.letters.get().text
    assert [step.kind for step in request.steps.all()] == [
        *("received", "acknowledged", "decided", "executed", "answered"),
    ]


def test_one_that_came_by_letter_is_executed_by_the_dpo(person, dpo):
    consent.give(person, purpose="surveys", channel="portal", by=None, now=NOW)
    request = workflow.receive(
        person,
        right=RightsRequest.Right.WITHDRAWAL,
        channel="letter",
        received_on=TODAY,
        purpose="surveys",
        identity=Identity.KNOWN,
        by=dpo,
        now=NOW,
    )
    assert withdrawal.plan(request, now=NOW).is_given
    workflow.decide(request, outcome=Outcome.GRANTED, by=dpo, now=LATER)
    assert withdrawal.execute(request, by=dpo, now=LATER) == {"records": 1}
    assert not consent.is_given(person, purpose="surveys")


def test_only_a_consent_is_withdrawn(person):
    with pytest.raises(consent.NoConsentNeeded):
        withdrawal.withdraw(person, purpose="accounting", channel="portal", by=None, now=NOW)
