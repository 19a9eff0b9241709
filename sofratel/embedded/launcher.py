"""
`make run`: the servers, the site, the worker and the beat, started in that order and stopped in reverse.

Ctrl-C stops everything. Killed hard, the launcher takes its children with it (Linux) and leaves PostgreSQL and the
broker to the next command that needs them.
"""

import ctypes
import errno
import fcntl
import http.client
import importlib.util
import ipaddress
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import IO

import psycopg

from sofratel.embedded import postgres, sockets
from sofratel.embedded.errors import EmbeddedError, last_line
from sofratel.embedded.services import VAR_DIR, running, start_missing

BASE_DIR = VAR_DIR.parent
LOG_DIR = VAR_DIR / "log"
NEEDED_PACKAGES = ("django", "granian", "redis")  # by the children: the launcher imports none of these
DEMO_LOGINS = ("agent", "superviseur", "dpo", "compta", "bailleur", "locataire", "admin")
DEMO_PASSWORD = "demo-sofratel-2026"
STEPS = 6
# Seconds:
SITE_ANSWERS_WITHIN = 60
CHILD_STOPS_WITHIN = 8
SERVERS_CHECKED_EVERY = 5
LONGEST_PAUSE = 30  # between two starts of a child that keeps dying
STEADY_AFTER = 60  # of life, a child is no longer taken for one that keeps dying


def main() -> None:
    os.environ.setdefault("SOFRATEL_MODE", "demo")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job starts with it ignored
    if signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:  # ignored under nohup, and left so
        signal.signal(signal.SIGHUP, signal.default_int_handler)
    if "MAKELEVEL" in os.environ:
        _die_with_parent()
    try:
        run(host=os.environ.get("HOST") or "127.0.0.1", port=os.environ.get("PORT") or "8000")
    except KeyboardInterrupt:
        print("Tout est arrêté.", flush=True)
    except EmbeddedError as error:
        sys.exit(f"Erreur : {error}")
    except OSError as error:
        sys.exit(f"Erreur : {error.strerror or error} ({error.filename or VAR_DIR}).")


def run(*, host: str, port: str) -> None:
    """Returns by an exception only: KeyboardInterrupt when asked to stop."""
    demo = os.environ["SOFRATEL_MODE"] == "demo"
    address = _address(host, port, loopback_only=demo)
    _refuse_missing_packages()
    with _alone() as (lock, previous_was_killed), ExitStack() as stack:
        _wait_until_free(address, seconds=10 if previous_was_killed else 0)
        with _step(1, "PostgreSQL et courtier de tâches"):
            stack.enter_context(running())
        site, worker, beat = _children(address)
        stack.callback(lock.truncate, 0)
        with _step(2, site.title):
            site.start()
            stack.callback(site.stop)
            migrated = _first_answer(address, site).get("migrated", False)
        # The site knows whether anything is left to migrate: asking it spares a second start the loading of Django.
        with _step(3, "Structure de la base"):
            if not migrated:
                _manage("migrate", "--no-input", log="migrate")
                with suppress(EmbeddedError):  # a text that changed without its version: the DPO's home says so
                    _manage("publish_policy", log="migrate")
        with _step(4, "Données de démonstration"):
            if demo and _database_is_empty():
                _manage("load_demo")
        for number, child in enumerate((worker, beat), start=5):
            with _step(number, child.title):
                child.start()
                stack.callback(child.stop)
        if demo:
            logins = ", ".join(f"{name}@demo.example" for name in DEMO_LOGINS)
            print(f"\nComptes de démonstration : {logins}\nMot de passe : {DEMO_PASSWORD}")
        print(f"\nReady: {_url(address)}\nCtrl-C arrête tout ; les journaux sont dans {LOG_DIR}.", flush=True)
        stack.callback(signal.signal, signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C interrupts no stop
        _keep_alive(site, worker, beat)


class Child:
    """A process that is restarted when it dies, after a pause that doubles each time."""

    def __init__(self, name: str, title: str, *command: str) -> None:
        self.name, self.title, self.command = name, title, command
        self.log = LOG_DIR / f"{name}.log"
        self.pause = 1.0
        self.restart_at: float | None = None

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.restart_at = None
        self.process = _spawn(*self.command, log=self.name, new_session=True)

    def keep_alive(self) -> None:
        if self.process.poll() is None:
            return
        if self.restart_at is None:
            steady = time.monotonic() - self.started_at > STEADY_AFTER
            self.pause = 1.0 if steady else min(self.pause * 2, LONGEST_PAUSE)
            self.restart_at = time.monotonic() + self.pause
            self._sweep()
            print(f"{self.title} : arrêt inattendu, relance dans {self.pause:.0f} s (voir {self.log}).", flush=True)
        elif time.monotonic() >= self.restart_at:
            self.start()

    def stop(self) -> None:
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(CHILD_STOPS_WITHIN)
        self._sweep()
        self.process.wait()

    def _sweep(self) -> None:
        """Its own children may have outlived it."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


def _children(address: tuple[str, int]) -> tuple[Child, Child, Child]:
    host, port = address
    celery = (sys.executable, "-m", "celery", "--app", "sofratel", "--quiet")
    site = (sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port))
    return (
        Child("web", "Site", *site, "--workers", "2", "--blocking-threads", "4", "sofratel.wsgi:application"),
        Child("worker", "Tâches de fond", *celery, "worker", "--concurrency", "2", "--loglevel", "INFO"),
        Child("beat", "Horloge", *celery, "beat", "--schedule", str(VAR_DIR / "beat"), "--pidfile="),
    )


def _keep_alive(*children: Child) -> None:
    check_servers_at = 0.0
    while True:
        time.sleep(0.5)
        if time.monotonic() >= check_servers_at:
            for name in start_missing():
                print(f"{name} : arrêt inattendu, relancé.", flush=True)
            check_servers_at = time.monotonic() + SERVERS_CHECKED_EVERY
        for child in children:
            child.keep_alive()


def _manage(*arguments: str, log: str | None = None) -> None:
    process = _spawn(sys.executable, str(BASE_DIR / "manage.py"), *arguments, log=log)
    try:
        status = process.wait()
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        raise
    if status:
        reason = last_line(LOG_DIR / f"{log}.log") if log else "voir ci-dessus"
        raise EmbeddedError(f"« manage.py {arguments[0]} » a échoué : {reason}")


def _spawn(*command: str, log: str | None, new_session: bool = False) -> subprocess.Popen[bytes]:
    # Celery then stops at once and its task goes back to the queue, instead of waiting for the task's end.
    environment = {**os.environ, "REMAP_SIGTERM": "SIGQUIT"}
    with ExitStack() as stack:
        output = stack.enter_context((LOG_DIR / f"{log}.log").open("ab")) if log else None
        return subprocess.Popen(
            command,
            cwd=BASE_DIR,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=new_session,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 (the launcher has one thread)
        )


def _die_with_parent() -> None:
    """Linux sends this process SIGTERM when the one that started it is gone, however it went."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


@contextmanager
def _alone() -> Iterator[tuple[IO[str], bool]]:
    """The lock of this checkout, with our number in it while we serve; and whether the previous holder was killed."""
    VAR_DIR.mkdir(exist_ok=True)
    with (VAR_DIR / "launcher.lock").open("a+") as lock:
        while True:
            lock.seek(0)
            pid = lock.read()
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if pid:
                    raise EmbeddedError(f"« make run » tourne déjà dans ce dossier (processus {pid}).") from None
                time.sleep(0.1)  # it is leaving
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        try:
            yield lock, bool(pid)
        finally:
            lock.truncate(0)


@contextmanager
def _step(number: int, title: str) -> Iterator[None]:
    print(f"[{number}/{STEPS}] {title} … ", end="", flush=True)
    started_at = time.monotonic()
    try:
        yield
    except BaseException:
        print(flush=True)
        raise
    print(f"{time.monotonic() - started_at:.1f} s".replace(".", ","), flush=True)


def _address(host: str, port: str, *, loopback_only: bool) -> tuple[str, int]:
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise EmbeddedError(f"PORT doit être un nombre de 1 à 65535, pas « {port} ».")
    try:
        ip = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        raise EmbeddedError(f"HOST doit être une adresse IP ou localhost, pas « {host} ».") from None
    if loopback_only and not ip.is_loopback:
        raise EmbeddedError(f"la démonstration ne répond qu'à cette machine : HOST={host} est refusé.")
    return str(ip), int(port)


def _url(address: tuple[str, int]) -> str:
    host, port = address
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _refuse_missing_packages() -> None:
    for package in NEEDED_PACKAGES:
        if importlib.util.find_spec(package) is None:
            raise EmbeddedError(f"le paquet {package} n'est pas installé : lancez « make -B install ».")


def _wait_until_free(address: tuple[str, int], *, seconds: float) -> None:
    """What a killed launcher left behind is on its way out: it is given these seconds."""
    give_up_at = time.monotonic() + seconds
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    while True:
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
            return
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise EmbeddedError(f"impossible d'écouter sur {_url(address)} : {error.strerror}.") from None
            if time.monotonic() >= give_up_at:
                raise EmbeddedError(
                    f"le port {address[1]} est déjà pris. Choisissez-en un autre : « make run PORT={address[1] + 1} »."
                ) from None
        time.sleep(0.1)


def _database_is_empty() -> bool:
    url = os.environ.get("DATABASE_URL")
    with psycopg.connect(url) if url else postgres.connect(VAR_DIR, sockets.DATABASE) as connection:
        return connection.execute("SELECT NOT EXISTS (SELECT FROM accounts_person)").fetchone() == (True,)


def _first_answer(address: tuple[str, int], site: Child) -> dict[str, bool]:
    """What /sante/ says, as soon as it says something."""
    give_up_at = time.monotonic() + SITE_ANSWERS_WITHIN
    while time.monotonic() < give_up_at:
        if site.process.poll() is not None:
            raise EmbeddedError(f"le site n'a pas démarré : {last_line(site.log)} (voir {site.log}).")
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection(*address, timeout=10)
            connection.request("GET", "/sante/", headers={"Host": "localhost"})
            response = connection.getresponse()
            return json.load(response) if response.headers.get_content_type() == "application/json" else {}
        time.sleep(0.05)
    raise EmbeddedError(f"le site ne répond pas après {SITE_ANSWERS_WITHIN} s (voir {site.log}).")
