"""The one way of a request, from its receipt to its answer, and what the law lets nobody do."""

from datetime import date, timedelta

import pytest

from accounts.roles import Role
from privacy.models import JournalEntry, Objection, RightsRequest
from privacy.rights import grounds, workflow
from privacy.rights.deadlines import due_on
from privacy.rights.workflow import IdentityMissing, RequestError, TooLate
from tests.factories import NOW, TODAY, PersonFactory, UserFactory

pytestmark = pytest.mark.django_db

Right, Channel, Identity, Outcome = (
    RightsRequest.Right,
    RightsRequest.Channel,
    RightsRequest.Identity,
    RightsRequest.Outcome,
)


@pytest.fixture
def dpo():
    return UserFactory(role=Role.DPO)


def received(person=None, right=Right.ACCESS, **details):
    details = {"channel": Channel.LETTER, "received_on": TODAY, "by": None, "now": NOW} | details
    return workflow.receive(person or PersonFactory(), right=right, **details)


def steps(request):
    return [step.kind for step in request.steps.all()]


def test_a_request_goes_from_receipt_to_answer(dpo):
    request = received(identity=Identity.SIGNED_IN)
    workflow.acknowledge(request, by=None, now=NOW)
    workflow.decide(request, outcome=Outcome.GRANTED, by=dpo, now=NOW)
    workflow.note_executed(request, by=dpo, now=NOW, rows=12)
    workflow.answer(request, by=dpo, now=NOW)
    request.refresh_from_db()
    assert steps(request) == ["received", "acknowledged", "decided", "executed", "answered"]
    assert request.answered_at == NOW
    assert not RightsRequest.objects.open().exists()
    assert JournalEntry.objects.filter(model="privacy.RightsRequest", actor_id=dpo.pk).count() == 3


def test_the_day_it_arrived_counts_not_the_day_it_was_entered():
    request = received(received_on=TODAY - timedelta(days=6))
    assert request.due_on(today=TODAY) == date(2026, 4, 7)  # the 4th is a Saturday, the 6th is Easter Monday


def test_a_day_to_come_is_refused():
    with pytest.raises(RequestError, match="encore à venir"):
        received(received_on=TODAY + timedelta(days=1))


def test_the_same_request_again_joins_the_first():
    person = PersonFactory()
    first = received(person, wish="Tout ce que vous avez.", received_on=TODAY)
    again = received(person, wish="Et mes appels.", received_on=TODAY - timedelta(days=2))
    assert again == first
    first.refresh_from_db()
    assert (first.received_on, first.wish) == (TODAY - timedelta(days=2), "Tout ce que vous avez.\n\nEt mes appels.")
    assert steps(first) == ["received", "joined"]
    assert received(person, right=Right.ERASURE) != first
    assert received() != first  # another person's


def test_a_doubt_about_identity_stops_the_clock_until_it_is_answered(dpo):
    request = received()
    before = request.due_on(today=TODAY)
    with pytest.raises(RequestError, match="par écrit"):
        workflow.ask_identity(request, reason="  ", by=dpo, now=NOW)
    workflow.ask_identity(request, reason="L’adresse n’est pas celle du bail.", by=dpo, now=NOW)
    request.refresh_from_db()
    ten_days_on = TODAY + timedelta(days=10)
    assert request.is_suspended
    assert request.due_on(today=ten_days_on) >= before + timedelta(days=10)
    workflow.prove_identity(request, how=Identity.CODE, by=None, now=NOW + timedelta(days=7))
    request.refresh_from_db()
    assert not request.is_suspended
    assert request.due_on(today=ten_days_on) == request.due_on(today=TODAY) == date(2026, 4, 17)


def test_nothing_is_granted_to_nobody_knows_whom(dpo):
    request = received()
    with pytest.raises(IdentityMissing):
        workflow.decide(request, outcome=Outcome.GRANTED, by=dpo, now=NOW)
    workflow.decide(request, outcome=Outcome.REFUSED, ground="unidentified", by=dpo, now=NOW)


def test_an_extension_is_told_in_the_first_month_or_never(dpo):
    request = received()
    last_day = request.due_on(today=TODAY)
    late = NOW + (last_day + timedelta(days=1) - TODAY)
    with pytest.raises(TooLate):
        workflow.extend(request, reason="Deux cents pièces à relire.", by=dpo, now=late)
    workflow.extend(request, reason="Deux cents pièces à relire.", by=dpo, now=late - timedelta(days=1))
    request.refresh_from_db()
    assert request.due_on(today=TODAY) == date(2026, 6, 10)
    with pytest.raises(RequestError, match="déjà été prolongée"):
        workflow.extend(request, reason="Encore.", by=dpo, now=NOW)


def test_a_refusal_needs_a_ground_that_the_law_gives_for_this_right(dpo):
    request = received(right=Right.ERASURE, identity=Identity.KNOWN)
    for ground in ("", "compelling", "legitimate_interest"):
        with pytest.raises(RequestError, match="motif que la loi prévoit"):
            workflow.decide(request, outcome=Outcome.REFUSED, ground=ground, by=dpo, now=NOW)
    workflow.decide(request, outcome=Outcome.PARTLY, ground="legal_obligation", by=dpo, now=NOW)


@pytest.mark.parametrize("right", Right)
def test_every_right_can_be_refused_to_whoever_only_wants_to_harm(right):
    assert {"unfounded", "excessive", "unidentified"} <= set(grounds.of(right))


def test_no_step_is_taken_out_of_turn(dpo):
    request = received(identity=Identity.KNOWN)
    with pytest.raises(RequestError, match="Décidez d’abord"):
        workflow.answer(request, by=dpo, now=NOW)
    with pytest.raises(RequestError, match="Rien n’a été accordé"):
        workflow.note_executed(request, by=dpo, now=NOW)
    workflow.decide(request, outcome=Outcome.GRANTED, by=dpo, now=NOW)
    with pytest.raises(RequestError, match="pas encore exécuté"):
        workflow.answer(request, by=dpo, now=NOW)
    with pytest.raises(RequestError, match="déjà décidée"):
        workflow.decide(request, outcome=Outcome.REFUSED, ground="excessive", by=dpo, now=NOW)


def test_what_was_answered_stays_so(dpo):
    request = received(identity=Identity.KNOWN)
    workflow.decide(request, outcome=Outcome.REFUSED, ground="excessive", by=dpo, now=NOW)
    workflow.answer(request, by=dpo, now=NOW)
    for act in (workflow.answer, workflow.note_executed):
        with pytest.raises(RequestError, match="déjà sa réponse"):
            act(request, by=dpo, now=NOW)


# Before it is known whose it is --------------------------------------------------------------------------------------


def test_a_request_waits_for_its_person_and_its_clock_runs(dpo):
    request = workflow.receive(
        None,
        right=Right.ACCESS,
        channel=Channel.LETTER,
        received_on=TODAY,
        requester_name="Ana Delattre",
        reply_to="ana@exemple.fr",
        by=dpo,
        now=NOW,
    )
    assert request.awaits_person
    assert request.due_on(today=TODAY) == due_on(TODAY)
    person = PersonFactory()
    found = workflow.find_person(request, person, by=dpo, now=NOW)
    assert (found.person, found.awaits_person) == (person, False)
    assert steps(found) == ["received", "person_found"]
    with pytest.raises(RequestError, match="a déjà sa personne"):
        workflow.find_person(found, PersonFactory(), by=dpo, now=NOW)


def test_what_the_person_asks_already_is_joined_once_they_are_found(dpo):
    person = PersonFactory()
    earlier = received(person, received_on=TODAY - timedelta(days=3), wish="Tout.")
    later = received(person, right=Right.ERASURE)
    stranger = workflow.receive(
        None, right=Right.ACCESS, channel=Channel.FORM, received_on=TODAY, wish="Le son aussi.", by=None, now=NOW
    )
    assert workflow.find_person(stranger, person, by=dpo, now=NOW) == earlier
    earlier.refresh_from_db()
    assert earlier.wish == "Tout.\n\nLe son aussi."
    assert set(RightsRequest.objects.all()) == {earlier, later}


def test_what_a_receipt_does_waits_for_the_person(dpo):
    person = PersonFactory()
    request = workflow.receive(
        None, right=Right.OBJECTION, channel=Channel.FORM, received_on=TODAY, purpose="client_figures", by=None, now=NOW
    )
    assert not Objection.objects.exists()
    workflow.find_person(request, person, by=dpo, now=NOW)
    assert Objection.objects.get().person == person
