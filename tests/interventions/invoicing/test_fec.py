"""The accountant's file: every entry balanced, nothing more of a client than the law asks for, one line a line."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import Person
from interventions.invoicing import fec, payments
from interventions.invoicing.issuing import CannotIssue, issue
from interventions.invoicing.payments import PaymentError
from interventions.invoicing.preparing import prepare_credit
from interventions.models import DraftLine, Invoice, InvoiceLine, Payment
from interventions.models.billing import VatRate
from interventions.models.invoices import CreditReason, Series
from privacy.rights import erasure
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

pytestmark = pytest.mark.django_db

CENT = Decimal("0.01")


@pytest.fixture
def year():
    return FinancialYearFactory()


def read(year):
    """As the tax office's own program would: by position, from the heading on."""
    text = b"".join(b"".join(lines) for lines in fec.lines(year)).decode("iso-8859-15")
    assert text.endswith("\r\n")
    heading, *lines = (line.split("\t") for line in text.removesuffix("\r\n").split("\r\n"))
    assert {len(line) for line in lines} <= {18}
    return [dict(zip(heading, line, strict=True)) for line in lines]


def amount(text):
    return Decimal(text.replace(",", "."))


def told(year, *names):
    return [tuple(line[name] for name in names) for line in read(year)]


def paid(invoice, given, *, method="transfer", on=TODAY, now=NOW):
    return payments.note(invoice, method=method, amount=Decimal(given), received_on=on, by=None, now=now)


def credited(invoice, *, net=None, now=NOW):
    draft = prepare_credit(invoice, reason=CreditReason.ERROR, by=None, now=now)
    if net:
        draft.lines.update(unit_price=net)
    return issue(draft, by=None, now=now)


def test_the_heading_is_that_of_the_text(year):
    (heading,) = next(fec.lines(year))
    assert heading == (
        b"JournalCode\tJournalLib\tEcritureNum\tEcritureDate\tCompteNum\tCompteLib\tCompAuxNum\tCompAuxLib\tPieceRef"
        b"\tPieceDate\tEcritureLib\tDebit\tCredit\tEcritureLet\tDateLet\tValidDate\tMontantdevise\tIdevise\r\n"
    )
    assert fec.file_name(year) == "450607429FEC20261231.txt"


def test_an_invoice_with_two_rates(year):
    draft = InvoiceDraftFactory(attested_on=TODAY)
    DraftLine.objects.create(
        draft=draft, position=2, designation="Pompe", quantity=1, unit_price="100.10", vat=VatRate.REDUCED
    )
    issue(draft, by=None, now=NOW)
    assert read(year)[0] == {
        "JournalCode": "VE",
        "JournalLib": "Ventes",
        "EcritureNum": "1",
        "EcritureDate": "20260310",
        "CompteNum": "411000",
        "CompteLib": "Clients",
        "CompAuxNum": "CF2026-000001",
        "CompAuxLib": "Camille Personne",
        "PieceRef": "F2026-000001",
        "PieceDate": "20260310",
        "EcritureLib": "Facture F2026-000001",
        "Debit": "195,61",
        "Credit": "0,00",
        "EcritureLet": "",
        "DateLet": "",
        "ValidDate": "20260310",
        "Montantdevise": "",
        "Idevise": "",
    }
    assert told(year, "CompteNum", "CompteLib", "Debit", "Credit")[1:] == [
        ("706000", "Prestations de services", "0,00", "175,10"),
        ("44571200", "TVA collectée 20 %", "0,00", "15,00"),
        ("44571055", "TVA collectée 5,5 %", "0,00", "5,51"),
    ]


def test_a_credit_note_is_the_contrary(year):
    invoice = issue(InvoiceDraftFactory(), by=None, now=NOW)
    credited(invoice, now=NOW + timedelta(days=1))
    assert told(year, "EcritureNum", "EcritureLib", "CompteNum", "CompAuxNum", "Debit", "Credit")[3:] == [
        ("2", "Avoir A2026-000001 sur F2026-000001", "411000", "CF2026-000001", "0,00", "90,00"),
        ("2", "Avoir A2026-000001 sur F2026-000001", "706000", "", "75,00", "0,00"),
        ("2", "Avoir A2026-000001 sur F2026-000001", "44571200", "", "15,00", "0,00"),
    ]


@pytest.mark.parametrize(
    ("method", "journal", "account"),
    [
        ("cash", "CA", "530000"),
        ("transfer", "BQ", "512000"),
        ("cheque", "BQ", "511200"),
        ("card", "BQ", "511500"),
        ("online", "BQ", "517000"),
    ],
)
def test_each_method_has_its_account(year, method, journal, account):
    paid(InvoiceFactory(), 30, method=method)
    assert told(year, "JournalCode", "CompteNum", "Debit", "Credit")[3:] == [
        (journal, account, "30,00", "0,00"),
        (journal, "411000", "0,00", "30,00"),
    ]


def test_every_method_has_one():
    assert set(fec.RECEIPTS) == set(Payment.Method)


def test_a_mistake_and_a_refund_go_the_other_way(year):
    invoice = InvoiceFactory()
    mistake = paid(invoice, 100)
    payments.reverse(mistake, by=None, now=NOW + timedelta(hours=1))
    paid(invoice, 100, now=NOW + timedelta(hours=2))
    paid(invoice, -10, now=NOW + timedelta(hours=3))
    assert told(year, "EcritureLib", "CompteNum", "Debit", "Credit")[3::2] == [
        ("Encaissement F2026-000001", "512000", "100,00", "0,00"),
        (f"Annulation de P{mistake.pk} F2026-000001", "512000", "0,00", "100,00"),
        ("Encaissement F2026-000001", "512000", "100,00", "0,00"),
        ("Remboursement F2026-000001", "512000", "0,00", "10,00"),
    ]


# Lettering ------------------------------------------------------------------------------------------------------------


def lettered(year):
    return told(year, "CompteNum", "EcritureLet", "DateLet")


def test_what_is_paid_and_credited_to_the_cent_is_lettered_on_the_client_s_account(year):
    invoice, later = InvoiceFactory(), NOW + timedelta(days=5)
    credited(invoice, net=25, now=NOW)
    paid(invoice, "59.99")
    assert {letter for _, letter, _ in lettered(year)} == {""}
    paid(invoice, "0.01", on=TODAY + timedelta(days=5), now=later)
    on_clients = [each for each in lettered(year) if each[0] == "411000"]
    assert on_clients == [("411000", "F2026-000001", "20260315")] * 4
    assert {letter for account, letter, _ in lettered(year) if account != "411000"} == {""}


def test_what_is_overpaid_is_not_lettered(year):
    invoice = InvoiceFactory()
    paid(invoice, 91)
    assert {letter for _, letter, _ in lettered(year)} == {""}
    paid(invoice, -1)
    assert ("411000", "F2026-000001", "20260310") in lettered(year)


def test_what_happens_after_the_closing_changes_nothing_before_it():
    before = FinancialYearFactory(starts_on=date(2025, 1, 1))
    year, invoice = FinancialYearFactory(), InvoiceFactory(financial_year=before)
    as_it_closed = read(before)
    paid(invoice, 90)
    assert read(before) == as_it_closed
    assert told(year, "CompteNum", "EcritureLet", "DateLet") == [
        ("512000", "", ""),
        ("411000", "F2025-000001", "20260310"),
    ]


# Order ----------------------------------------------------------------------------------------------------------------


def test_a_payment_that_is_noted_late_takes_the_last_number(year):
    first = InvoiceFactory(issued_on=date(2026, 3, 1))
    paid(first, 10, now=NOW)
    InvoiceFactory(issued_on=date(2026, 3, 12))
    before = read(year)
    paid(first, 10, on=date(2026, 3, 2), now=NOW + timedelta(days=9))
    assert read(year)[: len(before)] == before
    assert told(year, "EcritureNum", "EcritureDate", "ValidDate")[-1] == ("4", "20260302", "20260319")


def test_numbers_go_on_and_days_of_validation_never_go_back(year):
    for day in (1, 5, 5, 9):
        invoice = InvoiceFactory(issued_on=date(2026, 3, day))
        paid(invoice, 10, on=date(2026, 3, day), now=datetime(2026, 3, day, 18, tzinfo=NOW.tzinfo))
    lines = read(year)
    assert sorted({int(line["EcritureNum"]) for line in lines}) == list(range(1, 9))
    assert [int(line["EcritureNum"]) for line in lines] == sorted(int(line["EcritureNum"]) for line in lines)
    assert [line["ValidDate"] for line in lines] == sorted(line["ValidDate"] for line in lines)


def test_another_year_s_pieces_are_not_in_it(year):
    InvoiceFactory(financial_year=FinancialYearFactory(starts_on=date(2025, 1, 1)))
    InvoiceFactory()
    assert {ref for (ref,) in told(year, "PieceRef")} == {"F2026-000001"}


# Clients --------------------------------------------------------------------------------------------------------------


def test_a_landlord_has_one_account_and_a_person_one_for_each_invoice(year):
    landlord, person = LandlordFactory(name="Habitat", billing_name="Habitat du Nord SA"), PersonFactory()
    for _ in range(2):
        InvoiceFactory(landlord=landlord, billed_name="Habitat du Nord SA, service travaux")
        InvoiceFactory(person=person)
    of_clients = [each for each in told(year, "CompAuxNum", "CompAuxLib") if each[0]]
    number = f"B{landlord.pk:06d}"
    assert of_clients == [
        (number, "Habitat du Nord SA"),
        ("CF2026-000002", "Camille Personne"),
        (number, "Habitat du Nord SA"),
        ("CF2026-000004", "Camille Personne"),
    ]


def test_the_file_is_the_same_once_its_person_was_erased(year):
    """The invoice keeps the name it was made out to (GDPR article 17(3)(b)); the file never told more than that."""
    person = PersonFactory(family_name="Canari-Zygomatique")
    paid(InvoiceFactory(person=person, billed_name="Canari-Zygomatique"), 90)
    before = read(year)
    assert "Canari-Zygomatique" in {line["CompAuxLib"] for line in before}
    erasure.erase(person, by=UserFactory(role="dpo"), now=NOW)
    assert not Person.objects.filter(pk=person.pk).exists()
    assert read(year) == before


@pytest.mark.parametrize(
    ("name", "told_as"),
    [
        ("Dupont\tMartin", "Dupont Martin"),
        ("Dupont\r\nVE\tVentes", "Dupont VE Ventes"),
        ("Du\N{LINE SEPARATOR}pont\N{NO-BREAK SPACE}\x1c\x0b.", "Du pont ."),
        ("Œuvre d’été à 3 €", "Œuvre d'été à 3 €"),
        ("Nguyễn Łukasz", "Nguyen ?ukasz"),
        ("e\N{COMBINING ACUTE ACCENT}te", "éte"),
    ],
)
def test_no_name_breaks_a_line(year, name, told_as):
    InvoiceFactory(billed_name=name)
    assert [line["CompAuxLib"] for line in read(year)] == [told_as, "", ""]


@given(st.text())
@example("a\tb\r\nc\x85d")
def test_any_text_is_one_field_of_one_line(text):
    encoded = fec.as_text(text)
    assert not set(encoded.decode("iso-8859-15")) & set("\t\r\n\x0b\x0c\x1c\x1d\x1e\x85")


# Whatever happens -----------------------------------------------------------------------------------------------------

AMOUNTS = st.decimals(-300, 600, places=2)
NETS = st.decimals(Decimal("0.01"), 100, places=2)
LINES = st.lists(st.tuples(NETS, st.integers(1, 9), st.sampled_from(VatRate)), min_size=1, max_size=4)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("invoice"), LINES),
        st.tuples(st.just("credit"), st.integers(0, 2), st.decimals(Decimal("0.1"), 1, places=1)),
        st.tuples(
            st.just("pay"), st.integers(0, 2), st.decimals(-300, 6000, places=2), st.sampled_from(Payment.Method)
        ),
        st.tuples(st.just("settle"), st.integers(0, 2)),
        st.tuples(st.just("reverse"), st.integers(0, 2)),
    ),
    max_size=12,
)


def act(kind, *said, now):
    if kind == "invoice":
        draft = InvoiceDraftFactory(lines=0, attested_on=TODAY, billed_vat_number="FR35450607429")
        for position, (price, quantity, vat) in enumerate(said[0], start=1):
            DraftLine.objects.create(
                draft=draft, position=position, designation="x", quantity=quantity, unit_price=price, vat=vat
            )
        return issue(draft, by=None, now=now)
    rows = Payment.objects.all() if kind == "reverse" else Invoice.objects.invoices().with_balance()
    found = rows.order_by("pk")[said[0] : said[0] + 1].first()
    if found is None:
        return None
    match kind:
        case "credit":
            draft = prepare_credit(found, reason=CreditReason.ERROR, by=None, now=now)
            for line in draft.lines.all():
                DraftLine.objects.filter(pk=line.pk).update(unit_price=(line.unit_price * said[1]).quantize(CENT))
            return issue(draft, by=None, now=now)
        case "pay":
            return paid(found, said[1], method=said[2], now=now)
        case "settle":
            return paid(found, found.balance, now=now)
        case _:
            return payments.reverse(found, by=None, now=now)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
@example([("invoice", [("10", 1, VatRate.NORMAL)]), ("pay", 0, Decimal(13), "cash")])
def test_whatever_happens_it_is_balanced_and_comes_to_what_the_tables_say(acts):
    with transaction.atomic():
        year = FinancialYearFactory()
        for minutes, (kind, *said) in enumerate(acts):
            try:
                with transaction.atomic():
                    act(kind, *said, now=NOW + timedelta(minutes=minutes))
            except (CannotIssue, PaymentError):
                continue
        lines = read(year)
        of_entries, of_accounts, of_letters = defaultdict(Decimal), defaultdict(Decimal), defaultdict(Decimal)
        for line in lines:
            value = amount(line["Debit"]) - amount(line["Credit"])
            assert min(amount(line["Debit"]), amount(line["Credit"])) == 0
            of_entries[line["EcritureNum"]] += value
            of_accounts[line["CompteNum"]] += value
            if line["EcritureLet"]:
                of_letters[line["EcritureLet"]] += value
        assert set(of_entries.values()) <= {0}
        assert set(of_letters.values()) <= {0}
        assert len(of_entries) == Invoice.objects.count() + Payment.objects.count()
        assert -of_accounts["706000"] == sales("net_total")
        assert -sum(value for number, value in of_accounts.items() if number.startswith("44571")) == sales("vat_total")
        received = Payment.objects.aggregate(sum=Sum("amount"))["sum"] or 0
        assert of_accounts["411000"] == sales("total") - received
        paid_off = {
            each.number for each in Invoice.objects.invoices().with_balance() if not each.balance and touched(each)
        }
        assert set(of_letters) == paid_off
        transaction.set_rollback(True)


def touched(invoice):
    return invoice.payments.exists() or invoice.credits.exists()


def sales(field):
    sums = dict(Invoice.objects.order_by().values_list("series").annotate(sum=Sum(field)))
    return sums.get(Series.INVOICE, 0) - sums.get(Series.CREDIT_NOTE, 0)


def test_it_reads_no_more_statements_for_more_pieces(year, django_assert_max_num_queries):
    for _ in range(3):
        paid(InvoiceFactory(), 10)
    assert InvoiceLine.objects.count() == 3
    with django_assert_max_num_queries(8):
        assert len(read(year)) == 15
