"""What each right asks of the person, and what acts in the very request that asks for it."""

import pytest

from privacy import consent, objections
from privacy.declarations import Category
from privacy.models import Letter, RightsRequest
from privacy.registry import registry
from privacy.rights import intake, workflow
from privacy.rights.intake import RightForm
from privacy.rights.workflow import Identity, Right
from tests.factories import NOW, TODAY, PersonFactory, UserFactory

pytestmark = pytest.mark.django_db

NEEDED = {
    Right.INFORMATION: {"wish"},
    Right.RECTIFICATION: {"wish"},
    Right.POST_MORTEM: {"wish"},
    Right.OBJECTION: {"purpose"},
    Right.WITHDRAWAL: {"purpose"},
    Right.RESTRICTION: {"restriction_reason"},
}
GOOD = {"wish": "Mon nom a changé", "purpose": "", "restriction_reason": "accuracy"}


def said(right, **data):
    form = RightForm(right, {**GOOD, **data})
    assert form.is_valid(), form.errors
    return form.said()


def receive(
    person, right, *, channel="portal", identity=Identity.SIGNED_IN, by=None, now=NOW, received_on=TODAY, **data
):
    return intake.receive(
        person,
        right=right,
        said=said(right, **data),
        channel=channel,
        received_on=received_on,
        identity=identity,
        by=by,
        now=now,
    )


@pytest.mark.parametrize("right", Right.values)
def test_each_right_asks_for_what_it_cannot_do_without(right):
    form = RightForm(right, {})
    form.is_valid()
    assert set(form.errors) == NEEDED.get(right, set())


@pytest.mark.parametrize(
    ("right", "field", "value"),
    [
        (Right.OBJECTION, "purpose", "accounting"),
        (Right.WITHDRAWAL, "purpose", "interventions"),
        (Right.WITHDRAWAL, "purpose", "cookies"),
        (Right.RESTRICTION, "restriction_reason", "claim"),
        (Right.ERASURE, "scope", "everything"),
        (Right.ACCESS, "wish", "x" * 4001),
    ],
)
def test_what_the_law_does_not_offer_is_refused(right, field, value):
    assert field in RightForm(right, {**GOOD, field: value}).errors


def test_groups_of_data_hold_every_dataset_but_the_proofs():
    offered = {name for group in intake.GROUPS for name in intake.datasets_in([group.name.lower()])}
    about_people = [dataset for dataset in registry.datasets.values() if dataset.subjects]
    left_out = [dataset for dataset in about_people if dataset.name not in {*offered, "accounts.Person"}]
    assert left_out
    assert {dataset.data[0].category for dataset in left_out} == {Category.PROOF}


def test_all_groups_ticked_is_the_whole():
    assert said(Right.ERASURE, scope=[group.name.lower() for group in intake.GROUPS])["scope"] == []
    bills = {"Invoice", "InvoiceLine", "InvoiceDocument", "InvoiceReminder", "InvoiceDraft", "DraftLine"}
    bills |= {"Payment", "OnlinePayment", "Estimate", "EstimateLine"}
    assert set(said(Right.ERASURE, scope=["accounting"])["scope"]) == {f"interventions.{name}" for name in bills}


@pytest.mark.parametrize("right", sorted(set(Right.values) - {Right.OBJECTION, Right.WITHDRAWAL}))
def test_a_request_is_written_down_as_it_was_said(right):
    person = PersonFactory()
    request = receive(person, right)
    assert (request.person, request.right, request.wish) == (person, right, GOOD["wish"])
    assert request.restriction_reason == ("accuracy" if right == Right.RESTRICTION else "")
    assert request.acknowledged_at == NOW
    assert request.answered_at is None


def test_a_consent_taken_back_stops_in_the_same_request():
    person = PersonFactory()
    consent.give(person, purpose="surveys", channel="portal", by=None, now=NOW)
    assert consent.is_given(person, purpose="surveys")
    request = receive(person, Right.WITHDRAWAL, channel="form", identity=Identity.CODE, purpose="surveys")
    assert not consent.is_given(person, purpose="surveys")
    assert (request.answered_at, request.identity) == (NOW, Identity.CODE)
    assert Letter.objects.get(request=request).sent_at == NOW


def test_a_letter_counts_from_the_day_it_came():
    person, dpo = PersonFactory(), UserFactory()
    early = TODAY.replace(day=TODAY.day - 2)
    request = receive(
        person,
        Right.WITHDRAWAL,
        channel="letter",
        identity=Identity.KNOWN,
        by=dpo,
        received_on=early,
        purpose="surveys",
    )
    assert (request.received_on, request.entered_by, request.answered_at) == (early, dpo, NOW)


def test_nothing_stops_for_who_may_be_somebody_else():
    person = PersonFactory()
    consent.give(person, purpose="surveys", channel="portal", by=None, now=NOW)
    request = receive(person, Right.WITHDRAWAL, channel="form", identity=Identity.UNPROVED, purpose="surveys")
    assert consent.is_given(person, purpose="surveys")
    assert request.answered_at is None


def test_an_objection_to_being_solicited_is_done_at_once():
    person = PersonFactory()
    request = receive(person, Right.OBJECTION, purpose="marketing")
    assert objections.is_stopped(person, purposes=["marketing"])
    assert request.answered_at == NOW


def test_an_objection_that_is_weighed_stops_the_purpose_meanwhile():
    person = PersonFactory()
    request = receive(person, Right.OBJECTION, purpose="history")
    assert objections.is_stopped(person, purposes=["history"])
    assert request.answered_at is None


def test_asked_again_with_a_proof_it_is_done():
    person = PersonFactory()
    doubted = receive(person, Right.OBJECTION, channel="form", identity=Identity.UNPROVED, purpose="marketing")
    assert doubted.answered_at is None
    assert receive(person, Right.OBJECTION, purpose="marketing") == doubted
    doubted.refresh_from_db()
    assert doubted.answered_at == NOW


def test_a_request_whose_person_is_not_found_waits():
    request = intake.receive(
        None,
        right=Right.WITHDRAWAL,
        said=said(Right.WITHDRAWAL, purpose="surveys"),
        channel="form",
        received_on=TODAY,
        requester_name="Marie Dupont",
        reply_to="marie@example.org",
        by=None,
        now=NOW,
    )
    assert request.awaits_person
    assert list(RightsRequest.objects.open()) == [request]


def test_a_day_to_come_is_refused():
    with pytest.raises(workflow.RequestError):
        receive(PersonFactory(), Right.ACCESS, received_on=TODAY.replace(day=TODAY.day + 1))
