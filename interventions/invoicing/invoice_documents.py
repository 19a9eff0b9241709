"""The Factur-X file of an invoice: made once after it was issued, encrypted, and the same bytes from then on."""

from datetime import datetime

from interventions.models import InvoiceDocument
from privacy.encrypted_files import ClearFile
from privacy.rights.copies import clear_pieces


def clear_document(document: InvoiceDocument) -> ClearFile:
    pieces = clear_pieces(document.file, wrapped=document.wrapped_key, size=document.size)
    return ClearFile("application/pdf", pieces)


def make(pk: int, *, now: datetime) -> None:
    """Once: a second task at the same time leaves it alone."""
    raise NotImplementedError


def make_missing(*, now: datetime) -> None:
    """What a task missed."""
    raise NotImplementedError
