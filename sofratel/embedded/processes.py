"""A server known by the file where it wrote its process number, whoever started it."""

import contextlib
import os
import subprocess
import time
from pathlib import Path

PROC = Path("/proc")


def running_pid(pid_file: Path) -> int | None:
    """The server that holds this file's folder. A number left by a crash may be another program's by now."""
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)  # a dead child of ours looks alive until then
        os.kill(pid, 0)
        if (PROC / "self").exists() and (PROC / str(pid) / "cwd").resolve(strict=True) != pid_file.parent.resolve():
            return None
    except (OSError, ValueError):
        return None
    return pid


def let_go(server: subprocess.Popen[bytes]) -> None:
    """A server outlives the command that started it: Python is not to wait for it, nor to warn about it."""
    server.returncode = 0


def stop(pid_file: Path, *, signals: dict[int, int]) -> None:
    """Sends each signal in turn, and waits that many seconds for the server to leave."""
    for number, seconds in signals.items():
        pid = running_pid(pid_file)
        if pid is None:
            return
        os.kill(pid, number)
        give_up_at = time.monotonic() + seconds
        while running_pid(pid_file) == pid and time.monotonic() < give_up_at:
            time.sleep(0.01)
