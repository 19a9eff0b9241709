"""A ZIP that is written as it is read: no more of it is in memory than one piece."""

import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from tempfile import SpooledTemporaryFile
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.utils import timezone

IN_MEMORY = 4 * 1024**2  # bytes of a text under way; what is longer waits on the disk, in a file that has no name
PIECE = 256 * 1024


class Tube(io.RawIOBase):
    """What is written to it is taken out at once."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: bytes) -> int:  # type: ignore[override]
        self.pieces.append(bytes(piece))
        return len(piece)

    def drain(self) -> Iterator[bytes]:
        pieces, self.pieces = self.pieces, []
        yield from pieces


class Archive:
    """Stored and not deflated: sounds and pictures are compressed already. Each method yields the bytes it made."""

    def __init__(self, *, now: datetime) -> None:
        self.tube = Tube()
        self.zip = ZipFile(self.tube, "w", ZIP_STORED)
        self.date = timezone.localtime(now).timetuple()[:6]

    def add(self, name: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
        entry = ZipInfo(name, self.date)
        entry.external_attr = 0o600 << 16
        with self.zip.open(entry, "w", force_zip64=True) as opened:
            for piece in pieces:
                opened.write(piece)
                yield from self.tube.drain()

    def end(self) -> Iterator[bytes]:
        self.zip.close()
        yield from self.tube.drain()


class Draft:
    """A text that grows while the archive's files go by, and is added to it in the end."""

    def __init__(self) -> None:
        self.file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  (closed by `pieces`, or with the process)

    def write(self, text: str) -> None:
        self.file.write(text.encode())

    def append(self, other: "Draft") -> None:
        for piece in other.pieces():
            self.file.write(piece)

    def pieces(self) -> Iterator[bytes]:
        self.file.seek(0)
        while piece := self.file.read(PIECE):
            yield piece

    def close(self) -> None:
        self.file.close()
