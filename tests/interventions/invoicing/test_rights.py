"""What each right does to invoices, and to what is made on the way to one."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, transaction

from accounts.merging import merge_people, undo_merge
from accounts.models import Person
from accounts.roles import Role
from interventions.invoicing import payments
from interventions.invoicing.issuing import issue
from interventions.invoicing.preparing import prepare_credit
from interventions.invoicing.reminders import remind_all
from interventions.models import (
    DraftLine,
    Estimate,
    EstimateLine,
    Invoice,
    InvoiceDocument,
    InvoiceDraft,
    InvoiceLine,
    InvoiceReminder,
    OnlinePayment,
    Payment,
)
from interventions.models.invoices import CreditReason
from privacy.ledger.replaying import replay
from privacy.models import Restriction
from privacy.rights import erasure, post_mortem, restriction
from privacy.rights.portable import portables
from tests.factories import (
    NOW,
    TODAY,
    FinancialYearFactory,
    InterventionFactory,
    InvoiceDraftFactory,
    InvoiceFactory,
    PersonFactory,
    PhoneFactory,
    UserFactory,
    reminder_rules,
)
from tests.privacy.test_ledger import forget, lines, note, seal

pytestmark = pytest.mark.django_db

KEPT = (Invoice, InvoiceLine, InvoiceDocument, Payment, OnlinePayment)
GOES = (InvoiceReminder, InvoiceDraft, DraftLine, Estimate, EstimateLine)
LATE = NOW + timedelta(days=90)


@pytest.fixture
def dpo():
    return UserFactory(role=Role.DPO)


@pytest.fixture
def person():
    return PersonFactory()


@pytest.fixture
def invoice(person):
    """With all that may hang from it; and what is being prepared for the same person."""
    intervention = InterventionFactory(occupant=person)
    invoice = InvoiceFactory(person=person, billed_name="Camille Xylander", intervention=intervention)
    file = {"file": ContentFile(b"x", name="x"), "wrapped_key": b"x", "sha256": "0" * 64, "size": 1}
    InvoiceDocument.objects.create(invoice=invoice, made_at=NOW, **file)
    Payment.objects.create(invoice=invoice, method="cash", amount=10, received_on=TODAY, noted_at=NOW)
    OnlinePayment.objects.create(invoice=invoice, amount=80, opened_at=NOW)
    InvoiceReminder.objects.create(invoice=invoice, tone="firm", after_working_days=1, reminded_at=NOW, by_post=False)
    InvoiceDraftFactory(person=person)
    estimate = Estimate.objects.create(
        person=person, intervention=intervention, prepared_at=NOW, offered_at=NOW, valid_until=TODAY
    )
    EstimateLine.objects.create(estimate=estimate, position=1, designation="x", quantity=1, unit_price=1)
    return invoice


def held():
    return {model for model in (*KEPT, *GOES) if model.objects.exists()}


def contents(invoice):
    """As they are, but for who it is linked with."""
    found = {}
    for model in KEPT:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT to_jsonb(row) FROM {model._meta.db_table} AS row ORDER BY id")
            rows = [row if isinstance(row, dict) else json.loads(row) for (row,) in cursor.fetchall()]
        links = ("person_id", "intervention_id") if model is Invoice else ()
        found[model] = [{name: value for name, value in row.items() if name not in links} for row in rows]
    return found


def test_an_erasure_keeps_what_the_law_asks_for_without_the_person(person, invoice, dpo, media):
    assert held() == {*KEPT, *GOES}
    before = contents(invoice)

    counts = erasure.erase(person, by=dpo, now=NOW)

    assert held() == {*KEPT}
    assert contents(invoice) == before
    assert counts["kept_legal_obligation"] == len(KEPT)
    assert not Person.objects.exists()
    invoice.refresh_from_db()
    assert (invoice.person, invoice.intervention) == (None, None)
    assert (media / invoice.document.file.name).exists()


def test_a_replay_after_a_restore_unlinks_it_again(person, invoice, dpo):
    note(PersonFactory())
    note(person)
    written = [json.loads(line) for line in lines()]
    seal(written, cluster="the one that was lost")
    forget(1)
    before = contents(invoice)
    assert held() == {*KEPT, *GOES}

    assert replay(lines(), commit=True).repeated == {"erasure": 1}

    assert not Person.objects.filter(pk=person.pk).exists()
    assert (held(), contents(invoice)) == ({*KEPT}, before)
    invoice.refresh_from_db()
    assert invoice.person is None


def test_two_people_who_are_one_share_their_invoices_until_that_is_undone(person, invoice, dpo):
    kept, before = PersonFactory(), contents(invoice)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invoice.objects.filter(pk=invoice.pk).update(person=kept)

    merge = merge_people(kept, person, by=dpo, now=NOW)
    assert list(kept.invoices.all()) == [invoice]
    assert (kept.invoicedrafts.count(), kept.estimates.count()) == (1, 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invoice.objects.filter(pk=invoice.pk).update(person=person)

    undo_merge(merge, by=dpo, now=NOW)
    assert list(person.invoices.all()) == [invoice]
    assert contents(invoice) == before


def test_a_restriction_stops_reminders_and_nothing_that_the_law_asks_for(person, dpo):
    PhoneFactory(person=person)
    FinancialYearFactory()
    reminder_rules()
    first = issue(InvoiceDraftFactory(person=person), by=None, now=NOW)
    other = issue(InvoiceDraftFactory(person=PersonFactory()), by=None, now=NOW)
    restriction.begin(person, reason=Restriction.Reason.ACCURACY, by=dpo, now=NOW)

    second = issue(InvoiceDraftFactory(person=person), by=None, now=NOW)
    credit = issue(prepare_credit(second, reason=CreditReason.DISPUTE, by=None, now=NOW), by=None, now=NOW)
    payments.note(first, method="cash", amount=Decimal(10), received_on=TODAY, by=dpo, now=NOW)
    assert (credit.person, first.payments.count()) == (person, 1)
    remind_all(now=LATE)
    assert [reminder.invoice for reminder in InvoiceReminder.objects.all()] == [other]

    Restriction.objects.update(told_at=LATE, lifted_at=LATE)
    remind_all(now=LATE)
    assert {reminder.invoice for reminder in InvoiceReminder.objects.all()} == {first, other}


def test_what_we_must_keep_by_law_is_neither_portable_nor_handed_over_after_a_death():
    accounting = {model._meta.label for model in (*KEPT, *GOES)}
    portable = {each.dataset.name for each in portables()}
    assert "interventions.Intervention" in portable
    assert not {model._meta.label for model in KEPT} & portable
    left = {dataset.name for dataset in post_mortem.may_be_handed_over()}
    assert "interventions.Intervention" in left
    assert not accounting & left
