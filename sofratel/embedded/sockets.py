"""Where the embedded servers listen. Imported by the settings, so it imports nothing of Django."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

USER = DATABASE = "sofratel"
POSTGRES_PORT = 5432  # only names the socket file: nothing listens on the network
LONGEST_FOLDER = 80  # a socket's path is cut at 103 bytes (macOS) or 107 (Linux), and its file name needs 16


def folder(var_dir: Path) -> Path:
    """`var/run`, or a folder of this user's in the temporary one where the path is too long or closed to the server."""
    wanted = var_dir / "run"
    if len(os.fsencode(wanted)) <= LONGEST_FOLDER and (os.geteuid() != 0 or _open_to_others(var_dir)):
        return wanted
    checkout = hashlib.sha256(os.fsencode(var_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"sofratel-{os.geteuid()}-{checkout}"


def database_url(var_dir: Path) -> str:
    return f"postgres://{USER}@/{quote(str(folder(var_dir)))}/{DATABASE}"


def redis_url(var_dir: Path, *, database: int = 0) -> str:
    """As Celery spells it."""
    return f"redis+socket://{quote(str(broker(var_dir)))}?virtual_host={database}"


def cache_url(redis_url: str) -> str:
    """The same server as Django's cache spells it."""
    url = urlsplit(redis_url)
    if url.scheme != "redis+socket":
        return redis_url
    return f"unix://{url.path}?db={parse_qs(url.query).get('virtual_host', ['0'])[0]}"


def broker(var_dir: Path) -> Path:
    return folder(var_dir) / "broker.sock"


def _open_to_others(path: Path) -> bool:
    """As root, PostgreSQL runs as another account, which must be able to walk down to its folder."""
    existing = (parent for parent in path.parents if parent.exists())
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in existing)
