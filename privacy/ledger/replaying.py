"""While the journal is replayed, what is done again is not written into it once more."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_replaying: ContextVar[bool] = ContextVar("replaying", default=False)


def is_replaying() -> bool:
    return _replaying.get()


@contextmanager
def nothing_noted() -> Iterator[None]:
    token = _replaying.set(True)
    try:
        yield
    finally:
        _replaying.reset(token)
