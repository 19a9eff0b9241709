"""
Files encrypted at rest in chunks (GDPR article 32), so that any part is read without decrypting what is before it.

AES-256-GCM with a key that serves one file only: a chunk's number is nonce enough. Each chunk is bound to its number
and to the length of the whole, so that one that was changed, moved, repeated or cut off does not open.
"""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.fernet import InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.files import File

from privacy.encryption import cipher

CHUNK = 64 * 1024
TAG = 16
LENGTH_UNKNOWN = 2**64 - 1


class BinaryFile(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...

    def seek(self, offset: int, whence: int = ..., /) -> int: ...


class Damaged(Exception):
    """The file is not what was written, or the key is another one's."""


class Unreadable(Exception):
    """A file of ours cannot be read: it or its key is missing, or it is not what was stored."""


@dataclass(frozen=True)
class ClearFile:
    """What one of our files holds, piece by piece. Unreadable is raised where `pieces` are asked for."""

    content_type: str
    pieces: Iterable[bytes]


def new_key() -> bytes:
    return AESGCM.generate_key(bit_length=256)


def nonce(number: int) -> bytes:
    return number.to_bytes(12)


def place(number: int, size: int) -> bytes:
    return number.to_bytes(8) + size.to_bytes(8)


def place_in_stream(number: int, size: int) -> bytes:
    """Before its last chunk nobody knows how long a stream will be: that one alone is bound to the length."""
    is_last = (number + 1) * CHUNK >= size
    return place(number, size if is_last else LENGTH_UNKNOWN)


def encrypted(chunks: Iterable[bytes], *, size: int, key: bytes) -> Iterator[bytes]:
    """`chunks` are CHUNK bytes each but for the last, `size` bytes together."""
    cipher = AESGCM(key)
    for number, chunk in enumerate(chunks):
        yield cipher.encrypt(nonce(number), chunk, place(number, size))


class Stream:
    """
    Pieces of any size, encrypted as they come: `size` is known once they have all been taken.

    What is read back with ``decrypted(…, streamed=True)``.
    """

    def __init__(self, pieces: Iterable[bytes], *, key: bytes) -> None:
        self.pieces, self.cipher, self.size = pieces, AESGCM(key), 0

    def encrypted(self) -> Iterator[bytes]:
        rest, number = b"", 0
        for piece in self.pieces:
            self.size += len(piece)
            clear, begins = memoryview(rest + piece), 0
            while len(clear) - begins > CHUNK:
                yield self.sealed(number, clear[begins : begins + CHUNK], LENGTH_UNKNOWN)
                begins += CHUNK
                number += 1
            rest = bytes(clear[begins:])
        yield self.sealed(number, rest, self.size)

    def sealed(self, number: int, chunk: bytes | memoryview, size: int) -> bytes:
        return self.cipher.encrypt(nonce(number), chunk, place(number, size))

    def as_file(self) -> File:
        """For a storage to save."""
        return Pieces(self.encrypted())


def decrypted(
    file: BinaryFile, *, size: int, key: bytes, start: int = 0, stop: int | None = None, streamed: bool = False
) -> Iterator[bytes]:
    """The clear bytes from `start` up to, but not including, `stop`, piece by piece. Raises Damaged."""
    cipher = AESGCM(key)
    bound = place_in_stream if streamed else place
    stop = size if stop is None else min(stop, size)
    for number in range(start // CHUNK, -(-stop // CHUNK)):
        file.seek(number * (CHUNK + TAG))
        try:
            chunk = cipher.decrypt(nonce(number), file.read(CHUNK + TAG), bound(number, size))
        except InvalidTag as error:
            raise Damaged(f"chunk {number} does not open") from error
        begins = number * CHUNK
        yield chunk[max(start - begins, 0) : stop - begins]


def clear_pieces(stored: File, *, wrapped: bytes | memoryview | None, size: int) -> Iterator[bytes]:
    """Of a streamed file of ours. Raises Unreadable."""
    try:
        key = cipher().decrypt(bytes(wrapped or b""))
        with stored.open("rb") as file:
            yield from decrypted(file, size=size, key=key, streamed=True)
    except (InvalidToken, FileNotFoundError, ValueError, Damaged) as error:
        raise Unreadable(type(error).__name__) from error


class Pieces(File):
    """A file whose pieces go to the disk as they come; a storage that reads instead may do so as well."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.pieces = iter(pieces)
        super().__init__(io.BufferedReader(Reader(self.pieces), CHUNK))

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        return self.pieces


class Reader(io.RawIOBase):
    """Pieces of bytes as a file to read from, once."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.pieces = iter(pieces)
        self.rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = self.rest or next(self.pieces, b"")
        taken = min(len(buffer), len(piece))
        buffer[:taken] = piece[:taken]
        self.rest = piece[taken:]
        return taken
