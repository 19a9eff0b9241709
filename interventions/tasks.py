from celery import shared_task
from django.utils import timezone

from interventions import (
    account_opening,
    annual_reports,
    attestations,
    complaints,
    dispatch,
    personal_links,
    relocations,
    statistics,
    watch,
    webhooks,
)
from interventions.invoicing import accounting_exports, invoice_documents, online, reminders
from privacy.encryption import cipher


@shared_task
def send_report_link(sealed: str) -> None:
    """Apart from the request, which so takes the same time for everyone. Safe to miss: the asker asks again."""
    personal_links.send_report_link(cipher().decrypt(sealed).decode(), now=timezone.now())


@shared_task
def escalate_late() -> None:
    watch.escalate(now=timezone.now())


@shared_task
def watch_unanswered() -> None:
    dispatch.watch_unanswered(now=timezone.now())


@shared_task
def chase_attestations() -> None:
    attestations.chase(now=timezone.now())


@shared_task
def end_stays() -> None:
    relocations.end_stays(now=timezone.now())


@shared_task
def close_dormant() -> None:
    watch.watch_dormant(now=timezone.now())


@shared_task
def close_silent_complaints() -> None:
    complaints.close_silent(now=timezone.now())


@shared_task
def send_opening_code(number: str) -> None:
    account_opening.send_code(number, now=timezone.now())


@shared_task
def count_figures() -> None:
    """Every night: what ended uncounted, then the years that are over."""
    statistics.top_up()
    annual_reports.freeze_due(now=timezone.now())


@shared_task
def deliver_webhook(pk: int) -> None:
    webhooks.deliver(pk, now=timezone.now())


@shared_task
def deliver_webhooks() -> None:
    webhooks.deliver_waiting(now=timezone.now())


@shared_task
def make_invoice_document(pk: int) -> None:
    invoice_documents.make(pk, now=timezone.now())


@shared_task
def make_invoice_documents() -> None:
    invoice_documents.make_missing(now=timezone.now())


@shared_task
def make_accounting_export(pk: int) -> None:
    accounting_exports.work_on(pk, now=timezone.now())


@shared_task
def make_accounting_exports() -> None:
    """Every minute: what a lost task or a full disk has left."""
    for pk in accounting_exports.unfinished():
        make_accounting_export.delay(pk)


@shared_task
def remind_of_invoices() -> None:
    reminders.remind_all(now=timezone.now())


@shared_task
def ask_after_online_payments() -> None:
    online.ask_after_silence(now=timezone.now())
