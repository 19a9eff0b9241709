"""The duty manager on the console: who is shown, what is asked, what was said."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.roles import Role
from interventions.models import DutyDecision, DutyShift, LandlordContact
from tests.callcenter.console.reading import words
from tests.factories import NOW, InterventionFactory, LandlordFactory, ResidenceFactory, UserFactory

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def job():
    return InterventionFactory(residence=ResidenceFactory())


@pytest.fixture
def manager(job):
    contact = LandlordContact.objects.create(landlord=job.landlord, name="C. Vasseur", number="+33612345678")
    DutyShift.objects.create(contact=contact, starts_at=NOW - HOUR, ends_at=NOW + HOUR)
    return contact


def sheet(client, job):
    return words(client.get(reverse("console:intervention", args=[job.pk])))


def ask(client, job, question="Ouvrir la chaufferie ?"):
    return client.post(reverse("console:ask_duty", args=[job.pk]), {"question": question})


def test_the_sheet_shows_who_is_on_duty_now(console, job, manager):
    assert "C. Vasseur" in sheet(console, job)
    assert "06 12 34 56 78" in sheet(console, job)
    DutyShift.objects.update(ends_at=NOW)
    assert "C. Vasseur" not in sheet(console, job)


def test_a_question_its_calls_and_its_decision_are_in_the_thread(console, job, manager):
    ask(console, job)
    assert "À appeler : C. Vasseur" in sheet(console, job)
    asked = DutyDecision.objects.get()
    console.post(reverse("console:no_answer_of_duty", args=[asked.pk]), {"contact": manager.pk})
    said = {"contact": manager.pk, "answer": "refused", "words": "Demain matin."}
    console.post(reverse("console:note_duty_decision", args=[asked.pk]), said)
    text = sheet(console, job)
    assert "Question au cadre d’astreinte : Ouvrir la chaufferie ?" in text
    assert "Cadre d’astreinte injoignable : C. Vasseur" in text
    assert "Décision du cadre d’astreinte : refuse (C. Vasseur), Demain matin." in text


@pytest.mark.parametrize("question", ["", "Elle a un cancer, que faire ?"])
def test_what_may_not_be_asked_is_not(console, job, manager, question):
    ask(console, job, question)
    assert "Rien n’a été noté" in sheet(console, job)
    assert not DutyDecision.objects.exists()


def test_anothers_contact_cannot_have_answered(console, job, manager):
    ask(console, job)
    asked = DutyDecision.objects.get()
    stranger = LandlordContact.objects.create(landlord=LandlordFactory(), name="Ailleurs", number="+33612345679")
    url = reverse("console:no_answer_of_duty", args=[asked.pk])
    assert console.post(url, {"contact": stranger.pk}).status_code == 404
    said = {"contact": stranger.pk, "answer": "approved", "words": ""}
    console.post(reverse("console:note_duty_decision", args=[asked.pk]), said)
    assert not asked.calls.exists()


def test_supervisors_fill_the_rota_and_agents_read_it(client_factory, console, manager):
    supervisor = client_factory()
    supervisor.force_login(UserFactory(role=Role.SUPERVISOR))
    new = {"contact": manager.pk, "rank": 2, "starts_at": "2026-03-11T18:00", "ends_at": "2026-03-12T08:00"}
    assert console.post(reverse("console:new_duty_shift"), new).status_code == 403
    assert supervisor.post(reverse("console:new_duty_shift"), new).status_code == 302
    assert "rang 2" in words(console.get(reverse("console:duty_rota")))
    again = supervisor.post(reverse("console:new_duty_shift"), new)
    assert again.status_code == 422
    assert "a déjà le rang 2" in words(again)
    shift = DutyShift.objects.get(rank=2)
    supervisor.post(reverse("console:remove_duty_shift", args=[shift.pk]))
    assert "rang 2" not in words(console.get(reverse("console:duty_rota")))
