"""What the journal tells, and who does it again after a restore."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

ERASURE, TEXT, WITHDRAWAL, RESTRICTION, LIFTING, OBJECTION, CLOSING = (
    "erasure",
    "text",  # a text that named somebody, emptied by hand
    "withdrawal",
    "restriction",
    "lifting",
    "objection",
    "closing",  # of an account, by its tenant
)

# Called with the row, and `purpose`, `how` and `at` by keyword. Doing it twice changes nothing.
Again = Callable[..., object]


@dataclass(frozen=True)
class Kind:
    again: Again
    purposes: tuple[str, ...]


kinds: dict[str, Kind] = {}


def on_replay(kind: str, again: Again, *, purposes: Iterable[str] = ("",)) -> None:
    """``again(row, purpose=…, how=…, at=…)`` does it again; `purposes` are all that it may have been about."""
    kinds[kind] = Kind(again, tuple(purposes))
