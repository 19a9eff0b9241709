"""A restriction begins at once, freezes what it is about, and is not lifted before the person was told."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from accounts.roles import Role
from privacy.models import JournalEntry, Letter, MatchedRecord, Restriction, RightsRequest
from privacy.outbox.sending import deliver
from privacy.restriction import Restricted, is_restricted, refuse_if_restricted, unrestricted
from privacy.rights import restriction, workflow
from privacy.rights.restriction import NobodyToTell, NotToldYet, Reason
from privacy.rights.workflow import RequestError
from tests.factories import NOW, TODAY, PersonFactory, PhoneFactory, UserFactory

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=30)


@pytest.fixture
def dpo():
    return UserFactory(role=Role.DPO)


def asked(person, dpo=None, **details):
    request = workflow.receive(
        person,
        right=RightsRequest.Right.RESTRICTION,
        channel="letter",
        received_on=TODAY,
        identity=RightsRequest.Identity.KNOWN,
        by=None,
        now=NOW,
        **details,
    )
    if dpo is not None:
        workflow.decide(request, outcome=RightsRequest.Outcome.GRANTED, by=dpo, now=NOW)
    return request


def test_it_locks_all_records_of_who_asks(dpo):
    person, also, other = PersonFactory(), PersonFactory(), PersonFactory()
    request = asked(person, dpo, restriction_reason="accuracy")
    MatchedRecord.objects.create(request=request, person=also)
    assert restriction.plan(request, now=NOW).already == []
    assert not is_restricted(person)

    assert restriction.execute(request, by=dpo, now=NOW) == {"restrictions": 2}
    assert is_restricted(person)
    assert is_restricted(also)
    assert not is_restricted(other, None)
    people = type(person).objects.all()
    assert set(unrestricted(people, "pk")) == {other}
    request.refresh_from_db()
    assert request.executed_at == NOW
    assert len(restriction.plan(request, now=NOW).already) == 2
    assert JournalEntry.objects.filter(action="restrict", actor_id=dpo.pk).count() == 2


def test_it_needs_one_of_the_four_cases_and_a_decision(dpo):
    with pytest.raises(RequestError, match="Rien n’a été accordé"):
        restriction.execute(asked(PersonFactory(), restriction_reason="claims"), by=dpo, now=NOW)
    request = asked(PersonFactory(), dpo)
    for reason in ("", "death", "because"):
        with pytest.raises(RequestError, match="quatre cas"):
            restriction.execute(request, by=dpo, now=NOW, reason=reason)
    restriction.execute(request, by=dpo, now=NOW, reason="claims")
    assert Restriction.objects.get().reason == "claims"


def test_the_same_one_twice_is_one(dpo):
    person = PersonFactory()
    first = restriction.begin(person, reason=Reason.ACCURACY, by=dpo, now=NOW)
    assert restriction.begin(person, reason=Reason.ACCURACY, by=dpo, now=LATER) == first
    assert restriction.begin(person, reason=Reason.CLAIMS, by=dpo, now=LATER) != first


def test_writing_is_refused_with_a_reason():
    person = PersonFactory()
    refuse_if_restricted(person, None)
    restriction.begin(person, reason=Reason.ACCURACY, by=None, now=NOW)
    with pytest.raises(Restricted) as refusal:
        refuse_if_restricted(None, person.pk)
    assert "sous limitation" in refusal.value.why


# Lifting --------------------------------------------------------------------------------------------------------------


def test_it_is_not_lifted_before_the_announcement_left(dpo):
    person = PersonFactory(email="lefebvre@exemple.example")
    locked = restriction.begin(person, reason=Reason.ACCURACY, by=dpo, now=NOW)
    with pytest.raises(NotToldYet):
        restriction.lift(locked, by=dpo, now=LATER)

    message = restriction.announce_lifting(locked, by=dpo, now=LATER)
    with pytest.raises(NotToldYet):  # it waits: the person knows nothing yet
        restriction.lift(locked, by=dpo, now=LATER)
    deliver(message.pk, now=LATER)
    assert mail.outbox[0].to == ["lefebvre@exemple.example"]
    assert is_restricted(person)

    restriction.lift(locked, by=dpo, now=LATER)
    assert not is_restricted(person)
    locked.refresh_from_db()
    assert (locked.told_at, locked.lifted_at) == (LATER, LATER)
    with pytest.raises(RequestError, match="déjà levée"):
        restriction.lift(locked, by=dpo, now=LATER)


def test_a_letter_announces_it_to_who_has_no_address(dpo):
    person = PersonFactory()
    request = asked(person, dpo)
    restriction.execute(request, by=dpo, now=NOW, reason="accuracy")
    locked = Restriction.objects.get()
    with pytest.raises(NobodyToTell):
        restriction.announce_lifting(locked, by=dpo, now=LATER)
    letter = Letter.objects.create(request=request, kind=Letter.Kind.LIFTING, text="Fin.", written_at=LATER)
    with pytest.raises(NotToldYet):
        restriction.lift(locked, by=dpo, now=LATER)
    Letter.objects.filter(pk=letter.pk).update(sent_at=LATER)
    restriction.lift(locked, by=dpo, now=LATER)
    assert not is_restricted(person)


def test_a_text_announces_it_too(dpo):
    person = PhoneFactory(number="+33612345678").person
    locked = restriction.begin(person, reason=Reason.ACCURACY, by=dpo, now=NOW)
    assert restriction.announce_lifting(locked, by=dpo, now=LATER).channel == "sms"


def test_the_database_itself_refuses_a_lifting_that_nobody_was_told_of(restrict):
    locked = restrict(PersonFactory())
    for how in ({}, {"told_at": LATER}):  # not at all, or afterwards
        with pytest.raises(IntegrityError, match="told_before"), transaction.atomic():
            Restriction.objects.filter(pk=locked.pk).update(lifted_at=NOW, **how)
    Restriction.objects.filter(pk=locked.pk).update(lifted_at=LATER, told_at=LATER)


# After a restore ------------------------------------------------------------------------------------------------------


def test_the_ledger_begins_and_lifts_it_again(dpo):
    person = PersonFactory()
    restriction.begin_again(person, purpose="", how="accuracy", at=NOW)
    restriction.begin_again(person, purpose="", how="accuracy", at=NOW)
    assert Restriction.objects.active().get().person == person
    restriction.lift_again(person, purpose="", how="accuracy", at=LATER)
    assert not is_restricted(person)
