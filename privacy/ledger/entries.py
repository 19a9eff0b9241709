"""One line of the journal, and the keys that make it say nothing to whoever has not got them."""

import hmac
import json
from dataclasses import asdict, dataclass
from functools import cache

from django.conf import settings
from django.db.models import Model

from privacy.ledger.stores import LedgerError


class KeyMissing(LedgerError):
    """The journal was written with a key that is not among LEDGER_KEYS."""


@dataclass(frozen=True)
class Entry:
    """
    `who` is a keyed hash. `cluster` and `transaction` are PostgreSQL's numbers of what was to be committed: they tell
    an act that was rolled back from one that a restored database has forgotten.
    """

    number: int
    at: str
    kind: str
    who: str
    how: str
    key: str
    cluster: str
    transaction: int
    previous: str
    hash: str = ""

    @property
    def seal(self) -> str:
        content = asdict(self) | {"hash": ""}
        return keyed_hash(json.dumps(content, sort_keys=True, ensure_ascii=False), key=self.key)

    def as_line(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


@dataclass(frozen=True)
class Checkpoint:
    """Everything up to this number was pruned; the next entry follows this hash."""

    checkpoint: int
    hash: str
    key: str
    seal: str = ""

    @property
    def right_seal(self) -> str:
        return keyed_hash(f"checkpoint {self.checkpoint} {self.hash}", key=self.key)

    def as_line(self) -> str:
        return json.dumps(asdict(self))


def parsed(line: str) -> Entry | Checkpoint | None:
    """None for a line that a power cut left unfinished: its transaction never committed."""
    try:
        found = json.loads(line)
        return Checkpoint(**found) if "checkpoint" in found else Entry(**found)
    except (ValueError, TypeError):
        return None


def hash_of_subject(kind: str, model: type[Model], pk: object, *, purpose: str, key: str) -> str:
    """The kind and the purpose are in it: two entries about one person have nothing in common."""
    return keyed_hash(f"{kind} {purpose} {model._meta.label} {pk}", key=key)


def keyed_hash(text: str, *, key: str) -> str:
    try:
        secret = derived(tuple(settings.LEDGER_KEYS))[key]
    except KeyError:
        raise KeyMissing(f"La clé « {key} » du journal des effacements manque (LEDGER_KEYS).") from None
    return hmac.digest(secret, text.encode(), "sha256").hex()


def current_key() -> str:
    return next(iter(derived(tuple(settings.LEDGER_KEYS))))


@cache
def derived(secrets: tuple[str, ...]) -> dict[str, bytes]:
    """By their fingerprints, the one that writes first."""
    keys = [hmac.digest(secret.encode(), b"privacy.ledger", "sha256") for secret in secrets]
    return {hmac.digest(key, b"fingerprint", "sha256").hex()[:8]: key for key in keys}
