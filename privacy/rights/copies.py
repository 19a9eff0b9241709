"""
What would go before a request is answered is copied into it when it comes in: the answer is whole, and the deletion is
not a day late. Apps say what, by `workflow.on_receipt`.
"""

from collections.abc import Iterable
from contextlib import ExitStack
from datetime import datetime
from uuid import uuid4

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Model, QuerySet

from privacy.encrypted_files import ClearFile, Stream, clear_pieces, new_key
from privacy.encryption import cipher
from privacy.models import RequestCopy, RightsRequest
from privacy.retention import files


def copy_into(
    request: RightsRequest,
    source: Model,
    *,
    clear: ClearFile,
    what: str,
    purpose: str,
    of_at: datetime,
    now: datetime,
) -> RequestCopy:
    """
    Keep a copy of the source's file. Raises Unreadable; then nothing is kept.

    The file is written first, under a key that is nowhere else yet; if the transaction fails it is taken away again, or
    by the sweep.
    """
    key, path = new_key(), f"copies/{uuid4().hex}"
    stream = Stream(clear.pieces, key=key)
    with ExitStack() as undo:
        undo.callback(default_storage.delete, path)
        default_storage.save(path, stream.as_file())
        copy = RequestCopy.objects.create(
            request=request,
            source_model=source._meta.label,
            source_id=source.pk,
            purpose=purpose,
            what=what,
            of_at=of_at,
            copied_at=now,
            file=path,
            wrapped_key=cipher().encrypt(key),
            content_type=clear.content_type,
            size=stream.size,
        )
        undo.pop_all()
    return copy


def clear_copy(copy: RequestCopy) -> ClearFile:
    return ClearFile(copy.content_type, clear_pieces(copy.file, wrapped=copy.wrapped_key, size=copy.size))


def without_doubles(copies: QuerySet[RequestCopy], *, models: Iterable[type[Model]]) -> QuerySet[RequestCopy]:
    """Those whose original has gone: what is still there is told itself."""
    for model in models:
        copies = copies.exclude(source_model=model._meta.label, source_id__in=model._base_manager.values("pk"))
    return copies


@transaction.atomic
def discard(copies: QuerySet[RequestCopy], *, now: datetime) -> int:
    """The consent that the originals stood on is withdrawn: rows now, files after the commit. Returns how many."""
    gone = list(copies.select_for_update(of=("self",)))
    storage = files.storage_name(RequestCopy, "file")
    files.queue([files.Stored(storage, str(copy.file)) for copy in gone], now=now)
    RequestCopy.objects.filter(pk__in=[copy.pk for copy in gone]).delete()
    transaction.on_commit(files.remove_queued)
    return len(gone)
