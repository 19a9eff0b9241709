"""What goes on by itself with a request's steps, and with what the ledger tells after a restore."""

from privacy import ledger, objections
from privacy.models import RequestStep
from privacy.rights import objection, recipients, restriction, workflow


def listen() -> None:
    workflow.on_receipt(objection.receive)
    workflow.after(RequestStep.Kind.DECIDED, objection.override_if_refused)
    workflow.after(RequestStep.Kind.DECIDED, recipients.list_recipients)
    workflow.after(RequestStep.Kind.EXECUTED, recipients.tell_after_execution)
    ledger.on_replay(ledger.RESTRICTION, restriction.begin_again)
    ledger.on_replay(ledger.LIFTING, restriction.lift_again)
    ledger.on_replay(ledger.OBJECTION, objections.again, purposes=objections.OBJECTABLE)
