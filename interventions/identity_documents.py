"""
Copies of identity documents: encrypted, handed out to who verifies them and to nobody else, destroyed at the click that
verifies them (CNIL, SAN-2020-008), and after thirty days at most.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from itertools import chain
from typing import BinaryIO
from uuid import uuid4

from cryptography.fernet import InvalidToken
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Role
from interventions import photos
from interventions.models import IdentityDocument, Subscription
from privacy import journal
from privacy.encrypted_files import CHUNK, ClearFile, Damaged, Unreadable, decrypted, encrypted, new_key
from privacy.encryption import cipher
from privacy.retention import files

VERIFYING_ROLES = frozenset({Role.SUPERVISOR, Role.DPO})
MOST_BYTES = 10 * 1024**2
PDF = b"%PDF-"

Format = IdentityDocument.Format
Refused = photos.Refused


class NotAsked(Exception):
    """Nobody asked for a document: none is taken in."""


# Taking in ------------------------------------------------------------------------------------------------------------


def add(subscription: Subscription, *, kind: str, stream: BinaryIO, now: datetime) -> IdentityDocument:
    """
    Keep a copy until it is verified; one sent before and not yet looked at gives way to it.

    Raises Refused, NotAsked; then nothing is kept. The file is written first, under a key that is nowhere else yet.
    """
    content_type, content = recognized(stream.read(MOST_BYTES + 1))
    key, path = new_key(), f"identity/{uuid4().hex}"
    pieces = (content[begins : begins + CHUNK] for begins in range(0, len(content), CHUNK))
    with ExitStack() as undo:
        undo.callback(default_storage.delete, path)
        default_storage.save(path, ContentFile(b"".join(encrypted(pieces, size=len(content), key=key))))
        with transaction.atomic():
            current = Subscription.objects.select_for_update(of=("self",)).get(pk=subscription.pk)
            if current.state != Subscription.State.ASKED or current.identity_asked_at is None:
                raise NotAsked
            for former in current.identity_documents.filter(verified_at=None):
                discard(former, by=None, now=now)
            document = IdentityDocument.objects.create(
                subscription=current,
                kind=kind,
                received_at=now,
                file=path,
                wrapped_key=cipher().encrypt(key),
                content_type=content_type,
                size=len(content),
            )
        undo.pop_all()
    return document


def recognized(content: bytes) -> tuple[str, bytes]:
    """What the content says it is, whatever the file's name. A picture is made anew from its pixels. Raises Refused."""
    if len(content) > MOST_BYTES:
        raise Refused(_("Ce fichier dépasse 10 Mo. Choisissez-en un plus léger."))
    photos.refuse_unless_clean(content)
    if content.startswith(PDF):
        return Format.PDF, content
    return Format.JPEG, photos.redrawn(content).whole


# Verifying ------------------------------------------------------------------------------------------------------------


def handed_out(document: IdentityDocument, *, by: User, now: datetime) -> Iterator[bytes]:
    """The clear bytes, for who verifies. The journal knows. Raises Unreadable, before the first of them."""
    journal.record(document, action="read", by=by, now=now)
    pieces = clear_pieces(document)
    return chain([next(pieces)], pieces)


def clear_document(document: IdentityDocument) -> ClearFile:
    return ClearFile(document.content_type, clear_pieces(document))


def clear_pieces(document: IdentityDocument) -> Iterator[bytes]:
    try:
        key = cipher().decrypt(bytes(document.wrapped_key or b""))
        with document.file.open("rb") as file:
            yield from decrypted(file, size=document.size, key=key)
    except (InvalidToken, FileNotFoundError, ValueError, Damaged) as error:
        raise Unreadable(f"{document}: {type(error).__name__}") from error


@transaction.atomic
def verify(document: IdentityDocument, *, by: User, now: datetime) -> None:
    """The copy and its key are destroyed; that it was verified, of what kind, when and by whom, stays."""
    current = IdentityDocument.objects.select_for_update(of=("self",)).get(pk=document.pk)
    if current.verified_at is not None:
        return
    remove_file(current, now=now)
    current.file, current.wrapped_key = "", None
    current.verified_at, current.verified_by = now, by
    current.save(update_fields=["file", "wrapped_key", "verified_at", "verified_by"])
    journal.record(current, action="verify_identity", by=by, now=now)


@transaction.atomic
def discard(document: IdentityDocument, *, by: User | None, now: datetime) -> None:
    """It cannot be read, proves nothing, or is not needed any more: nothing of it stays, and another may be sent."""
    remove_file(document, now=now)
    if by is not None:
        journal.record(document, action="delete", by=by, now=now)
    document.delete()


def remove_file(document: IdentityDocument, *, now: datetime) -> None:
    files.queue([files.Stored(files.storage_name(IdentityDocument, "file"), str(document.file))], now=now)
    transaction.on_commit(files.remove_queued)
