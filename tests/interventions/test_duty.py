"""The landlord's duty manager: who is on duty, who is called next, what is decided."""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.roles import Role
from interventions import duty, spending
from interventions.models import DutyDecision, DutyShift, LandlordContact
from privacy.models import Disclosure, Restriction
from privacy.restriction import Restricted
from tests.factories import (
    NOW,
    InterventionFactory,
    LandlordFactory,
    PersonFactory,
    ProviderFactory,
    ResidenceFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

A = DutyDecision.Answer
HOUR = timedelta(hours=1)
WORDS = "Faire venir un second plombier dès ce soir\N{NO-BREAK SPACE}?"


def contact_of(landlord, name, number="+33612345678"):
    return LandlordContact.objects.create(landlord=landlord, name=name, number=number)


@pytest.fixture
def job():
    residence = ResidenceFactory()
    return InterventionFactory(residence=residence, occupant=PersonFactory(), provider=ProviderFactory())


@pytest.fixture
def first(job):
    contact = contact_of(job.landlord, "C. Vasseur")
    duty.keep_shift(DutyShift(contact=contact, rank=1, starts_at=NOW - HOUR, ends_at=NOW + 8 * HOUR))
    return contact


@pytest.fixture
def second(job):
    contact = contact_of(job.landlord, "D. Lenoir")
    duty.keep_shift(DutyShift(contact=contact, rank=2, starts_at=NOW - HOUR, ends_at=NOW + 8 * HOUR))
    return contact


def test_who_is_on_duty_by_rank_and_by_hour(job, second, first):
    elsewhere = contact_of(LandlordFactory(), "Ailleurs")
    duty.keep_shift(DutyShift(contact=elsewhere, rank=1, starts_at=NOW - HOUR, ends_at=NOW + HOUR))
    assert [shift.contact for shift in duty.on_duty(job.landlord, now=NOW)] == [first, second]
    assert duty.on_duty(job.landlord, now=NOW + 8 * HOUR) == []


def test_a_rank_is_one_persons_at_a_time_and_anothers_at_another_landlords(job, first):
    other = contact_of(job.landlord, "Autre")
    with pytest.raises(duty.DutyError, match="a déjà le rang 1"):
        duty.keep_shift(DutyShift(contact=other, rank=1, starts_at=NOW + 7 * HOUR, ends_at=NOW + 9 * HOUR))
    duty.keep_shift(DutyShift(contact=other, rank=1, starts_at=NOW + 8 * HOUR, ends_at=NOW + 9 * HOUR))
    elsewhere = contact_of(LandlordFactory(), "Ailleurs")
    duty.keep_shift(DutyShift(contact=elsewhere, rank=1, starts_at=NOW, ends_at=NOW + HOUR))
    assert DutyShift.objects.count() == 3


def test_nobody_without_a_number_is_on_duty(job):
    mute = contact_of(job.landlord, "Sans téléphone", number="")
    with pytest.raises(duty.DutyError, match="pas de numéro"):
        duty.keep_shift(DutyShift(contact=mute, rank=1, starts_at=NOW, ends_at=NOW + HOUR))


def test_who_does_not_answer_is_followed_by_the_next_then_by_all_again(job, first, second):
    asked = duty.ask(job, question=WORDS, by=UserFactory(), now=NOW)
    assert duty.whom_to_call(asked, now=NOW) == [first, second]
    duty.note_no_answer(asked, contact=first, by=UserFactory(), now=NOW)
    assert duty.whom_to_call(asked, now=NOW) == [second]
    other = contact_of(job.landlord, "Siège")
    assert duty.whom_to_call(asked, now=NOW) == [second, other]
    for contact in (second, other):
        duty.note_no_answer(asked, contact=contact, by=UserFactory(), now=NOW)
    assert duty.whom_to_call(asked, now=NOW) == [first, second, other]


def test_a_decision_is_noted_once_with_who_said_it(job, first):
    agent = UserFactory()
    asked = duty.ask(job, question=WORDS, by=agent, now=NOW)
    duty.decide(asked, contact=first, answer=A.APPROVED, words="Oui, un seul.", by=agent, now=NOW + HOUR)
    kept = DutyDecision.objects.get()
    assert (kept.answer, kept.words, kept.decided_at) == ("approved", "Oui, un seul.", NOW + HOUR)
    assert [(call.contact, call.reached) for call in kept.calls.all()] == [(first, True)]
    with pytest.raises(duty.DutyError, match="déjà notée"):
        duty.decide(asked, contact=first, answer=A.REFUSED, words="", by=agent, now=NOW + HOUR)
    with pytest.raises(duty.DutyError, match="déjà notée"):
        duty.note_no_answer(asked, contact=first, by=agent, now=NOW + HOUR)


def test_another_decision_says_which(job, first):
    asked = duty.ask(job, question=WORDS, by=UserFactory(), now=NOW)
    with pytest.raises(duty.DutyError, match="Dites ce que"):
        duty.decide(asked, contact=first, answer=A.OTHER, words="", by=UserFactory(), now=NOW)
    assert not asked.calls.exists()


@pytest.mark.parametrize(("answer", "approved"), [(A.APPROVED, True), (A.REFUSED, False), (A.OTHER, None)])
def test_an_expense_that_waits_is_decided_with_it(job, first, answer, approved):
    job.provider.spending_limit = Decimal(300)
    job.provider.save()
    job.status = "accepted"
    job.save()
    expense = spending.ask(job, amount=Decimal(450), what="Ballon", by=UserFactory(), now=NOW)
    asked = duty.ask(job, question=WORDS, by=UserFactory(), now=NOW)
    assert asked.approval == expense
    duty.decide(asked, contact=first, answer=answer, words="Demain.", by=UserFactory(), now=NOW + HOUR)
    expense.refresh_from_db()
    assert expense.approved is approved


def test_one_question_at_a_time_and_none_once_it_is_over(job, first):
    duty.ask(job, question=WORDS, by=UserFactory(), now=NOW)
    with pytest.raises(duty.DutyError, match="attend déjà"):
        duty.ask(job, question=WORDS, by=UserFactory(), now=NOW)
    ended = InterventionFactory(status="closed", closed_at=NOW)
    with pytest.raises(duty.DutyError, match="terminée"):
        duty.ask(ended, question=WORDS, by=UserFactory(), now=NOW)


def test_what_the_duty_manager_is_told_is_on_the_register_by_field(job, first):
    duty.ask(job, question=WORDS, by=UserFactory(), now=NOW)
    line = Disclosure.objects.get()
    assert line.recipient_name == str(job.landlord)
    assert set(line.fields) == {"référence", "adresse", "logement", "problème", "heure promise", "avancement"}


def test_nothing_is_asked_about_whose_data_are_restricted(job, first):
    Restriction.objects.create(person=job.occupant, reason=Restriction.Reason.ACCURACY, started_at=NOW)
    with pytest.raises(Restricted):
        duty.ask(job, question=WORDS, by=UserFactory(), now=NOW)
    assert not DutyDecision.objects.exists()


def test_the_landlord_reads_what_its_duty_manager_decided(client, job, first):
    manager = UserFactory(role=Role.LANDLORD_MANAGER)
    job.landlord.managers.add(manager)
    client.force_login(manager)
    asked = duty.ask(job, question="Ouvrir la chaufferie", by=UserFactory(), now=NOW)
    page = f"/bailleur/interventions/{job.pk}/"
    assert "Ouvrir la chaufferie" not in client.get(page).content.decode()
    duty.decide(asked, contact=first, answer=A.REFUSED, words="Demain.", by=UserFactory(), now=NOW)
    text = client.get(page).content.decode()
    assert "Ouvrir la chaufferie" in text
    assert "Demain." in text
