from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core import mail

from interventions.invoicing.issuing import issue
from interventions.invoicing.payments import note
from interventions.invoicing.reminders import remind_all
from interventions.models import Invoice, InvoiceReminder, LandlordContact, ReminderRule
from privacy.models import Death, OutgoingMessage, Restriction
from privacy.outbox import sms
from privacy.working_days import working_days_back
from tests.concurrency import meanwhile
from tests.factories import (
    NOW,
    TODAY,
    FinancialYearFactory,
    InvoiceDraftFactory,
    InvoiceFactory,
    LandlordFactory,
    PersonFactory,
    UserFactory,
)
from tests.outbox import deliver_all

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
# Counted on a calendar from TODAY, 10 March 2026, without 6 April, 1, 8, 14 and 25 May.
AT_27, AT_42, AT_57 = date(2026, 4, 17), date(2026, 5, 12), date(2026, 6, 4)


@pytest.fixture(autouse=True)
def rules():
    ReminderRule.objects.all().delete()
    for days, tone in ((27, "friendly"), (42, "firm"), (57, "last")):
        ReminderRule.objects.create(after_working_days=days, tone=tone)


@pytest.fixture
def person():
    return PersonFactory(email="zorglub@courriel.example")


@pytest.fixture
def invoice(person):
    return InvoiceFactory(person=person)


def remind(day):
    return remind_all(now=NOW + (day - TODAY))


def sent():
    return list(InvoiceReminder.objects.order_by("pk").values_list("tone", "by_post"))


def kinds():
    return list(OutgoingMessage.objects.order_by("pk").values_list("kind", flat=True))


# When -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "count", "since"),
    [
        (date(2026, 3, 10), 0, date(2026, 3, 10)),
        (date(2026, 3, 10), 1, date(2026, 3, 9)),
        (date(2026, 3, 9), 1, date(2026, 3, 8)),  # a Monday: from the Sunday before
        (date(2026, 3, 8), 1, date(2026, 3, 5)),  # a Sunday counts for nothing
        (date(2026, 4, 7), 2, date(2026, 4, 2)),  # over Easter
        (AT_27, 27, TODAY),
        (AT_42, 42, TODAY),
        (AT_57, 57, TODAY),
    ],
)
def test_working_days_are_counted_back(day, count, since):
    assert working_days_back(day, count) == since


def test_each_step_is_taken_on_its_working_day_once(invoice):
    for day in (AT_27, AT_42, AT_57):
        before = sent()
        assert remind(day - DAY) == 0
        assert remind(day) == 1
        assert remind(day) == remind(day + DAY) == 0
        assert len(sent()) == len(before) + 1
    assert sent() == [("friendly", False), ("firm", False), ("last", True)]
    assert kinds() == ["invoice_reminder_friendly", "invoice_reminder_firm", "invoice_reminder_last"]


def test_steps_that_were_missed_are_not_made_up_for_one_by_one(invoice):
    assert remind(AT_42 + DAY) == 1
    assert remind(AT_42 + DAY) == 0
    assert sent() == [("firm", False)]


def test_nothing_is_recalled_before_it_is_due(person):
    InvoiceFactory(person=person, due_on=AT_27)
    assert remind(AT_27) == 0
    assert remind(AT_27 + DAY) == 1


def test_the_rules_are_those_that_are_kept(invoice):
    ReminderRule.objects.filter(tone="friendly").update(after_working_days=30)
    assert remind(AT_27) == 0
    assert remind(AT_27 + 5 * DAY) == 1


def test_what_is_settled_is_left_alone(person):
    paid, partly = InvoiceFactory(person=person), InvoiceFactory(person=person)
    for invoice, amount in ((paid, "90.00"), (partly, "89.99")):
        note(invoice, method="cash", amount=Decimal(amount), received_on=TODAY, by=None, now=NOW)
    assert remind(AT_27) == 1
    assert InvoiceReminder.objects.get().invoice == partly


def test_a_restriction_suspends_it(invoice, person):
    restriction = Restriction.objects.create(person=person, reason="claims", started_at=NOW)
    assert remind(AT_27) == 0
    Restriction.objects.filter(pk=restriction.pk).delete()
    assert remind(AT_27) == 1


def test_an_archived_year_is_not_looked_into(person):
    old = FinancialYearFactory(starts_on=date(2024, 1, 1))
    InvoiceFactory(person=person, financial_year=old)
    assert remind(date(2025, 12, 31)) == 1
    InvoiceReminder.objects.all().delete()
    assert remind(date(2026, 1, 1)) == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_remind_once(invoice):
    assert meanwhile(lambda: remind(AT_27), lambda: remind(AT_27)) == 0
    assert InvoiceReminder.objects.count() == 1


# To whom --------------------------------------------------------------------------------------------------------------


def test_a_person_is_led_to_their_invoices_and_told_nothing_else(invoice, person):
    remind(AT_27)
    deliver_all(now=NOW + (AT_27 - TODAY))

    (message,) = mail.outbox
    assert message.to == [person.email]
    assert message.subject == "Une facture reste à payer"
    assert "/portail/factures/\n" in message.body
    for told in (invoice.number, invoice.billed_name, "90", person.family_name):
        assert told not in message.subject + message.body


def test_who_has_a_login_is_written_to_there(invoice, person):
    login = UserFactory(role="tenant", person=person)
    remind(AT_27)
    assert OutgoingMessage.objects.get().said()["to"] == login.email


def test_a_mobile_comes_before_a_mail(invoice, person):
    person.phones.create(number="+33612345678")
    remind(AT_27)
    deliver_all(now=NOW + (AT_27 - TODAY))
    (text,) = sms.outbox
    assert "/portail/factures/" in str(text)


def test_it_is_told_in_the_readers_language(invoice, person):
    type(person).objects.update(language="en")
    remind(AT_27)
    deliver_all(now=NOW + (AT_27 - TODAY))
    assert mail.outbox[0].subject == "An invoice is still to be paid"


def test_who_cannot_be_reached_is_written_a_letter():
    InvoiceFactory(person=PersonFactory())
    InvoiceFactory()  # whose person was erased
    assert remind(AT_27) == 2
    assert sent() == [("friendly", True)] * 2
    assert not OutgoingMessage.objects.exists()


def test_the_dead_are_not_written_to(invoice, person):
    Death.objects.create(
        person=person,
        reported_by="x",
        document="notary",
        document_dated_on=TODAY,
        seen_at=NOW,
        seen_by=UserFactory(),
    )
    remind(AT_27)
    assert sent() == [("friendly", True)]
    assert not OutgoingMessage.objects.exists()


def test_a_landlords_managers_are_led_to_its_invoices_and_its_contacts_left_alone():
    landlord = LandlordFactory()
    LandlordContact.objects.create(landlord=landlord, name="A", email="compta@bailleur.example")
    manager, gone = UserFactory(role="landlord_manager"), UserFactory(role="landlord_manager", is_active=False)
    landlord.managers.set([manager, gone])
    InvoiceFactory(landlord=landlord)
    remind(AT_27)
    deliver_all(now=NOW + (AT_27 - TODAY))

    (message,) = mail.outbox
    assert message.to == [manager.email]
    assert "/bailleur/factures/\n" in message.body


def test_a_landlords_contacts_are_written_to_without_a_link():
    landlord = LandlordFactory()
    for name, email in (("A", "compta@bailleur.example"), ("B", ""), ("C", "siege@bailleur.example")):
        LandlordContact.objects.create(landlord=landlord, name=name, email=email)
    InvoiceFactory(landlord=landlord)
    remind(AT_42)
    deliver_all(now=NOW + (AT_42 - TODAY))

    assert sorted(message.to[0] for message in mail.outbox) == ["compta@bailleur.example", "siege@bailleur.example"]
    assert sent() == [("firm", False)]
    assert "http" not in mail.outbox[0].body


# That it is there -----------------------------------------------------------------------------------------------------


def test_an_invoice_that_is_issued_is_told(person):
    FinancialYearFactory()
    issue(InvoiceDraftFactory(person=person), by=None, now=NOW)
    deliver_all(now=NOW)
    (message,) = mail.outbox
    assert (message.to, message.subject) == ([person.email], "Votre facture")
    assert "/portail/factures/\n" in message.body


def test_a_landlords_managers_are_told_of_a_new_invoice():
    FinancialYearFactory()
    landlord = LandlordFactory()
    landlord.managers.add(UserFactory(role="landlord_manager"))
    LandlordContact.objects.create(landlord=landlord, name="A", email="compta@bailleur.example")
    issue(InvoiceDraftFactory(landlord=landlord), by=None, now=NOW)
    assert kinds() == ["invoice_ready"]


def test_an_address_that_is_none_stops_no_invoice(person):
    type(person).objects.update(email="@")
    FinancialYearFactory()
    issue(InvoiceDraftFactory(person=person), by=None, now=NOW)
    assert Invoice.objects.exists()
    assert not OutgoingMessage.objects.exists()
