"""
Files that a task takes long to write: encrypted from their first byte on, their row says how far they are, and nothing
of them stays where they fail.

The row has `done`, `total` and `failure`, which takes "disk_full" and "error".
"""

import errno
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from uuid import uuid4

from django.core.files.storage import FileSystemStorage, default_storage
from django.db.models import Model

from privacy.encrypted_files import Pieces, Stream, new_key
from privacy.encryption import cipher

logger = logging.getLogger(__name__)

EARLY = 128  # pieces, of 64 KB
FULL = (errno.ENOSPC, errno.EDQUOT)


class NotWanted(Exception):
    """The row went while its file was being written."""


@dataclass(frozen=True)
class Written:
    path: str
    wrapped_key: bytes
    size: int
    keep: Callable[[], object]


@contextmanager
def written(pieces: Iterable[bytes], *, folder: str) -> Iterator[Written]:
    """The file, there for good; it is taken away again unless it is told to be kept."""
    key, path = new_key(), f"{folder}/{uuid4().hex}"
    stream = Stream(pieces, key=key)
    with ExitStack() as undo:
        undo.callback(default_storage.delete, path)
        default_storage.save(path, Pieces(settling(stream.encrypted(), path=path)))
        settle(path)
        yield Written(path, cipher().encrypt(key), stream.size, keep=undo.pop_all)


@contextmanager
def failure_told(row: Model) -> Iterator[None]:
    """In the row. A full disk is left to the clock, which tries again; any other error goes on up."""
    try:
        yield
    except NotWanted:
        return
    except Exception as error:
        full = isinstance(error, OSError) and error.errno in FULL
        type(row)._base_manager.filter(pk=row.pk).update(failure="disk_full" if full else "error")
        logger.error("file not made", extra={"row": f"{row._meta.label} {row.pk}", "error": type(error).__name__})
        if not full:
            raise


def progress(row: Model, *, total: int, at_least: int = 500) -> Callable[[], None]:
    """
    To be called once a piece. The database hears of it twenty times at most, and not before so many pieces.

    Raises NotWanted once the row is gone.
    """
    rows = type(row)._base_manager.filter(pk=row.pk)
    done = 0
    step = max(total // 20, at_least)
    rows.update(done=0, total=total)

    def tick() -> None:
        nonlocal done
        done += 1
        if done % step == 0 and not rows.update(done=done):
            raise NotWanted

    return tick


def settle(path: str) -> None:
    """On the disk for good, before a row says that it is there."""
    if on_our_disk():
        with default_storage.open(path) as stored:
            os.fsync(stored.fileno())


def settling(pieces: Iterable[bytes], *, path: str) -> Iterator[bytes]:
    """The disk writes while the rest is gathered, where it can be told to, and not only when `settle` waits for it."""
    early = on_our_disk() and hasattr(os, "posix_fadvise")
    for number, piece in enumerate(pieces, start=1):
        yield piece
        if early and number % EARLY == 0:
            with default_storage.open(path) as stored:
                os.posix_fadvise(stored.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def on_our_disk() -> bool:
    return isinstance(default_storage._wrapped, FileSystemStorage)  # type: ignore[attr-defined]
