"""Who uses the embedded servers: the first to come starts them, the last to leave stops them."""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from sofratel.embedded import broker, postgres, sockets
from sofratel.embedded.errors import EmbeddedError

VAR_DIR = Path(__file__).resolve().parent.parent.parent / "var"
MEGABYTE = 1024 * 1024
FREE_SPACE_WANTED = 200 * MEGABYTE  # a new cluster takes 40, its journal grows from there


@contextlib.contextmanager
def running(var_dir: Path = VAR_DIR) -> Iterator[None]:
    """
    The servers answer inside. DATABASE_URL and REDIS_URL, when set, replace them.

    Each user holds a shared lock, which the system takes back even from a killed one. Who leaves tries to have it
    alone: whoever succeeds was the last, and stops the servers.
    """
    if not wanted():
        yield
        return
    _make_folders(var_dir)
    with (var_dir / "users.lock").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)  # waits while the last user before us stops the servers
        try:
            start_missing(var_dir)
            yield
        finally:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                for server in reversed(wanted()):
                    server.stop(var_dir)


def wanted() -> list[ModuleType]:
    """The servers that the environment does not replace, in the order of their start. Production has its own."""
    if os.environ.get("SOFRATEL_MODE", "production") == "production":
        return []
    replacements = {broker: "REDIS_URL", postgres: "DATABASE_URL"}
    return [server for server, name in replacements.items() if not os.environ.get(name)]


def start_missing(var_dir: Path = VAR_DIR) -> list[str]:
    """The names of those it started. Two commands may come at once: the second waits and finds the servers up."""
    started = []
    with (var_dir / "start.lock").open("w") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        for server in wanted():
            if not server.is_up(var_dir):
                _refuse_full_disk(var_dir)
                server.start(var_dir)
                started.append(server.NAME)
    return started


def _make_folders(var_dir: Path) -> None:
    run = sockets.folder(var_dir)
    try:
        (var_dir / "log").mkdir(parents=True, exist_ok=True)
        run.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise EmbeddedError(f"Impossible d'écrire dans {var_dir} : {error.strerror}.") from None
    # In the temporary folder somebody else may have been quicker.
    if run.is_symlink() or run.stat().st_uid not in (os.geteuid(), postgres.account_number()):
        raise EmbeddedError(f"Le dossier {run} appartient à un autre compte : supprimez-le.")


def _refuse_full_disk(var_dir: Path) -> None:
    free = shutil.disk_usage(var_dir).free
    if free < FREE_SPACE_WANTED:
        raise EmbeddedError(
            f"Disque plein : il reste {free // MEGABYTE} Mo dans {var_dir}, "
            f"il en faut au moins {FREE_SPACE_WANTED // MEGABYTE}."
        )
