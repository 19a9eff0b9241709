"""What a landlord is billed: its own, and nothing of its tenants’."""

import csv
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from interventions.invoicing.issuing import issue
from interventions.invoicing.payments import note
from interventions.invoicing.preparing import prepare_credit
from interventions.models import Invoice, InvoiceDocument
from interventions.models.invoices import CreditReason
from privacy.models import JournalEntry
from tests.factories import FinancialYearFactory, InvoiceFactory, LandlordFactory

pytestmark = pytest.mark.django_db

LIST = "/bailleur/factures/"
CSV = f"{LIST}export.csv"


def year_of(day):
    return FinancialYearFactory(starts_on=date(day.year, 1, 1))


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def invoice(landlord, today):
    return InvoiceFactory(landlord=landlord, billed_name=landlord.name, financial_year=year_of(today), issued_on=today)


@pytest.fixture
def to_a_tenant(tenant, job, today):
    """Of this landlord's, for an intervention in its estate."""
    return InvoiceFactory(person=tenant, intervention=job, financial_year=year_of(today), issued_on=today)


def page_of(client, address=LIST):
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def rows_of(client, address=CSV):
    content = b"".join(client.get(address)).decode().removeprefix("\ufeff")
    return list(csv.DictReader(StringIO(content), delimiter=";"))


def test_without_any_the_page_says_so(client):
    assert "Aucune facture à votre nom" in page_of(client)
    assert rows_of(client) == []


def test_the_list_tells_state_and_what_is_left_to_pay(client, invoice, today):
    told = page_of(client)
    for words in (
        invoice.number,
        "Ouverture de porte",
        "Habitat du Cambrésis",
        "90,00 €",
        "À payer",
        f"{today:%d/%m/%Y}",
    ):
        assert words in told
    note(invoice, method="transfer", amount=Decimal(90), received_on=today, by=None, now=timezone.now())
    assert "Payée" in page_of(client)


def test_nothing_of_its_tenants_nor_of_another_landlord(client, invoice, to_a_tenant, today):
    theirs = InvoiceFactory(landlord=LandlordFactory(), financial_year=year_of(today), issued_on=today)
    assert Invoice.objects.count() == 3
    told, rows = page_of(client), rows_of(client)
    assert [piece.number in told for piece in (invoice, to_a_tenant, theirs)] == [True, False, False]
    assert [row["Numéro"] for row in rows] == [invoice.number]
    got = [client.get(f"{LIST}{piece.pk}/pdf/").status_code for piece in (invoice, to_a_tenant, theirs)]
    assert got == [200, 404, 404]


def test_the_pdf_is_the_same_each_time(client, invoice):
    first, again = (client.get(f"{LIST}{invoice.pk}/pdf/") for _ in range(2))
    assert first.content.startswith(b"%PDF")
    assert first.content == again.content
    default_storage.delete(InvoiceDocument.objects.get().file.name)
    told = client.get(f"{LIST}{invoice.pk}/pdf/", follow=True).content.decode()
    assert f"Le PDF de {invoice.number} ne peut pas être lu" in told


def test_a_year_is_chosen_for_page_and_file(client, landlord, invoice, today):
    last = today.replace(year=today.year - 1, month=12, day=1)
    old = InvoiceFactory(landlord=landlord, financial_year=year_of(last), issued_on=last)
    assert all(piece.number in page_of(client) for piece in (invoice, old))
    told = page_of(client, f"{LIST}?annee={last.year}")
    assert [piece.number in told for piece in (invoice, old)] == [False, True]
    assert f"{CSV}?annee={last.year}" in told
    assert [row["Numéro"] for row in rows_of(client, f"{CSV}?annee={last.year}")] == [old.number]
    for wrong in ("1999", "x", "²"):
        assert client.get(f"{LIST}?annee={wrong}").status_code == 404
        assert client.get(f"{CSV}?annee={wrong}").status_code == 404


def test_the_file_adds_up_with_its_credit_notes(client, landlord, invoice, manager, today):
    now = timezone.now()
    other = InvoiceFactory(landlord=landlord, financial_year=year_of(today), issued_on=today)
    credit = issue(prepare_credit(invoice, reason=CreditReason.ERROR, by=None, now=now), by=None, now=now)
    rows = {row["Numéro"]: row for row in rows_of(client)}
    assert rows[credit.number]["Total TTC"] == "-90,00"
    assert rows[credit.number]["Facture corrigée"] == invoice.number
    assert rows[invoice.number]["État"] == "Annulée par avoir"
    assert rows[other.number]["Reste dû"] == "90,00"
    assert rows[other.number]["Date"] == f"{today:%d/%m/%Y}"
    total = sum(Decimal(row["Total TTC"].replace(",", ".")) for row in rows.values())
    assert total == 90
    entry = JournalEntry.objects.get(action="export", model="interventions.Invoice")
    assert entry.actor_id == manager.pk


def test_of_an_archived_year_nothing_is_listed(client, landlord, invoice, today):
    past = date(today.year - 3, 6, 1)
    old = InvoiceFactory(landlord=landlord, financial_year=year_of(past), issued_on=past)
    assert Invoice.objects.filter(pk=old.pk).exists()
    assert old.number not in page_of(client)
    assert client.get(f"{LIST}{old.pk}/pdf/").status_code == 404


def test_the_page_costs_the_same_however_much_there_is(client, landlord, invoice, today):
    counts = []
    for more in (1, 5):
        InvoiceFactory.create_batch(more, landlord=landlord, financial_year=invoice.financial_year, issued_on=today)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LIST).status_code == 200
        counts.append(len(queries))
    assert len(set(counts)) == 1
    assert counts[0] <= 12
