"""
Copies of identity documents that a reasoned doubt made us ask for: encrypted, handed out to the DPO alone, destroyed at
the click that verifies them (CNIL, SAN-2020-008), and after thirty days at most.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from itertools import chain
from typing import BinaryIO
from uuid import uuid4

from django.contrib.auth.models import AbstractBaseUser
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from privacy import antivirus, journal
from privacy.encrypted_files import ClearFile, Stream, clear_pieces, new_key
from privacy.encryption import cipher
from privacy.models import RequesterDocument, RightsRequest
from privacy.retention import files
from privacy.rights import workflow

MOST_BYTES = 10 * 1024**2
Format = RequesterDocument.Format
# It is only ever saved by who looks at it, never opened here: what it says it is, is enough.
BEGINNINGS = {b"%PDF-": Format.PDF, b"\xff\xd8\xff": Format.JPEG, b"\x89PNG\r\n\x1a\n": Format.PNG}


class Refused(Exception):
    """The file is not taken in, and nothing of it is kept. The message says why, in the reader's language."""


def is_awaited(request: RightsRequest) -> bool:
    """Nobody sends a document that nobody gave a reason for."""
    return request.is_suspended and not request.identity and request.answered_at is None


def add(request: RightsRequest, *, kind: str, stream: BinaryIO, now: datetime) -> RequesterDocument:
    """
    Keep a copy until it is verified. A second one while the first waits is refused, and one that nobody asked for.

    Raises Refused; then nothing is kept. The file is written first, under a key that is nowhere else yet.
    """
    content = stream.read(MOST_BYTES + 1)
    content_type = recognized(content)
    key, path = new_key(), f"identity/{uuid4().hex}"
    with ExitStack() as undo:
        undo.callback(default_storage.delete, path)
        default_storage.save(path, Stream([content], key=key).as_file())
        with transaction.atomic():
            current = workflow.locked(request)
            if not is_awaited(current) or current.identity_documents.filter(verified_at=None).exists():
                raise Refused(_("Nous n’attendons pas de pièce, ou nous l’avons déjà."))
            document = RequesterDocument.objects.create(
                request=current,
                kind=RequesterDocument.Kind(kind),
                received_at=now,
                file=path,
                wrapped_key=cipher().encrypt(key),
                content_type=content_type,
                size=len(content),
            )
        undo.pop_all()
    return document


def recognized(content: bytes) -> Format:
    if len(content) > MOST_BYTES:
        raise Refused(_("Ce fichier dépasse 10 Mo. Choisissez-en un plus léger."))
    found = next((format for beginning, format in BEGINNINGS.items() if content.startswith(beginning)), None)
    if found is None:
        raise Refused(_("Choisissez une photo (JPEG ou PNG) ou un PDF."))
    try:
        antivirus.scan(content)
    except (antivirus.Infected, antivirus.ScannerUnavailable) as error:
        raise Refused(_("Nous n’avons pas pu vérifier ce fichier : nous ne l’avons pas gardé.")) from error
    return found


def handed_out(document: RequesterDocument, *, by: AbstractBaseUser, now: datetime) -> Iterator[bytes]:
    """The clear bytes, for the DPO. The journal knows. Raises Unreadable, before the first of them."""
    journal.record(document, action="read", by=by, now=now, request=document.request_id)
    pieces = pieces_of(document)
    return chain([next(pieces)], pieces)


def clear_document(document: RequesterDocument) -> ClearFile:
    return ClearFile(document.content_type, pieces_of(document))


def pieces_of(document: RequesterDocument) -> Iterator[bytes]:
    return clear_pieces(document.file, wrapped=document.wrapped_key, size=document.size)


@transaction.atomic
def verify(document: RequesterDocument, *, by: AbstractBaseUser, now: datetime) -> None:
    """
    The copy and its key are destroyed and the clock goes on. Twice is once. Raises RequestError once it is answered.
    """
    current = RequesterDocument.objects.select_for_update(of=("self",)).select_related("request").get(pk=document.pk)
    if current.verified_at is not None:
        return
    remove_file(current, now=now)
    current.file, current.wrapped_key = "", None
    current.verified_at, current.verified_by_id = now, by.pk
    current.save(update_fields=["file", "wrapped_key", "verified_at", "verified_by"])
    journal.record(current, action="verify_identity", by=by, now=now, request=current.request_id)
    workflow.prove_identity(current.request, how=RightsRequest.Identity.DOCUMENT, by=by, now=now)


@transaction.atomic
def discard(document: RequesterDocument, *, by: AbstractBaseUser, now: datetime) -> None:
    """It cannot be read, or proves nothing: nothing of it stays, and another may be sent by the same link."""
    current = RequesterDocument.objects.select_for_update(of=("self",)).filter(pk=document.pk, verified_at=None).first()
    if current is not None:
        remove_file(current, now=now)
        journal.record(current, action="delete", by=by, now=now, request=current.request_id)
        current.delete()


def remove_file(document: RequesterDocument, *, now: datetime) -> None:
    files.queue([files.Stored(files.storage_name(RequesterDocument, "file"), str(document.file))], now=now)
    transaction.on_commit(files.remove_queued)
