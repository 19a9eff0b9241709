"""What goes on by itself with a request's steps, and with what the ledger tells after a restore."""

from privacy import consent, ledger, objections
from privacy.models import RequestStep
from privacy.registry import registry
from privacy.rights import erasure, letters, objection, post_mortem, recipients, restriction, workflow


def listen() -> None:
    workflow.on_receipt(objection.receive)
    workflow.after(RequestStep.Kind.DECIDED, objection.override_if_refused)
    workflow.after(RequestStep.Kind.DECIDED, recipients.list_recipients)
    workflow.after(RequestStep.Kind.EXECUTED, recipients.tell_after_execution)
    workflow.after(RequestStep.Kind.EXECUTED, post_mortem.unfreeze_after_execution)
    erasure.on_erasure(recipients.list_before_erasure)
    erasure.on_farewell(letters.answer_erasure)
    scopes = ["", *(dataset.name for dataset in registry.datasets.values())]
    ledger.on_replay(ledger.ERASURE, erasure.erase_again, purposes=scopes)
    ledger.on_replay(ledger.TEXT, erasure.empty_again)
    ledger.on_replay(ledger.WITHDRAWAL, consent.withdraw_again, purposes=consent.CONSENTS)
    ledger.on_replay(ledger.RESTRICTION, restriction.begin_again)
    ledger.on_replay(ledger.LIFTING, restriction.lift_again)
    ledger.on_replay(ledger.OBJECTION, objections.again, purposes=objections.OBJECTABLE)
