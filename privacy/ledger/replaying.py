"""
After a restore: what the journal knows and the database has forgotten is done again, entry by entry. Killed in the
middle, the next call goes on where it stopped.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Model

from privacy.ledger import chain
from privacy.ledger.entries import Entry, hash_of_subject
from privacy.ledger.guard import ROLLED_BACK, status
from privacy.ledger.kinds import TEXT, kinds
from privacy.ledger.marks import known, move, take
from privacy.ledger.quiet import nothing_noted
from privacy.ledger.stores import LedgerError
from privacy.locks import alone
from privacy.registry import registry
from privacy.retention import files
from privacy.subjects import declared_person


@dataclass
class Result:
    """By kind. `absent`: whom it was about is not in this database: made after the backup, or gone already."""

    committed: bool
    repeated: Counter[str] = field(default_factory=Counter)
    absent: Counter[str] = field(default_factory=Counter)
    up_to: int = 0


class RolledBack(Exception):
    """Ends a dry run: it has really run, so its counts are the true ones."""


def replay(lines: Iterable[str], *, commit: bool) -> Result:
    """Raises LedgerError, having changed nothing, for a journal that was tampered with or is another database's."""
    with alone("replay_ledger") as nobody_else:
        if not nobody_else:
            raise LedgerError("Le journal est déjà en train d’être rejoué.")
        pending = to_repeat(list(lines))
        result = Result(commit)
        if commit:
            repeat(pending, result)
            files.remove_queued()
            return result
        try:
            with transaction.atomic():
                repeat(pending, result)
                raise RolledBack
        except RolledBack:
            return result


def to_repeat(lines: list[str]) -> list[Entry]:
    for wrong in chain.broken_links(lines):
        raise LedgerError(wrong)
    found, mark = chain.entries(lines), known()
    if wrong := chain.unknown_to(mark, found):
        raise LedgerError(wrong)
    pending = [entry for entry in found if entry.number > mark.number]
    for entry in pending:
        if entry.kind not in kinds:
            raise LedgerError(f"Personne ne sait rejouer « {entry.kind} » (entrée {entry.number}).")
    return pending


def repeat(pending: list[Entry], result: Result) -> None:
    subjects = subjects_of(pending)
    for entry in pending:
        with transaction.atomic(), nothing_noted():
            if status(entry, newest=take().transaction) != ROLLED_BACK:
                done = repeat_one(entry, subjects)
                (result.repeated if done else result.absent)[entry.kind] += 1
            move(entry)
        result.up_to = entry.number


def repeat_one(entry: Entry, subjects: "dict[str, Subject]") -> bool:
    subject = subjects.get(entry.who)
    row = subject.model._base_manager.filter(pk=subject.pk).first() if subject else None
    if subject is None or row is None:
        return False
    kinds[entry.kind].again(row, purpose=subject.purpose, how=entry.how, at=datetime.fromisoformat(entry.at))
    return True


@dataclass(frozen=True)
class Subject:
    model: type[Model]
    pk: object
    purpose: str


def subjects_of(pending: list[Entry]) -> dict[str, Subject]:
    """Whom the keyed hashes stand for: each row there is, hashed for each kind of act it may have been about."""
    wanted = {entry.who for entry in pending}
    found: dict[str, Subject] = {}
    for kind, key in sorted({(entry.kind, entry.key) for entry in pending}):
        models = [dataset.model for dataset in registry.datasets.values()] if kind == TEXT else [declared_person()]
        for model in models:
            for pk in model._base_manager.order_by().values_list("pk", flat=True).iterator(chunk_size=10_000):
                for purpose in kinds[kind].purposes:
                    who = hash_of_subject(kind, model, pk, purpose=purpose, key=key)
                    if who in wanted:
                        found[who] = Subject(model, pk, purpose)
    return found
