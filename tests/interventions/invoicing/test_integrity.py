"""
Numbers follow each other without a gap whatever dies meanwhile; what was issued stays as it is, by whatever way one
tries to change it.
"""

import os
import signal
import time
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Person
from accounts.roles import Role
from interventions.invoicing.issuing import issue
from interventions.invoicing.preparing import prepare_credit
from interventions.models import (
    DraftLine,
    FinancialYear,
    Intervention,
    Invoice,
    InvoiceDocument,
    InvoiceDraft,
    InvoiceLine,
    Payment,
)
from interventions.models.billing import VatRate
from interventions.models.invoices import CreditReason, Series
from privacy.retention.due import paris_day
from tests.factories import (
    NOW,
    TODAY,
    FinancialYearFactory,
    InterventionFactory,
    InvoiceDraftFactory,
    InvoiceFactory,
    PersonFactory,
    UserFactory,
)
from tests.privacy.test_killed import start

PROCESSES, PATIENCE = 8, 1800
CREDITS = 30


def prepare(count):
    """Each is to a name of its own; some take back what was issued."""
    now = timezone.now()
    today = paris_day(now)
    FinancialYearFactory(starts_on=today.replace(month=1, day=1))
    for rank in range(CREDITS):
        invoice = issue(InvoiceDraftFactory(billed_name=f"Client {rank}", supplied_on=today), by=None, now=now)
        draft = prepare_credit(invoice, reason=CreditReason.ERROR, by=None, now=now)
        InvoiceDraft.objects.filter(pk=draft.pk).update(billed_name=f"Avoir {rank}")
    chance = Random(count)
    drafts = InvoiceDraft.objects.bulk_create(
        InvoiceDraft(
            billed_name=f"Client {rank}",
            billed_street="12 rue Gambetta",
            billed_postcode="59400",
            billed_city="Cambrai",
            supplied_on=today,
            prepared_at=now,
        )
        for rank in range(CREDITS, count)
    )
    DraftLine.objects.bulk_create(
        DraftLine(
            draft=draft,
            position=position,
            designation="Dépannage",
            quantity=chance.choice(("1", "0.333", "2.5")),
            unit_price=f"{chance.randint(1, 3_000_000) / 10_000:.4f}",
            vat=chance.choice((VatRate.NORMAL, VatRate.EXEMPT)),
        )
        for draft in drafts
        for position in range(chance.randint(1, 4))
    )
    return {f"Client {rank}" for rank in range(count)} | {f"Avoir {rank}" for rank in range(CREDITS)}


class Issuers:
    """Eight processes, started by one that does nothing else."""

    def __init__(self):
        code = f"from tests.interventions.invoicing.issuer import start_issuers; start_issuers({PROCESSES})"
        self.first = start("shell", "--verbosity", "0", "--command", code)
        self.processes, self.did = [], []
        for _ in range(PROCESSES):
            self.learn_of_one()

    def learn_of_one(self):
        while line := self.first.stdout.readline().decode().split():
            if line[0] == "process":
                return self.processes.append(int(line[1]))
            self.did.append([int(number) for number in line[1:]])
        raise AssertionError(self.first.stderr.read().decode())

    def kill_one(self, chance):
        """At any moment of its work."""
        time.sleep(chance.uniform(0, 0.05))
        victim = self.processes.pop(chance.randrange(len(self.processes)))
        os.kill(victim, signal.SIGKILL)
        self.learn_of_one()

    def end(self):
        said, error = self.first.communicate(timeout=PATIENCE)
        assert self.first.returncode == 0, error.decode()
        self.did += [[int(number) for number in line.split()[1:]] for line in said.decode().splitlines()]


def kill_now_and_then(issuers, *, kills):
    """Between the first draft and the last."""
    chance, most = Random(kills), InvoiceDraft.objects.count()
    for rank in range(1, kills + 1):
        while InvoiceDraft.objects.count() > most * (kills + 1 - rank) / (kills + 1):
            time.sleep(0.02)
        issuers.kill_one(chance)


def rows(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


WITH_WRONG_SUMS = """
    SELECT number FROM interventions_invoice AS invoice WHERE NOT coalesce(
        (line_count, net_total, vat_total, total) = (
            SELECT sum(n), sum(net), sum(vat), sum(net) + sum(vat) FROM (
                SELECT count(*) AS n, sum(net) AS net, round(sum(net) * vat_percent / 100, 2) AS vat
                FROM interventions_invoiceline WHERE invoice_id = invoice.id GROUP BY vat, vat_percent) AS by_rate),
        false)
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("count", "kills"),
    [(2_000, 5), pytest.param(20_000, 80, marks=pytest.mark.slow)],
    ids=["2,000", "20,000"],
)
def test_eight_processes_issue_without_a_gap_though_some_are_killed(count, kills):
    names = prepare(count)
    issuers = Issuers()
    kill_now_and_then(issuers, kills=kills)
    issuers.end()

    assert len(issuers.did) == PROCESSES, "each that was killed was followed by one that ended"
    assert all(sum(column) > 0 for column in zip(*issuers.did, strict=True)), "issued, given up, found issued"
    assert not InvoiceDraft.objects.exists()
    assert not DraftLine.objects.exists()
    assert Invoice.objects.count() == len(names)
    assert set(Invoice.objects.values_list("billed_name", flat=True)) == names, "each of them once"
    for series, many in ((Series.INVOICE, count), (Series.CREDIT_NOTE, CREDITS)):
        pieces = list(Invoice.objects.filter(series=series).order_by("sequence"))
        assert [piece.sequence for piece in pieces] == list(range(1, many + 1))
        year = pieces[0].financial_year.closes_on.year
        assert [piece.number for piece in pieces] == [f"{series}{year}-{rank:06d}" for rank in range(1, many + 1)]
        for clock in ("issued_at", "issued_on"):
            assert [getattr(piece, clock) for piece in pieces] == sorted(getattr(piece, clock) for piece in pieces)
    assert rows(WITH_WRONG_SUMS) == []


# What was issued stays ------------------------------------------------------------------------------------------------

FINAL = (Invoice, InvoiceLine, InvoiceDocument, Payment)
OTHER = {
    "CharField": "CASE WHEN {0} = 'A' THEN 'F' ELSE 'A' END",
    "FileField": "'autre'",
    "DateField": "coalesce({0}, '2026-01-01') + 1",
    "DateTimeField": "{0} + interval '1 second'",
    "JSONField": "'{{}}'",
    "BinaryField": "'\\x00'",
    "ForeignKey": "coalesce({0}, 0) + 1",
    "OneToOneField": "coalesce({0}, 0) + 1",
}
COLUMNS = {
    f"{field.model._meta.model_name}.{field.column}": (
        f"UPDATE {field.model._meta.db_table} SET {field.column} = "
        + OTHER.get(field.get_internal_type(), "{0} + 1").format(field.column)
    )
    for model in FINAL
    for field in model._meta.concrete_fields
}


@dataclass
class Issued:
    invoice: Invoice
    credit: Invoice
    document: InvoiceDocument
    payment: Payment
    person: Person
    other: Person
    year: FinancialYear

    @property
    def line(self):
        return self.invoice.lines.get()


@pytest.fixture
def issued():
    person, year = PersonFactory(), FinancialYearFactory()
    intervention = InterventionFactory(occupant=person)
    invoice = issue(InvoiceDraftFactory(person=person, intervention=intervention), by=None, now=NOW)
    credit = issue(prepare_credit(invoice, reason=CreditReason.ERROR, by=None, now=NOW), by=None, now=NOW)
    document = InvoiceDocument.objects.create(
        invoice=invoice, file="invoices/x", wrapped_key=b"x", sha256="0" * 64, size=1, made_at=NOW
    )
    payment = Payment.objects.create(invoice=invoice, method="cash", amount=10, received_on=TODAY, noted_at=NOW)
    check_now()
    return Issued(invoice, credit, document, payment, person, PersonFactory(), year)


def check_now():
    """What PostgreSQL checks at the end of a transaction, which a test never comes to."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def checksums():
    return {
        model: rows(f"SELECT md5(string_agg(to_jsonb(row)::text, '|' ORDER BY id)) FROM {model._meta.db_table} AS row")
        for model in FINAL
    }


def changed(row, **fields):
    for name, value in fields.items():
        setattr(row, name, value)
    return row


def sql(statement):
    def run(it):
        with connection.cursor() as cursor:
            cursor.execute(statement.format(it=it))

    return run


def credited_by_hand(it):
    Invoice.objects.filter(pk=it.credit.pk).update(corrects=None)


BY_MODELS = {
    "save": lambda it: changed(it.invoice, total=1).save(),
    "save some fields": lambda it: changed(it.invoice, billed_name="Autre").save(update_fields=["billed_name"]),
    "save as it is": lambda it: it.invoice.save(),
    "update": lambda it: Invoice.objects.filter(pk=it.invoice.pk).update(net_total=1, vat_total=0, total=1),
    "update by expression": lambda it: Invoice.objects.update(total=F("total") + 1, vat_total=F("vat_total") + 1),
    "update in bulk": lambda it: Invoice.objects.bulk_update([changed(it.invoice, number="F2026-000009")], ["number"]),
    "create over it": lambda it: Invoice.objects.bulk_create(
        [changed(it.invoice, billed_name="Autre")],
        update_conflicts=True,
        unique_fields=["number"],
        update_fields=["billed_name"],
    ),
    "update or create": lambda it: Invoice.objects.update_or_create(
        number=it.invoice.number, defaults={"billed_city": "Lille"}
    ),
    "delete": lambda it: it.invoice.delete(),
    "delete a query": lambda it: Invoice.objects.all().delete(),
    "delete without its lines": lambda it: Invoice.objects.filter(pk=it.invoice.pk)._raw_delete("default"),
    "delete a credit note": lambda it: it.credit.delete(),
    "untie a credit note": credited_by_hand,
    "to nobody": lambda it: Invoice.objects.update(person=None),
    "to another": lambda it: changed(it.invoice, person=it.other).save(update_fields=["person"]),
    "by what they have": lambda it: it.person.invoices.clear(),
    "to another year": lambda it: Invoice.objects.update(
        financial_year=FinancialYearFactory(starts_on=date(2025, 1, 1))
    ),
    "of no intervention": lambda it: Intervention.objects.all().delete(),
    "save a line": lambda it: changed(it.line, designation="Autre").save(),
    "update lines": lambda it: InvoiceLine.objects.update(quantity=F("quantity") * 2, net=F("net") * 2),
    "update lines in bulk": lambda it: InvoiceLine.objects.bulk_update([changed(it.line, vat="exempt")], ["vat"]),
    "delete a line": lambda it: it.line.delete(),
    "delete lines": lambda it: InvoiceLine.objects.all().delete(),
    "one more line": lambda it: it.invoice.lines.create(
        position=2, designation="x", quantity=1, unit_price=0, vat_percent=20, net=0
    ),
    "one more line that is paid for": lambda it: it.invoice.lines.create(
        position=2, designation="x", quantity=1, unit_price=5, vat_percent=0, net=5
    ),
    "move a line": lambda it: changed(it.line, invoice=it.credit, position=2).save(),
    "another document": lambda it: changed(it.document, sha256="1" * 64).save(),
    "a second document": lambda it: changed(it.document, pk=None, file="invoices/y").save(force_insert=True),
    "delete a document": lambda it: it.document.delete(),
    "save a payment": lambda it: changed(it.payment, amount=90).save(),
    "update payments": lambda it: Payment.objects.update(method="card"),
    "delete a payment": lambda it: it.payment.delete(),
    "move a payment": lambda it: Payment.objects.update(invoice=it.credit),
    "another end of the year": lambda it: changed(it.year, closes_on=date(2026, 6, 30)).save(),
    "a number that skips one": lambda it: InvoiceFactory(sequence=9),
    "a number that was given": lambda it: InvoiceFactory(sequence=1, number="F2026-1"),
    "before the last": lambda it: InvoiceFactory(
        sequence=2, issued_on=TODAY - timedelta(days=1), supplied_on=TODAY - timedelta(days=1)
    ),
}
BY_SQL = {
    "delete": sql("DELETE FROM interventions_invoice WHERE id = {it.invoice.pk}"),
    "delete lines": sql("DELETE FROM interventions_invoiceline"),
    "delete documents": sql("DELETE FROM interventions_invoicedocument USING interventions_invoice"),
    "delete payments": sql("WITH gone AS (DELETE FROM interventions_payment RETURNING *) SELECT * FROM gone"),
    "delete the person": sql("DELETE FROM accounts_person WHERE id = {it.person.pk}"),
    "delete the year": sql("DELETE FROM interventions_financialyear"),
    "delete the intervention": sql("DELETE FROM interventions_intervention"),
    "insert over it": sql(
        "INSERT INTO interventions_invoice SELECT * FROM interventions_invoice WHERE id = {it.invoice.pk} "
        "ON CONFLICT (id) DO UPDATE SET total = 0, net_total = 0, vat_total = 0"
    ),
    "merge": sql(
        "MERGE INTO interventions_invoice AS held USING accounts_person AS person ON held.person_id = person.id "
        "WHEN MATCHED THEN UPDATE SET billed_name = 'Autre'"
    ),
    "merge away": sql(
        "MERGE INTO interventions_invoiceline AS held USING interventions_invoice AS invoice "
        "ON held.invoice_id = invoice.id WHEN MATCHED THEN DELETE"
    ),
    "a line of nothing": sql(
        "INSERT INTO interventions_invoiceline (invoice_id, position, designation, quantity, unit, unit_price, vat, "
        "vat_percent, net) VALUES ({it.invoice.pk}, 2, 'x', 1, 'C62', 0, 'normal', 20, 0)"
    ),
    "a line for another": sql(
        "WITH gone AS (DELETE FROM interventions_invoiceline WHERE invoice_id = {it.invoice.pk} RETURNING *) "
        "INSERT INTO interventions_invoiceline SELECT * FROM gone"
    ),
    "in a function": sql("DO $$ BEGIN UPDATE interventions_invoice SET number = 'F2026-000007'; END $$"),
    "as when people are merged": sql(
        "SET LOCAL privacy.merging = 'on'; UPDATE interventions_invoice SET person_id = NULL, total = 0"
    ),
    "as when somebody is erased": sql(
        "SET LOCAL privacy.purging = 'on'; UPDATE interventions_invoice SET person_id = {it.other.pk}"
    ),
    "the name as when somebody is erased": sql(
        "SET LOCAL privacy.purging = 'on'; UPDATE interventions_invoice SET person_id = NULL, billed_name = ''"
    ),
} | {f"update {name}": sql(statement.replace("{", "{{").replace("}", "}}")) for name, statement in COLUMNS.items()}


# By the triggers, by a constraint of uniqueness, by a reference; not for a mistake in the attempt itself.
REFUSED = "append-only|not make its totals|not follow the last|has invoices|duplicate key|foreign key"


@transaction.atomic
def tried(attempt, issued):
    attempt(issued)
    check_now()


@pytest.mark.django_db
@pytest.mark.parametrize("attempt", [*BY_MODELS.values(), *BY_SQL.values()], ids=[*BY_MODELS, *BY_SQL])
def test_whoever_tries_to_change_what_was_issued_is_refused(attempt, issued):
    before = checksums()
    with pytest.raises(IntegrityError, match=REFUSED):
        tried(attempt, issued)
    assert checksums() == before


def test_there_were_fifty_attempts_and_more():
    assert len(BY_MODELS) + len(BY_SQL) > 100


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("model", [*FINAL, FinancialYear])
def test_the_admin_site_has_no_door_to_it(client, role, model, issued):
    client.force_login(UserFactory(role=role))
    pk = model._base_manager.values_list("pk", flat=True).first()
    said = {"total": "1", "net": "1", "amount": "1", "billed_name": "Autre", "closes_on": "30/06/2026", "post": "yes"}
    address = f"/admin/interventions/{model._meta.model_name}/"
    before, year = checksums(), rows("SELECT * FROM interventions_financialyear")
    for path, fields in (
        (f"{pk}/change/", said),
        (f"{pk}/delete/", said),
        ("", said | {"action": "delete_selected", "_selected_action": pk}),
        ("", {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": pk, "form-0-total": 1, "_save": 1}),
    ):
        assert client.post(address + path, fields).status_code in (200, 302, 403, 404, 405)
        assert (checksums(), rows("SELECT * FROM interventions_financialyear")) == (before, year)
