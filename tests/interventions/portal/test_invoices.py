"""A tenant's invoices on the portal: theirs alone, said in plain words, kept as PDF, paid, asked about."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from interventions.invoicing.issuing import issue
from interventions.invoicing.payments import note, reverse
from interventions.invoicing.preparing import prepare_credit
from interventions.models import Complaint, Invoice, InvoiceDocument, InvoiceLine, Payment
from interventions.models.invoices import CreditReason
from tests.factories import (
    NOW,
    TODAY,
    FinancialYearFactory,
    InterventionFactory,
    InvoiceFactory,
    LandlordFactory,
    PersonFactory,
    TenancyFactory,
)
from tests.interventions.portal.conftest import signed_in_as

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("night")]

HOME = "/portail/"
LIST = "/portail/factures/"
NEW_COMPLAINT = "/portail/reclamations/nouvelle/"
METHOD = Payment.Method


@pytest.fixture
def invoice(tenant):
    return InvoiceFactory(person=tenant, intervention=InterventionFactory(occupant=tenant))


def address(invoice, act=""):
    return f"{LIST}{invoice.pk}/{act}"


def page_of(client, path, status=200):
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def pay(invoice, amount="90.00", **fields):
    given = {"method": METHOD.TRANSFER, "received_on": TODAY, "by": None, "now": NOW}
    return note(invoice, amount=Decimal(amount), **given | fields)


def credit(invoice):
    return issue(prepare_credit(invoice, reason=CreditReason.ERROR, by=None, now=NOW), by=None, now=NOW)


# What is said ---------------------------------------------------------------------------------------------------------


def test_without_any_the_list_says_so_and_how_to_get_the_old_ones(portal):
    told = page_of(portal, LIST)
    assert "Vous n’avez aucune facture" in told
    assert "/portail/droits/access/" in told
    assert "Rien à payer." in page_of(portal, HOME)


def test_the_list_tells_what_it_is_for_how_much_and_until_when(portal, invoice):
    told = page_of(portal, LIST)
    for words in (invoice.number, "10 mars 2026", "Ouverture de porte", "90,00 €", "À payer avant le 9 avril 2026"):
        assert words in told
    assert "90,00 € à payer avant le 9 avril 2026" in page_of(portal, HOME)


def test_after_its_day_it_is_late_and_not_before(portal, tenant, invoice):
    with time_machine.travel(NOW + timedelta(days=30), tick=False):
        portal.force_login(tenant.user)
        assert "En retard" not in page_of(portal, LIST)
    with time_machine.travel(NOW + timedelta(days=31), tick=False):
        portal.force_login(tenant.user)
        assert "En retard" in page_of(portal, LIST)
        assert "90,00 € à payer, en retard" in page_of(portal, HOME)


def test_a_part_then_all_then_too_much_is_paid(portal, invoice):
    pay(invoice, "40.00")
    assert "Reste 50,00 € avant le 9 avril 2026" in page_of(portal, LIST)
    assert "50,00 € à payer" in page_of(portal, address(invoice))
    pay(invoice, "50.00", method=METHOD.CHEQUE)
    told = page_of(portal, address(invoice))
    assert "Payée" in told
    assert "à payer" not in told
    assert ("40,00 €, reçu le 10 mars 2026" in told, "Par chèque" in told) == (True, True)
    assert "Rien à payer." in page_of(portal, HOME)
    pay(invoice, "10.00")
    told = page_of(portal, address(invoice))
    assert "Remboursement dû : 10,00 €" in told
    assert "nous vous les rendons" in told


def test_a_payment_noted_by_mistake_is_told_as_mended(portal, invoice):
    reverse(pay(invoice), by=None, now=NOW)
    told = page_of(portal, address(invoice))
    assert "\N{MINUS SIGN}90,00 €, corrigé le 10 mars 2026" in told
    assert "90,00 € à payer" in told


def test_a_credit_note_and_its_invoice_lead_to_each_other(portal, invoice):
    note_ = credit(invoice)
    told = page_of(portal, address(invoice))
    assert "Annulée par un avoir" in told
    assert address(note_) in told
    told = page_of(portal, address(note_))
    assert f"sur la facture {invoice.number}" in told
    assert address(invoice) in told
    assert "à payer" not in told
    assert "Rien à payer." in page_of(portal, HOME)


def test_the_page_leads_to_the_request_where_there_still_is_one(portal, tenant, invoice):
    assert f"/portail/demandes/{invoice.intervention_id}/" in page_of(portal, address(invoice))
    assert "Voir la demande" not in page_of(portal, address(InvoiceFactory(person=tenant)))


def test_it_is_paid_by_transfer_with_its_number(portal, settings, invoice):
    told = page_of(portal, address(invoice))
    assert "FR76 3000 6000 0112 3456 7890 189" in told
    assert "Payer en ligne" not in told
    settings.COMPANY = settings.COMPANY | {"iban": ""}
    assert "IBAN" not in page_of(portal, address(invoice))


def test_english_is_spoken_to_who_reads_it(portal, tenant, invoice):
    tenant.language = "en"
    tenant.save()
    told = page_of(portal, address(invoice))
    assert "€90.00" in told
    assert "10 March 2026" in told
    assert "à payer" not in told


# Online ---------------------------------------------------------------------------------------------------------------


def test_paying_online_is_not_there_while_it_is_not_offered(portal, invoice):
    assert portal.post(address(invoice, "payer/")).status_code == 404


def test_paying_online_is_offered_for_what_is_owed(portal, settings, invoice):
    settings.STRIPE_SECRET_KEY = "sk_test_nothing"
    assert "Payer en ligne" in page_of(portal, address(invoice))
    pay(invoice)
    assert "Payer en ligne" not in page_of(portal, address(invoice))
    told = portal.post(address(invoice, "payer/"), follow=True).content.decode()
    assert "Cette facture est déjà payée." in told


def test_back_from_the_provider_nothing_is_said_to_be_paid_that_is_not(portal, invoice):
    told = page_of(portal, address(invoice, "paiement/"))
    assert "Nous attendons la confirmation" in told
    pay(invoice)
    told = page_of(portal, address(invoice, "paiement/"))
    assert "Merci" in told
    assert "Nous attendons" not in told


# Kept, asked about ----------------------------------------------------------------------------------------------------


def test_the_pdf_is_the_same_each_time(portal, invoice):
    first, again = portal.get(address(invoice, "pdf/")), portal.get(address(invoice, "pdf/"))
    assert first["Content-Type"] == "application/pdf"
    assert first["Content-Disposition"] == f'attachment; filename="{invoice.number}.pdf"'
    assert first.content.startswith(b"%PDF")
    assert first.content == again.content
    assert InvoiceDocument.objects.count() == 1


def test_a_pdf_that_cannot_be_read_is_no_dead_end(portal, invoice):
    assert portal.get(address(invoice, "pdf/")).status_code == 200
    default_storage.delete(InvoiceDocument.objects.get().file.name)
    told = portal.get(address(invoice, "pdf/"), follow=True).content.decode()
    assert "Ce PDF ne peut pas être lu" in told


def test_a_question_is_a_complaint_with_the_number_already_there(portal, invoice):
    ask = f"{NEW_COMPLAINT}?facture={invoice.pk}"
    assert ask in page_of(portal, address(invoice))
    form = page_of(portal, ask)
    assert f'value="Facture {invoice.number}"' in form
    assert f'<option value="demande-{invoice.intervention_id}" selected>' in form
    about = {
        "about": f"demande-{invoice.intervention_id}",
        "subject": f"Facture {invoice.number}",
        "text": "Pourquoi ?",
    }
    portal.post(ask, about)
    assert Complaint.objects.get().subject == f"Facture {invoice.number}"


@pytest.mark.parametrize("asked", ["", "x", "²", "9" * 40, "-1"])
def test_a_question_about_no_invoice_is_a_blank_one(portal, tenant, asked):
    TenancyFactory(person=tenant)
    assert "Facture" not in page_of(portal, f"{NEW_COMPLAINT}?facture={asked}").split("<form", 1)[1]


# Whose ----------------------------------------------------------------------------------------------------------------


def test_what_is_not_yours_does_not_exist(tenant, invoice, holder_of):
    assert signed_in_as(tenant).get(address(invoice)).status_code == 200
    landlord = LandlordFactory()
    theirs = InvoiceFactory(landlord=landlord)
    for person, piece in (
        (TenancyFactory(landlord=invoice.intervention.landlord).person, invoice),
        (PersonFactory(), invoice),
        (TenancyFactory(landlord=landlord).person, theirs),
    ):
        client = signed_in_as(person)
        assert [client.get(address(piece, act)).status_code for act in ("", "pdf/", "paiement/")] == [404] * 3
        assert client.post(address(piece, "payer/")).status_code == 404
        assert piece.number not in page_of(client, LIST)
        assert piece.number not in page_of(client, f"{NEW_COMPLAINT}?facture={piece.pk}")
    by_link = holder_of(tenant, invoice.intervention)
    assert [by_link.get(path).status_code for path in (LIST, address(invoice), address(invoice, "pdf/"))] == [302] * 3


def test_of_an_archived_year_nothing_is_listed(portal, tenant, invoice):
    old = InvoiceFactory(person=tenant, financial_year=FinancialYearFactory(starts_on=date(2024, 1, 1)))
    recent = InvoiceFactory(person=tenant, financial_year=FinancialYearFactory(starts_on=date(2025, 1, 1)))
    told = page_of(portal, LIST)
    assert [piece.number in told for piece in (invoice, recent, old)] == [True, True, False]
    assert [portal.get(address(piece)).status_code for piece in (invoice, recent, old)] == [200, 200, 404]
    assert Invoice.objects.filter(pk=old.pk).exists()


@pytest.mark.parametrize("address_of", [address, lambda _: LIST, lambda _: HOME])
def test_pages_cost_the_same_however_much_there_is(portal, tenant, invoice, address_of):
    counts = []
    for more in (1, 3, 20):
        InvoiceFactory.create_batch(more, person=tenant)
        for _ in range(more):
            pay(invoice, "0.10", received_on=TODAY - timedelta(days=len(counts)))
        with CaptureQueriesContext(connection) as queries:
            assert portal.get(address_of(invoice)).status_code == 200
        counts.append(len(queries))
    assert len(set(counts)) == 1
    assert counts[0] <= 12
    assert InvoiceLine.objects.count() == Invoice.objects.count()
