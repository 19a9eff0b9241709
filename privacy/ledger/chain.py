"""Reading the journal with suspicion: an entry edited, removed, inserted or moved shows."""

from collections.abc import Iterable, Iterator

from privacy.ledger.entries import Checkpoint, Entry, parsed
from privacy.ledger.marks import Mark


def entries(lines: Iterable[str]) -> list[Entry]:
    return [entry for line in lines if isinstance(entry := parsed(line), Entry)]


def broken_links(lines: Iterable[str]) -> Iterator[str]:
    """What is wrong with the chain, a line each, in French. Half a line of a power cut is not. Raises KeyMissing."""
    previous: Entry | Mark | None = None
    for line in lines:
        found = parsed(line)
        if isinstance(found, Checkpoint):
            if previous is not None or found.seal != found.right_seal:
                yield f"Repère {found.checkpoint} : il n’est pas de nous."
            previous = Mark(found.checkpoint, found.hash)
        elif isinstance(found, Entry):
            follows = (previous.number, previous.hash) if previous else (0, "")
            if (found.number - 1, found.previous) != follows:
                yield f"Entrée {found.number} : elle ne suit pas celle qui la précède (retirée, insérée ou déplacée)."
            if found.hash != found.seal:
                yield f"Entrée {found.number} : son contenu a changé depuis qu’elle a été écrite."
            previous = found


def unknown_to(mark: Mark, found: list[Entry]) -> str:
    """Why this cannot be the journal that a database with this mark has been writing; empty when it can."""
    if mark.number == 0:
        return ""
    same = [entry for entry in found if entry.number == mark.number]
    if same:
        return "" if same[0].hash == mark.hash else f"L’entrée {mark.number} n’est pas celle que la base connaît."
    if found and found[0].number == mark.number + 1:
        return ""
    return f"La base connaît l’entrée {mark.number}, qui n’est pas dans ce journal."
