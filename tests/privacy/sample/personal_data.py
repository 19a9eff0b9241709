"""The sample's declarations, in a registry of their own; the product's only learns to leave these models alone."""

from privacy.declarations import Category, Data, Dataset, Expiry, NotPersonal
from privacy.encrypted_files import ClearFile
from privacy.registry import Registry, register
from tests.privacy.sample.models import Attachment, Bill, Contract, Folder, Note, Ticket

TICKET = Dataset(
    Ticket,
    "Tickets",
    data=(Data(Category.INTERVENTION, "interventions", "owner folder opened_at closed_at"),),
    not_personal=("id", "contract"),
    subjects={"owner": "owner"},
    expires=(
        Expiry(
            "interventions",
            clock="closed_at",
            fallback="opened_at",
            shorter="contract__months",
            also=("statistics", "complaints", "navigation", "providers"),
        ),
    ),
)
NOTE = Dataset(
    Note,
    "Notes",
    data=(Data(Category.HISTORY, "history", "ticket author text"),),
    not_personal=("id",),
    subjects={"author": "author"},
    follows=("ticket",),
)
ATTACHMENT = Dataset(
    Attachment,
    "Attachments",
    data=(Data(Category.RECORDING, "recording", "note file added_at"),),
    not_personal=("id",),
    subjects={"author": "note__author"},
    follows=("note",),
    files=("file",),
    reads={"file": lambda attachment: ClearFile("audio/wav", attachment.file.chunks())},
    expires=(Expiry("recordings", clock="added_at"),),
)
BILL = Dataset(
    Bill,
    "Bills",
    data=(Data(Category.ACCOUNTING, "accounting", "ticket payer closes_on"),),
    not_personal=("id",),
    subjects={"payer": "payer"},
    detaches=("ticket",),
    expires=(Expiry("accounting", clock="closes_on"),),
)
FOLDER = Dataset(
    Folder,
    "Folders",
    data=(Data(Category.HISTORY, "history", "made_at"),),
    not_personal=("id",),
    expires=(Expiry("interventions", clock="made_at"),),
    kept_while_referenced=True,
)
CONTRACT = NotPersonal(Contract, "a number of months")
DECLARED = (TICKET, NOTE, ATTACHMENT, BILL, FOLDER, CONTRACT)
MODELS = (Contract, Folder, Ticket, Note, Attachment, Bill)

sample = Registry()
sample.register(*DECLARED)

register(*(NotPersonal(model, "a table of the tests") for model in MODELS))
