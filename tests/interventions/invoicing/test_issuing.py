from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from interventions.invoicing.issuing import CannotIssue, issue
from interventions.invoicing.preparing import prepare_credit
from interventions.models import DraftLine, Invoice, InvoiceDraft, InvoiceLine
from interventions.models.billing import VatRate
from interventions.models.invoices import CreditReason
from tests.factories import NOW, TODAY, FinancialYearFactory, InvoiceDraftFactory, InvoiceFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def accountant():
    return UserFactory(role="accounting")


@pytest.fixture(autouse=True)
def year():
    return FinancialYearFactory()


def issued(draft=None, *, now=NOW, **fields):
    return issue(draft or InvoiceDraftFactory(**fields), by=None, now=now)


def line(draft, **fields):
    given = {"designation": "Serrure", "quantity": 1, "unit_price": 10, "position": 9}
    return DraftLine.objects.create(draft=draft, **given | fields)


def check_now():
    """What PostgreSQL checks at the end of a transaction, which a test never comes to."""
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_draft_becomes_an_invoice(accountant, year):
    draft = InvoiceDraftFactory()
    line(draft, unit_price="33.335", quantity=3, vat=VatRate.EXEMPT)

    invoice = issue(draft, by=accountant, now=NOW)

    check_now()
    assert invoice.number == "F2026-000001"
    assert (invoice.issued_on, invoice.due_on) == (TODAY, TODAY + timedelta(days=30))
    assert (invoice.net_total, invoice.vat_total, invoice.total) == (
        Decimal("175.01"),
        Decimal("15.00"),
        Decimal("190.01"),
    )
    assert [line.net for line in invoice.lines.all()] == [Decimal("75.00"), Decimal("100.01")]
    assert not InvoiceDraft.objects.exists()


def test_each_series_of_each_year_is_numbered_by_itself():
    FinancialYearFactory(starts_on=date(2027, 1, 1))
    first, second = issued(), issued()
    credit = issued(prepare_credit(first, reason=CreditReason.ERROR, by=None, now=NOW))
    later = issued(now=NOW + timedelta(days=365))

    numbers = [piece.number for piece in (first, second, credit, later)]
    assert numbers == ["F2026-000001", "F2026-000002", "A2026-000001", "F2027-000001"]
    check_now()


def test_what_fails_takes_no_number():
    issued()
    with pytest.raises(CannotIssue, match="aucune ligne"):
        issued(lines=0)
    assert issued().sequence == 2


def test_nothing_is_issued_outside_the_financial_years():
    draft = InvoiceDraftFactory()
    with pytest.raises(CannotIssue, match="ouvrez-le"):
        issue(draft, by=None, now=NOW + timedelta(days=365))
    assert InvoiceDraft.objects.filter(pk=draft.pk).exists()


def test_nothing_is_dated_before_the_last():
    issued(now=NOW + timedelta(days=2))
    with pytest.raises(CannotIssue, match="12/03/2026"):
        issued()


def test_the_same_draft_is_issued_once():
    draft = InvoiceDraftFactory()
    issued(draft)
    with pytest.raises(CannotIssue, match="déjà"):
        issued(draft)


@pytest.mark.parametrize(
    ("fields", "line_fields", "message"),
    [
        ({"billed_city": "", "billed_postcode": ""}, {}, "le code postal, la commune"),
        ({"supplied_on": TODAY + timedelta(days=1)}, {}, "prestation"),
        ({}, {"quantity": -20}, "négatif"),
        ({}, {"quantity": 999_999, "unit_price": 999_999}, "trop grand"),
        ({}, {"vat": VatRate.REDUCED}, "attestation"),
        ({"attested_on": TODAY + timedelta(days=1)}, {"vat": VatRate.INTERMEDIATE}, "attestation"),
        ({}, {"vat": VatRate.REVERSE_CHARGE}, "numéro de TVA"),
    ],
)
def test_what_the_law_asks_for_is_asked_for(fields, line_fields, message):
    draft = InvoiceDraftFactory(**fields)
    line(draft, **line_fields)
    with pytest.raises(CannotIssue, match=message):
        issued(draft)
    assert not Invoice.objects.exists()


def test_a_reduced_rate_goes_with_its_attestation():
    draft = InvoiceDraftFactory(lines=0, attested_on=TODAY)
    line(draft, unit_price=100, vat=VatRate.REDUCED)
    assert issued(draft).vat_total == Decimal("5.50")
    check_now()


# Credit notes ---------------------------------------------------------------------------------------------------------


def test_a_credit_note_names_its_invoice_and_takes_all_of_it_back():
    invoice = issued()
    credit = issued(prepare_credit(invoice, reason=CreditReason.ERROR, by=None, now=NOW))
    assert (credit.corrects, credit.corrected_number, credit.corrected_on) == (invoice, "F2026-000001", TODAY)
    assert credit.total == invoice.total
    assert Invoice.objects.with_balance().get(pk=invoice.pk).balance == 0


def test_no_more_is_credited_than_was_billed():
    invoice = issued()
    draft = prepare_credit(invoice, reason=CreditReason.GOODWILL, by=None, now=NOW)
    half = prepare_credit(invoice, reason=CreditReason.GOODWILL, by=None, now=NOW)
    half.lines.update(unit_price=40)
    issued(half)
    with pytest.raises(CannotIssue, match="35,00"):
        issued(draft)
    draft.lines.update(unit_price=35)
    issued(draft)
    with pytest.raises(CannotIssue, match="en entier"):
        prepare_credit(invoice, reason=CreditReason.GOODWILL, by=None, now=NOW)


@pytest.mark.parametrize("nets", [["0.03", "0.03"], ["0.02", "0.02", "0.02"], ["0.01"] * 6, ["0.05", "0.01"]])
def test_credit_notes_of_all_come_to_the_cent_of_the_invoice(nets):
    draft = InvoiceDraftFactory(attested_on=TODAY)
    draft.lines.update(unit_price="0.06")
    line(draft, unit_price="0.06", vat=VatRate.REDUCED)
    line(draft, unit_price="48", vat=VatRate.EXEMPT)
    invoice = issued(draft)
    for net in nets:
        part = prepare_credit(invoice, reason=CreditReason.GOODWILL, by=None, now=NOW)
        part.lines.exclude(vat=VatRate.EXEMPT).update(unit_price=net)
        part.lines.filter(vat=VatRate.EXEMPT).update(unit_price=Decimal(48) / len(nets), quantity=1)
        issued(part)
    check_now()
    assert sum(credit.total for credit in invoice.credits.all()) == invoice.total
    assert sum(credit.vat_total for credit in invoice.credits.all()) == invoice.vat_total


def test_no_more_tax_is_given_back_than_was_billed():
    draft = InvoiceDraftFactory()
    draft.lines.update(unit_price="0.12")
    invoice = issued(draft)
    for net in ("0.03", "0.03", "0.02"):
        part = prepare_credit(invoice, reason=CreditReason.GOODWILL, by=None, now=NOW)
        part.lines.update(unit_price=net)
        issued(part)
    part = prepare_credit(invoice, reason=CreditReason.GOODWILL, by=None, now=NOW)
    part.lines.update(unit_price="0.03")
    with pytest.raises(CannotIssue, match="plus de TVA"):
        issued(part)
    part.lines.update(unit_price="0.04")
    assert issued(part).vat_total == 0
    check_now()
    assert Invoice.objects.with_balance().get(pk=invoice.pk).balance == 0


def test_a_free_line_at_a_rate_that_was_not_billed_harms_no_later_credit_note():
    invoice = issued()
    part = prepare_credit(invoice, reason=CreditReason.GOODWILL, by=None, now=NOW)
    part.lines.update(unit_price=40)
    line(part, unit_price=0, vat=VatRate.EXEMPT)
    issued(part)
    rest = prepare_credit(invoice, reason=CreditReason.GOODWILL, by=None, now=NOW)
    rest.lines.update(unit_price=35)
    assert issued(rest).net_total == 35


def test_the_database_refuses_credit_notes_that_exceed_their_invoice():
    invoice = issued()
    issued(prepare_credit(invoice, reason=CreditReason.ERROR, by=None, now=NOW))
    with pytest.raises(IntegrityError, match="exceed"):
        written(
            InvoiceFactory.build(
                financial_year=invoice.financial_year,
                series="A",
                sequence=2,
                corrects=invoice,
                corrected_number=invoice.number,
                reason=CreditReason.ERROR,
            )
        )


def test_what_is_left_is_told_as_an_amount_is_written():
    draft = InvoiceDraftFactory()
    draft.lines.update(unit_price=29_997)
    credit = prepare_credit(issued(draft), reason=CreditReason.ERROR, by=None, now=NOW)
    credit.lines.update(quantity=2)
    with pytest.raises(CannotIssue, match="29\N{NARROW NO-BREAK SPACE}997,00\N{NO-BREAK SPACE}€ HT"):
        issued(credit)


def test_a_credit_note_is_not_credited():
    credit = issued(prepare_credit(issued(), reason=CreditReason.ERROR, by=None, now=NOW))
    with pytest.raises(CannotIssue, match="avoir"):
        prepare_credit(credit, reason=CreditReason.ERROR, by=None, now=NOW)


# What PostgreSQL sees to ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fields", [{"net_total": 74, "total": 89}, {"line_count": 2}, {"sequence": 5}])
def test_the_database_refuses_what_does_not_add_up(fields, year):
    InvoiceFactory(financial_year=year)
    check_now()
    with pytest.raises(IntegrityError):
        written(InvoiceFactory.build(financial_year=year, **fields))


@transaction.atomic
def written(invoice):
    invoice.save(force_insert=True)
    InvoiceLine.objects.create(
        invoice=invoice, position=1, designation="x", quantity=1, unit_price=75, vat_percent=20, net=75
    )
    check_now()
