"""
Where the journal is: a file of JSON lines in LEDGER_ROOT, or one object an entry in the storage that STORAGES calls
"ledger" (a bucket of its own, whose objects can be locked). Several hosts share either.
"""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

STORAGE = "ledger"
FILE = "ledger.jsonl"
BLOCK = 64 * 1024


class LedgerError(Exception):
    """The message says why, in French, for the operator."""


class Store(Protocol):
    """Lines are without their end. `add` returns once the line would survive a power cut."""

    def is_empty(self) -> bool: ...

    def after(self, number: int) -> list[str]:
        """The lines of the entries that come after this one, in order, and maybe some before."""

    def lines(self) -> Iterator[str]: ...

    def add(self, number: int, line: str) -> None: ...

    def keep(self, checkpoint: str, kept: Iterable[tuple[int, str]], gone: Iterable[int]) -> None:
        """Forget what is before the entries `kept`, and say so in `checkpoint`."""


def store() -> Store:
    return Objects(storages[STORAGE]) if STORAGE in settings.STORAGES else Folder(Path(settings.LEDGER_ROOT))


class Folder:
    def __init__(self, root: Path) -> None:
        self.path = root / FILE

    def is_empty(self) -> bool:
        try:
            return self.path.stat().st_size == 0
        except FileNotFoundError:
            return True

    def after(self, number: int) -> list[str]:
        """Read from the end, no further than needed."""
        if self.is_empty():
            return []
        with self.path.open("rb") as file:
            start = file.seek(0, os.SEEK_END)
            tail = b""
            while start > 0:
                size = min(BLOCK, start)
                start -= size
                file.seek(start)
                tail = file.read(size) + tail
                whole = tail if start == 0 else tail.partition(b"\n")[2]
                if any(0 < number_in(line) <= number for line in whole.splitlines()):
                    break
        return [line for line in whole.decode(errors="replace").splitlines() if number_in(line) > number]

    def lines(self) -> Iterator[str]:
        if not self.is_empty():
            with self.path.open(errors="replace") as file:
                yield from (line.rstrip("\n") for line in file)

    def add(self, number: int, line: str) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_new = not self.path.exists()
        with self.path.open("ab+") as file:
            if not is_new and not ends_well(file):
                line = f"\n{line}"  # a power cut left half a line
            file.write(f"{line}\n".encode())
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            fsync_folder(self.path.parent)

    def keep(self, checkpoint: str, kept: Iterable[tuple[int, str]], gone: Iterable[int]) -> None:
        """The new file takes the old one's place in one step."""
        unfinished = self.path.with_suffix(".new")
        with unfinished.open("w") as file:
            file.writelines(f"{line}\n" for line in [checkpoint, *(line for _, line in kept)])
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self.path)
        fsync_folder(self.path.parent)


class Objects:
    """Entries by their number, in an object each, which is never written twice."""

    CHECKPOINT = "checkpoint.json"

    def __init__(self, storage: Storage) -> None:
        self.storage = storage

    def is_empty(self) -> bool:
        return False  # the database is asked first how far it knows: the next number is a question of one request

    def after(self, number: int) -> list[str]:
        found = []
        while self.storage.exists(name_of(number + 1)):
            number += 1
            found.append(self.read(name_of(number)))
        return found

    def lines(self) -> Iterator[str]:
        if self.storage.exists(self.CHECKPOINT):
            yield self.read(self.CHECKPOINT)
        try:
            names = self.storage.listdir("")[1]
        except FileNotFoundError:
            return
        yield from (self.read(name) for name in sorted(names) if name != self.CHECKPOINT)

    def read(self, name: str) -> str:
        with self.storage.open(name) as file:
            return bytes(file.read()).decode()

    def add(self, number: int, line: str) -> None:
        name = name_of(number)
        saved = self.storage.save(name, ContentFile(line.encode()))
        if saved != name:
            raise LedgerError(f"L’entrée {number} du journal des effacements existe déjà.")

    def keep(self, checkpoint: str, kept: Iterable[tuple[int, str]], gone: Iterable[int]) -> None:
        self.storage.delete(self.CHECKPOINT)
        self.storage.save(self.CHECKPOINT, ContentFile(checkpoint.encode()))
        for number in gone:
            self.storage.delete(name_of(number))


def name_of(number: int) -> str:
    return f"{number:012}.json"


def number_in(line: str | bytes) -> int:
    """0 for what is no entry."""
    try:
        found: Any = json.loads(line)
        return int(found.get("number", 0))
    except (ValueError, AttributeError):
        return 0


def ends_well(file: Any) -> bool:
    if file.seek(0, os.SEEK_END) == 0:
        return True
    file.seek(-1, os.SEEK_END)
    return bool(file.read(1) == b"\n")


def fsync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
