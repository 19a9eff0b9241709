"""
Files that strangers send are shown to ClamAV first, where there is one: `settings.CLAMAV_URL`, as tcp://host:3310.

clamd's own protocol (INSTREAM): the file is sent in pieces, each after its length, and one line comes back.
"""

import socket
from urllib.parse import urlsplit

from django.conf import settings

TIMEOUT = 20  # seconds
PIECE = 64 * 1024
LONGEST_ANSWER = 4096


class Infected(Exception):
    """The scanner knows this file. Its name for it is the message."""


class ScannerUnavailable(Exception):
    """Nobody could look at the file, so it is not let in (fail closed)."""


def scan(content: bytes) -> None:
    """Raises Infected, or ScannerUnavailable; says nothing where no scanner is set up."""
    if not settings.CLAMAV_URL:
        return
    answer = ask(content)
    if answer.endswith("FOUND"):
        raise Infected(answer.removeprefix("stream: ").removesuffix(" FOUND"))
    if answer != "stream: OK":
        raise ScannerUnavailable("unexpected answer")


def ask(content: bytes) -> str:
    url = urlsplit(settings.CLAMAV_URL)
    try:
        with socket.create_connection((url.hostname or "", url.port or 3310), timeout=TIMEOUT) as clamd:
            clamd.sendall(b"zINSTREAM\0")
            for begins in range(0, len(content), PIECE):
                piece = content[begins : begins + PIECE]
                clamd.sendall(len(piece).to_bytes(4) + piece)
            clamd.sendall(bytes(4))
            return received(clamd)
    except OSError as error:
        raise ScannerUnavailable(type(error).__name__) from error


def received(clamd: socket.socket) -> str:
    """Up to the final zero byte, or to where the scanner hung up."""
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
        more = clamd.recv(LONGEST_ANSWER)
        if not more:
            break
        answer += more
    return answer.rstrip(b"\0").decode(errors="replace").strip()
