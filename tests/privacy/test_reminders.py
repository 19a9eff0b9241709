"""The DPO is reminded on the days that were promised, once each, whatever the clock of tasks does."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail

from accounts.roles import Role
from privacy.models import JournalEntry, OutgoingMessage, RequestStep
from privacy.rights import reminders, workflow
from tests.factories import PersonFactory, UserFactory
from tests.outbox import deliver_all

pytestmark = pytest.mark.django_db

RECEIVED = date(2026, 3, 10)
DUE = date(2026, 4, 10)


def at(day):
    return datetime(day.year, day.month, day.day, 6, tzinfo=UTC)


def after(days):
    return at(RECEIVED + timedelta(days=days))


@pytest.fixture
def dpo():
    return UserFactory(role=Role.DPO, email="dpo@exemple.example")


@pytest.fixture
def request_of(dpo):
    def request_of(*, acknowledged=True):
        person = PersonFactory(family_name="Canari")
        now = at(RECEIVED)
        found = workflow.receive(
            person, right="access", channel="letter", received_on=RECEIVED, by=dpo, wish="Canari", now=now
        )
        if acknowledged:
            workflow.acknowledge(found, by=dpo, now=now)
        return found

    return request_of


def marks(request):
    steps = request.steps.filter(kind=RequestStep.Kind.REMINDED)
    return [step.details["mark"] for step in steps]


def test_on_each_of_the_days_once_however_often_the_clock_ticks(request_of):
    request = request_of()
    days = {}
    for day in range(40):
        for _ in range(2):
            if reminders.remind_all(now=after(day)):
                days[day] = marks(request)[-1]
    assert days == {15: "15", 23: "23", 27: "27", (DUE - RECEIVED).days: "due"}
    assert OutgoingMessage.objects.filter(kind="rights_reminder").count() == 4


def test_a_missed_day_is_made_up_for_in_one_message(request_of):
    request = request_of()
    assert reminders.remind_all(now=after(24)) == 1
    assert marks(request) == ["15", "23"]
    assert OutgoingMessage.objects.count() == 1
    assert reminders.remind_all(now=after(25)) == 0


def test_a_late_acknowledgement_is_told_after_two_working_days(request_of):
    request = request_of(acknowledged=False)
    assert reminders.remind_all(now=after(2)) == 0
    assert reminders.remind_all(now=after(3)) == 1
    assert marks(request) == ["acknowledgement"]
    assert reminders.remind_all(now=after(4)) == 0


def test_the_working_days_are_counted_over_a_weekend(dpo):
    friday = date(2026, 3, 13)
    workflow.receive(PersonFactory(), right="access", channel="letter", received_on=friday, by=None, now=at(friday))
    assert reminders.remind_all(now=at(friday + timedelta(days=4))) == 0  # Tuesday, the second one
    assert reminders.remind_all(now=at(friday + timedelta(days=5))) == 1


def test_a_suspended_clock_shifts_them(request_of, dpo):
    request = request_of()
    workflow.ask_identity(request, reason="Le nom diffère.", by=dpo, now=after(10))
    assert reminders.remind_all(now=after(16)) == 0
    workflow.prove_identity(request, how="known", by=dpo, now=after(20))
    assert reminders.remind_all(now=after(24)) == 0
    assert reminders.remind_all(now=after(25)) == 1
    assert marks(request) == ["15"]


def test_an_extension_leaves_the_new_last_day(request_of, dpo):
    request = request_of()
    workflow.extend(request, reason="Trois bailleurs à interroger.", by=dpo, now=after(12))
    assert reminders.remind_all(now=at(DUE)) == 0
    assert reminders.remind_all(now=at(date(2026, 6, 10))) == 1
    assert marks(request) == ["extended_due"]


def test_nobody_is_reminded_of_what_is_answered(request_of, dpo):
    request = request_of()
    assert reminders.remind_all(now=after(15)) == 1
    workflow.decide(request, outcome="refused", ground="excessive", by=dpo, now=after(16))
    workflow.answer(request, by=dpo, now=after(16))
    assert reminders.remind_all(now=after(40)) == 0


def test_the_message_goes_to_each_dpo_and_holds_a_link_alone(request_of, dpo, django_capture_on_commit_callbacks):
    UserFactory(role=Role.DPO, email="adjoint@exemple.example")
    UserFactory(role=Role.DPO, email="parti@exemple.example", is_active=False)
    UserFactory(role=Role.ADMINISTRATOR, email="informatique@exemple.example")
    request = request_of()
    with django_capture_on_commit_callbacks():
        reminders.remind_all(now=after(15))
    deliver_all(after(15))
    assert sorted(to for sent in mail.outbox for to in sent.to) == ["adjoint@exemple.example", "dpo@exemple.example"]
    for sent in mail.outbox:
        assert f"/admin/droits/{request.pk}/" in sent.body
        assert "Canari" not in sent.body + sent.subject
    assert not JournalEntry.objects.filter(action="rights", details__step="reminded").exists()
