from pathlib import Path


class EmbeddedError(Exception):
    """What keeps a server from starting, in one line for the operator."""


def last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "aucun message")
