"""Rows on their way into PostgreSQL: kept for a moment, then sent by COPY, parents before children."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection
from django.db.models import Field, Max, Model

from accounts.models import Person, Phone
from callcenter.models import Call, Callback, LogEntry, Shift
from interventions.models import (
    AccessCode,
    Appointment,
    Complaint,
    ComplaintMessage,
    DeletionAttestation,
    Dwelling,
    Equipment,
    Escalation,
    Incident,
    Intervention,
    Invoice,
    InvoiceLine,
    InvoiceReminder,
    OnlinePayment,
    Payment,
    ProviderLink,
    Residence,
    SafetyAlert,
    Tenancy,
    Transition,
)
from privacy.models import CookieChoice, Visit

ROWS_AT_ONCE = 20_000


class Stream:
    """The rows of one table. Primary keys go up from the last one there is."""

    def __init__(self, model: type[Model], *fields: str) -> None:
        self.model = model
        self.columns = ["id", *(column_of(model, field) for field in fields)]
        self.last_pk: int = model._base_manager.aggregate(last=Max("pk"))["last"] or 0
        self.rows: list[tuple[Any, ...]] = []

    def add(self, *values: Any) -> int:
        """The values come in the order of the fields. Returns the new row's primary key."""
        self.last_pk += 1
        self.rows.append((self.last_pk, *values))
        return self.last_pk

    def send(self) -> None:
        columns = ", ".join(f'"{column}"' for column in self.columns)
        with (
            connection.cursor() as cursor,
            cursor.copy(f'COPY "{self.model._meta.db_table}" ({columns}) FROM STDIN') as copy,
        ):
            for row in self.rows:
                copy.write_row(row)
        self.rows.clear()


def column_of(model: type[Model], field: str) -> str:
    return str(cast(Field, model._meta.get_field(field)).column)


class Streams:
    """One stream a table. PostgreSQL computes the generated columns."""

    def __init__(self) -> None:
        self.residences = Stream(Residence, "landlord", "reference", "name", "street", "postcode", "city", "sector")
        self.equipment = Stream(Equipment, "residence", "kind", "label")
        self.access_codes = Stream(AccessCode, "residence", "label", "code")
        self.dwellings = Stream(Dwelling, "residence", "reference", "staircase", "floor", "door")
        self.people = Stream(
            Person, "title", "family_name", "given_name", "email", "language", "assistance", "created_at"
        )
        self.phones = Stream(Phone, "person", "number", "kind")
        self.tenancies = Stream(Tenancy, "person", "dwelling", "landlord", "reference", "since_on", "until_on")
        self.alerts = Stream(
            SafetyAlert,
            *("residence", "dwelling", "person", "kind", "instruction", "starts_on", "expires_on", "raised_by"),
        )
        self.incidents = Stream(
            Incident, "residence", "equipment", "problem_code", "opened_at", "opened_by", "closed_at"
        )
        self.interventions = Stream(
            Intervention,
            *("landlord", "residence", "dwelling", "occupant", "reported_by", "contact_number"),
            *("problem_code", "answers", "description", "suggested_priority", "priority"),
            *("suggested_on_site_by", "on_site_by", "override_reason", "status", "owner", "provider"),
            *("incident", "opened_at", "last_event_at", "closed_at", "version"),
        )
        self.transitions = Stream(
            Transition, "intervention", "from_status", "to_status", "at", "by", "provider", "reason"
        )
        self.appointments = Stream(Appointment, "intervention", "starts_at", "ends_at", "made_at", "made_by")
        self.escalations = Stream(Escalation, "intervention", "kind", "about", "raised_at", "taken_at", "taken_by")
        self.calls = Stream(
            Call,
            *("direction", "from_number", "to_number", "landlord", "caller", "on_behalf_of", "relation", "agent"),
            *("intervention", "started_at", "answered_at", "ended_at", "outcome", "notice_version", "notice_at"),
            *("recording_answer", "recording_answered_at"),
        )
        self.callbacks = Stream(Callback, "call", "owner", "promised_at", "done_at", "done_by")
        self.shifts = Stream(Shift, "started_at", "opened_by", "ended_at", "handed_over_by")
        self.entries = Stream(
            LogEntry, "call", "intervention", "incident", "shift", "at", "author", "kind", "text", "justification"
        )
        self.complaints = Stream(
            Complaint,
            *("landlord", "person", "intervention", "subject", "opened_at", "last_exchange_at", "answered_at"),
        )
        self.complaint_messages = Stream(ComplaintMessage, "complaint", "author", "at", "text")
        self.invoices = Stream(
            Invoice,
            *("series", "sequence", "number", "financial_year", "issued_on", "issued_at", "issued_by", "supplied_on"),
            *("due_on", "person", "landlord", "billed_name", "billed_street", "billed_postcode", "billed_city"),
            *("billed_country", "billed_siren", "billed_vat_number", "intervention", "corrects", "corrected_number"),
            *("corrected_on", "reason", "purchase_order", "buyer_reference", "attested_on", "seller", "line_count"),
            *("net_total", "vat_total", "total"),
        )
        self.invoice_lines = Stream(
            InvoiceLine,
            *("invoice", "position", "designation", "quantity", "unit", "unit_price", "vat", "vat_percent", "net"),
        )
        self.online_payments = Stream(OnlinePayment, "invoice", "amount", "session", "state", "opened_at", "ended_at")
        self.payments = Stream(
            Payment,
            *("invoice", "method", "amount", "received_on", "reference", "noted_at", "noted_by", "reverses", "online"),
        )
        self.reminders = Stream(InvoiceReminder, "invoice", "tone", "after_working_days", "reminded_at", "by_post")
        self.links = Stream(
            ProviderLink,
            *("intervention", "provider", "token_hash", "created_at", "first_opened_at", "last_opened_at", "opened"),
            "ended_at",
        )
        self.attestations = Stream(
            DeletionAttestation,
            *("intervention", "provider", "token_hash", "asked_at", "sent", "last_sent_at", "first_opened_at"),
            *("last_opened_at", "opened", "attested_at"),
        )
        self.visits = Stream(Visit, "at", "page", "network", "first_deposit_at")
        self.choices = Stream(CookieChoice, "key", "first_deposit_at", "chosen_at", "audience", "wording")

    def all(self) -> list[Stream]:
        return list(vars(self).values())

    def send_when_many(self) -> None:
        if sum(len(stream.rows) for stream in self.all()) >= ROWS_AT_ONCE:
            self.send()

    def send(self) -> None:
        for stream in self.all():
            if stream.rows:
                stream.send()


def reset_sequences() -> None:
    """What is added next gets the number after the last."""
    models = [
        model
        for app in ("privacy", "accounts", "interventions", "callcenter")
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
    ]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


@contextmanager
def indexes_made_at_once() -> Iterator[None]:
    """For very many rows: building an index at the end takes a fraction of keeping it up to date row by row."""
    models = [stream.model for stream in Streams().all()]
    with connection.schema_editor() as editor:
        for model in models:
            for index in model._meta.indexes:
                editor.remove_index(model, index)
    yield
    with connection.schema_editor() as editor:
        for model in models:
            for index in model._meta.indexes:
                editor.add_index(model, index)


def analyze() -> None:
    """The planner learns what came in at once, instead of when autovacuum finds time."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
