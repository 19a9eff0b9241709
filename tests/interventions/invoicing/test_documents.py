import io
import unicodedata
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection
from pypdf import PdfReader

from interventions.invoicing.invoice_documents import (
    clear_bytes,
    document_of,
    estimate_pdf,
    factur_x,
    make,
    make_missing,
)
from interventions.invoicing.issuing import issue
from interventions.invoicing.papers import estimate_content
from interventions.invoicing.preparing import prepare
from interventions.models import DraftLine, Estimate, EstimateLine, Invoice, InvoiceDocument
from interventions.models.billing import VatRate
from interventions.tasks import make_invoice_document, make_invoice_documents
from privacy.encrypted_files import Unreadable
from privacy.pdf import pdf, shown
from tests.concurrency import meanwhile
from tests.factories import (
    NOW,
    TODAY,
    DwellingFactory,
    FinancialYearFactory,
    InterventionFactory,
    InvoiceDraftFactory,
    InvoiceFactory,
    PersonFactory,
    PhoneFactory,
    TenantMessageFactory,
)

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


def issued(**fields) -> Invoice:
    FinancialYearFactory()
    return issue(InvoiceDraftFactory(**fields), by=None, now=NOW)


def files() -> list[str]:
    return default_storage.listdir("invoices")[1] if default_storage.exists("invoices") else []


def text_of(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


# Once -----------------------------------------------------------------------------------------------------------------


def test_it_is_made_once_and_encrypted():
    invoice = issued()

    make(invoice.pk, now=NOW)
    document = InvoiceDocument.objects.get(invoice=invoice)
    first = clear_bytes(document)
    make(invoice.pk, now=LATER)
    make_missing(now=LATER)

    assert document == document_of(invoice, now=LATER) == InvoiceDocument.objects.get()
    assert clear_bytes(document_of(invoice, now=LATER)) == first
    assert (document.made_at, document.size) == (NOW, len(first))
    assert len(files()) == 1
    assert first.startswith(b"%PDF-1.7")
    with document.file.open() as file:
        stored = file.read()
    assert b"PDF" not in stored[:100]
    assert len(stored) > len(first)


def test_the_same_invoice_gives_the_same_bytes_whatever_became_of_the_company(settings):
    invoice = issued()
    before = factur_x(invoice)
    settings.COMPANY = settings.COMPANY | {"name": "AUTRE NOM", "iban": ""}
    assert factur_x(Invoice.objects.get(pk=invoice.pk)) == before
    assert "AUTRE NOM" in text_of(factur_x(issued()))


@pytest.mark.django_db(transaction=True)
def test_two_workers_make_one():
    invoice = issued()
    meanwhile(lambda: make(invoice.pk, now=NOW), lambda: make(invoice.pk, now=LATER))
    assert InvoiceDocument.objects.get(invoice=invoice).made_at == NOW
    assert len(files()) == 1


def test_a_worker_makes_it_from_its_number():
    invoice = issued()
    make_invoice_document(invoice.pk)
    assert text_of(clear_bytes(InvoiceDocument.objects.get(invoice=invoice))).startswith("SOFRATEL CAT")
    make_invoice_document(invoice.pk + 1)  # one that was never committed
    make_invoice_documents()
    assert InvoiceDocument.objects.count() == 1


# What goes wrong ------------------------------------------------------------------------------------------------------


def test_a_disk_that_cannot_be_written_leaves_the_invoice_issued_and_its_file_for_later(settings, tmp_path, media):
    invoice = issued()
    (tmp_path / "no-folder").write_bytes(b"")
    settings.MEDIA_ROOT = tmp_path / "no-folder"
    with pytest.raises(OSError, match="no-folder"):
        make(invoice.pk, now=NOW)
    make_missing(now=NOW)
    assert not InvoiceDocument.objects.exists()

    settings.MEDIA_ROOT = media
    make_missing(now=LATER)
    assert InvoiceDocument.objects.get(invoice=invoice).made_at == LATER


def test_a_row_that_fails_takes_its_file_back():
    invoice = issued()
    with pytest.raises(IntegrityError):
        make(invoice.pk, now=None)
    assert files() == []
    make(invoice.pk, now=NOW)
    assert len(files()) == 1


def test_one_that_cannot_be_made_stops_no_other(caplog):
    broken = InvoiceFactory(seller={"name": "SOFRATEL CAT"})
    whole = InvoiceFactory()
    make_missing(now=NOW)
    assert list(InvoiceDocument.objects.values_list("invoice", flat=True)) == [whole.pk]
    assert [record.invoice for record in caplog.records] == [broken.pk]


def test_what_was_written_before_there_were_documents_has_none(caplog):
    old = InvoiceFactory(seller={})
    make_missing(now=NOW)
    assert not InvoiceDocument.objects.exists()
    assert not caplog.records
    with pytest.raises(Unreadable):
        document_of(old, now=NOW)


def test_another_file_in_its_place_is_seen():
    document = document_of(issued(), now=NOW)
    clear_bytes(document)
    document.sha256 = "0" * 64
    with pytest.raises(Unreadable, match="not the file"):
        clear_bytes(document)


@pytest.mark.parametrize("left", [None, b"", b"%PDF-1.7 something else"])
def test_a_file_that_was_changed_or_is_gone_is_seen(left):
    document = document_of(issued(), now=NOW)
    clear_bytes(document)
    default_storage.delete(document.file.name)
    if left is not None:
        with default_storage.open(document.file.name, "wb") as file:
            file.write(left)
    with pytest.raises(Unreadable):
        clear_bytes(document)


def test_nobody_writes_another_hash():
    document = document_of(issued(), now=NOW)
    with pytest.raises(IntegrityError, match="append-only"), connection.cursor() as cursor:
        cursor.execute("UPDATE interventions_invoicedocument SET sha256 = '0' WHERE id = %s", [document.pk])


# What it shows --------------------------------------------------------------------------------------------------------


def test_an_individual_is_not_told_more_of_than_the_law_asks():
    """CGI annexe II, article 242 nonies A: names and addresses."""
    FinancialYearFactory()
    person = PersonFactory(given_name="Renée", family_name="Lefèbvre", email="renee@canari.example")
    PhoneFactory(person=person, number="+33698765432")
    intervention = InterventionFactory(occupant=person, dwelling=DwellingFactory())
    TenantMessageFactory(intervention=intervention, text="Canari a un genou cassé.")
    draft = prepare(intervention, to=person, by=None, now=NOW)
    DraftLine.objects.create(draft=draft, position=1, designation="Recherche de fuite", quantity=1, unit_price=80)

    content = clear_bytes(document_of(issue(draft, by=None, now=NOW), now=NOW))

    (xml,) = PdfReader(io.BytesIO(content)).attachments["factur-x.xml"]
    for told in (text_of(content), xml.decode()):
        assert "LEFÈBVRE Renée" in told
        assert "12 rue Gambetta" in told
        for canary in ("canari", "Canari", "98765432", "98 76 54 32", "@"):
            assert canary not in told
    assert intervention.reference in text_of(content)


def test_an_invoice_says_what_the_law_asks_for(settings):
    invoice = issued(
        billed_siren="552032534", billed_vat_number="FR12552032534", purchase_order="BC-7", supplied_on=TODAY
    )
    told = text_of(factur_x(invoice)).replace("\N{NO-BREAK SPACE}", " ")
    for wanted in (
        "Facture F2026-000001",
        "215 rue du Comte d’Artois",
        "SAS au capital de",
        "RCS Douai 450 607 429",
        "FR35450607429",
        "552 032 534",
        "FR12552032534",
        "BC-7",
        "10/03/2026",
        "09/04/2026",
        "75,00 €",
        "20 %",
        "15,00 €",
        "90,00 €",
        "FR76 3000 6000 0112 3456 7890 189",
        "prestation de services",
        "40 €",
        "article L441-10",
        "Pas d’escompte",
    ):
        assert wanted in told


def test_every_letter_that_passes_can_be_printed():
    letters = [chr(number) for number in range(0x20, 0x2300) if unicodedata.category(chr(number)) != "Cn"]
    printed = "".join(letter for letter in letters if shown(letter) == letter)
    assert len(printed) > 1500
    content = estimate_content(estimate())
    assert pdf("estimate", content | {"facts": [("Nom", printed)]})
    assert shown("Renée 王") == "Renée ?"


# Estimates ------------------------------------------------------------------------------------------------------------


def estimate(**fields) -> Estimate:
    made = Estimate.objects.create(
        intervention=InterventionFactory(),
        prepared_at=NOW,
        offered_at=NOW,
        valid_until=TODAY + timedelta(days=30),
        billed_name="Camille Personne",
        billed_street="12 rue Gambetta",
        billed_postcode="59400",
        billed_city="Cambrai",
        **fields,
    )
    EstimateLine.objects.create(
        estimate=made, position=1, designation="Serrure", quantity=2, unit_price=80, vat=VatRate.INTERMEDIATE
    )
    return made


def test_an_estimate_says_what_work_will_cost_and_until_when():
    found = estimate()
    told = text_of(estimate_pdf(found)).replace("\N{NO-BREAK SPACE}", " ")
    for wanted in (
        f"Devis {found.reference}",
        "Valable jusqu’au 09/04/2026",
        "160,00 €",
        "16,00 €",
        "176,00 €",
        "10 %",
    ):
        assert wanted in told
    assert "Accepté" not in told


def test_an_answered_estimate_says_how_it_was_answered():
    told = text_of(estimate_pdf(estimate(answered_at=LATER, accepted=True, attested_at=LATER)))
    assert "Bon pour accord" in told
    assert "plus de deux ans" in told
    assert "Refusé" in text_of(estimate_pdf(estimate(answered_at=LATER, accepted=False)))
