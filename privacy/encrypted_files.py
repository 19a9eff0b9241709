"""
Files encrypted at rest in chunks (GDPR article 32), so that any part is read without decrypting what is before it.

AES-256-GCM with a key that serves one file only: a chunk's number is nonce enough. Each chunk is bound to its number
and to the length of the whole, so that one that was changed, moved, repeated or cut off does not open.
"""

import io
from collections.abc import Iterable, Iterator
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CHUNK = 64 * 1024
TAG = 16


class BinaryFile(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...

    def seek(self, offset: int, whence: int = ..., /) -> int: ...


class Damaged(Exception):
    """The file is not what was written, or the key is another one's."""


def new_key() -> bytes:
    return AESGCM.generate_key(bit_length=256)


def nonce(number: int) -> bytes:
    return number.to_bytes(12)


def place(number: int, size: int) -> bytes:
    return number.to_bytes(8) + size.to_bytes(8)


def encrypted(chunks: Iterable[bytes], *, size: int, key: bytes) -> Iterator[bytes]:
    """`chunks` are CHUNK bytes each but for the last, `size` bytes together."""
    cipher = AESGCM(key)
    for number, chunk in enumerate(chunks):
        yield cipher.encrypt(nonce(number), chunk, place(number, size))


def decrypted(file: BinaryFile, *, size: int, key: bytes, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
    """The clear bytes from `start` up to, but not including, `stop`, piece by piece. Raises Damaged."""
    cipher = AESGCM(key)
    stop = size if stop is None else min(stop, size)
    for number in range(start // CHUNK, -(-stop // CHUNK)):
        file.seek(number * (CHUNK + TAG))
        try:
            chunk = cipher.decrypt(nonce(number), file.read(CHUNK + TAG), place(number, size))
        except InvalidTag as error:
            raise Damaged(f"chunk {number} does not open") from error
        begins = number * CHUNK
        yield chunk[max(start - begins, 0) : stop - begins]


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
