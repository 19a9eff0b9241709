from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from interventions.invoicing.payments import (
    InvoiceState,
    PaymentError,
    ageing,
    balance_of,
    in_state,
    note,
    reverse,
    state_of,
)
from interventions.models import Invoice, Payment
from interventions.models.invoices import CreditReason, Series
from privacy.models import JournalEntry
from tests.concurrency import meanwhile
from tests.factories import NOW, TODAY, FinancialYearFactory, InvoiceFactory, UserFactory

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
S = InvoiceState


@pytest.fixture
def accountant():
    return UserFactory(role="accounting")


@pytest.fixture
def invoice():
    return InvoiceFactory()


def pay(invoice, amount="90.00", **fields):
    given = {"method": Payment.Method.CHEQUE, "received_on": TODAY, "by": None, "now": NOW}
    return note(invoice, amount=Decimal(amount), **given | fields)


def credit(invoice, net="75.00", vat="15.00"):
    net, vat = Decimal(net), Decimal(vat)
    return InvoiceFactory(
        series=Series.CREDIT_NOTE,
        corrects=invoice,
        corrected_number=invoice.number,
        reason=CreditReason.ERROR,
        net_total=net,
        vat_total=vat,
        total=net + vat,
    )


def state(invoice, *, on=TODAY):
    return state_of(Invoice.objects.with_balance().get(pk=invoice.pk), on=on)


# Noting ---------------------------------------------------------------------------------------------------------------


def test_a_payment_is_noted_and_told_to_the_journal(invoice, accountant):
    payment = pay(invoice, "30.00", reference="4021", by=accountant)

    assert (payment.amount, payment.reference, payment.noted_by) == (Decimal("30.00"), "4021", accountant)
    assert balance_of(invoice) == Decimal("60.00")
    entry = JournalEntry.objects.get(action="note_payment")
    assert (entry.object_id, entry.details) == (payment.pk, {"invoice": invoice.pk})


def test_partial_payments_add_up(invoice):
    for amount in ("30.00", "30.00", "29.99"):
        pay(invoice, amount)
    assert balance_of(invoice) == Decimal("0.01")


def test_what_is_paid_in_excess_may_be_given_back_and_no_more(invoice):
    pay(invoice, "100.00")
    assert (state(invoice), balance_of(invoice)) == (S.OVERPAID, Decimal("-10.00"))

    with pytest.raises(PaymentError, match="10,00"):
        pay(invoice, "-10.01")
    pay(invoice, "-10.00")

    assert (state(invoice), balance_of(invoice)) == (S.PAID, 0)


def test_nothing_is_given_back_of_what_is_owed(invoice):
    with pytest.raises(PaymentError, match="0,00"):
        pay(invoice, "-1.00")
    assert not Payment.objects.exists()


def test_a_credit_note_is_not_paid(invoice):
    with pytest.raises(PaymentError, match="avoir"):
        pay(credit(invoice))


@pytest.mark.parametrize(
    ("amount", "received_on", "message"),
    [
        ("0.00", TODAY, "montant"),
        ("10.005", TODAY, "montant"),
        ("10000000000.00", TODAY, "montant"),
        ("90.00", TODAY + DAY, "pas encore venu"),
        ("90.00", TODAY.replace(year=2025), "Aucun exercice ouvert ne comprend le 10/03/2025"),
        ("90.00", TODAY.replace(year=2024), "Aucun exercice ouvert"),
    ],
)
def test_what_cannot_have_happened_is_refused(invoice, amount, received_on, message):
    FinancialYearFactory(starts_on=date(2024, 1, 1))  # archived since
    with pytest.raises(PaymentError, match=message):
        pay(invoice, amount, received_on=received_on)
    assert not Payment.objects.exists()


def test_money_may_have_come_in_a_year_that_is_closed_and_not_archived(invoice):
    year = FinancialYearFactory(starts_on=date(2025, 1, 1))
    assert pay(invoice, received_on=year.closes_on).pk


def test_the_same_form_sent_twice_is_one_payment(invoice, accountant):
    first = pay(invoice, "45.00", seen=0, by=accountant)
    assert pay(invoice, "45.00", seen=0, by=accountant, now=NOW + timedelta(seconds=2)) == first
    assert pay(invoice, "45.00", seen=1, by=accountant, now=NOW + timedelta(seconds=9)) != first
    assert balance_of(invoice) == 0


def test_whoever_comes_second_with_another_payment_is_told(invoice, accountant):
    pay(invoice, "45.00", seen=0, by=accountant)
    with pytest.raises(PaymentError, match="vient d’être noté"):
        pay(invoice, "45.00", seen=0, by=UserFactory(role="accounting"))
    assert Payment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_instant_wait_for_each_other(invoice, accountant):
    outcome = meanwhile(
        lambda: pay(invoice, seen=0, by=accountant), lambda: pay(invoice, seen=0, method=Payment.Method.CASH)
    )
    assert isinstance(outcome, PaymentError)
    assert Payment.objects.count() == 1


# Reversing ------------------------------------------------------------------------------------------------------------


def test_a_mistake_is_mended_by_its_contrary_once(invoice, accountant):
    payment = pay(invoice)
    contrary = reverse(payment, by=accountant, now=NOW + DAY)

    assert (contrary.amount, contrary.reverses, contrary.received_on) == (Decimal("-90.00"), payment, TODAY + DAY)
    assert balance_of(invoice) == Decimal("90.00")
    with pytest.raises(PaymentError, match="déjà été annulé"):
        reverse(payment, by=accountant, now=NOW)
    with pytest.raises(PaymentError, match="déjà l’annulation"):
        reverse(contrary, by=accountant, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_who_reverse_at_the_same_instant_reverse_once(invoice, accountant):
    payment = pay(invoice)
    again = Payment.objects.get(pk=payment.pk)
    outcome = meanwhile(lambda: reverse(payment, by=accountant, now=NOW), lambda: reverse(again, by=None, now=NOW))
    assert isinstance(outcome, PaymentError)
    assert Payment.objects.count() == 2


def test_a_payment_never_changes(invoice):
    payment = pay(invoice)
    for attempt in (lambda: Payment.objects.update(amount=1), payment.delete, lambda: raw("amount = 1")):
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()
    assert Payment.objects.get().amount == Decimal("90.00")


def raw(change):
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE interventions_payment SET {change}")


# Where they stand -----------------------------------------------------------------------------------------------------


def standing():
    """An invoice in each state, and in each way of coming to it."""
    late = {"issued_on": TODAY - 40 * DAY}
    found = {
        S.LATE: [InvoiceFactory(**late), InvoiceFactory(**late)],
        S.UNPAID: [InvoiceFactory(issued_on=TODAY - 30 * DAY)],
        S.PARTLY: [InvoiceFactory(), InvoiceFactory()],
        S.PAID: [InvoiceFactory(), InvoiceFactory(), InvoiceFactory(net_total=0, vat_total=0, total=0)],
        S.OVERPAID: [InvoiceFactory(), InvoiceFactory()],
        S.CREDITED: [InvoiceFactory()],
    }
    pay(found[S.LATE][1], "10.00")
    pay(found[S.PARTLY][0], "10.00")
    credit(found[S.PARTLY][1], "25.00", "5.00")
    pay(found[S.PARTLY][1], "10.00")
    pay(found[S.PAID][0])
    pay(found[S.PAID][1], "60.00")
    credit(found[S.PAID][1], "25.00", "5.00")
    pay(found[S.OVERPAID][0], "90.01")
    pay(found[S.OVERPAID][1])
    credit(found[S.OVERPAID][1])
    credit(found[S.CREDITED][0])
    found[S.CREDIT_NOTE] = list(Invoice.objects.filter(series=Series.CREDIT_NOTE))
    return found


def test_each_invoice_is_in_one_state_and_lists_find_it_there():
    expected = {state: {invoice.pk for invoice in found} for state, found in standing().items()}

    rows = Invoice.objects.with_balance()
    found = {state: set(in_state(rows, state, on=TODAY).values_list("pk", flat=True)) for state in S}
    told = {state: {row.pk for row in rows if state_of(row, on=TODAY) == state} for state in S}

    assert found == expected
    assert told == expected


def test_it_is_late_the_day_after_the_day_it_is_due(invoice):
    assert state(invoice, on=invoice.due_on) == S.UNPAID
    assert state(invoice, on=invoice.due_on + DAY) == S.LATE


def test_what_is_no_state_is_refused():
    with pytest.raises(ValueError, match="lost"):
        in_state(Invoice.objects.with_balance(), "lost", on=TODAY)


def test_what_is_owed_ages(django_assert_num_queries):
    due = InvoiceFactory().due_on
    pay(InvoiceFactory(), "80.00")
    pay(InvoiceFactory())

    for day, bucket in ((0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4)):
        with django_assert_num_queries(1):
            buckets = ageing(on=due + day * DAY)
        assert [(each.count, each.amount) for each in buckets] == [
            (2, Decimal("100.00")) if rank == bucket else (0, 0) for rank in range(5)
        ]


def test_only_some_invoices_may_be_aged(invoice):
    InvoiceFactory()
    assert ageing(on=TODAY, among=Invoice.objects.filter(pk=invoice.pk))[0].amount == Decimal("90.00")
