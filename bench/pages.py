"""The console's pages under four clients, beside a bare signed-in page of as many rows."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from statistics import median

from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from bench.measuring import ROUNDS, Figure
from callcenter.models import Call
from interventions.models import Intervention
from sofratel.embedded.errors import EmbeddedError
from sofratel.embedded.services import VAR_DIR

SECONDS = 4
ROW = re.compile(r"<(?:li|tr)\b(?!><kbd)")  # the lines of a page, without its list of shortcuts
STARTS_WITHIN = 30  # seconds


def figures() -> Iterator[Figure]:
    pages = {
        "tableau de bord": reverse("console:board"),
        "fiche d’intervention": reverse("console:intervention", args=[Intervention.objects.open().earliest("pk").pk]),
        "fiche d’appel": reverse("console:call", args=[Call.objects.latest("pk").pk]),
    }
    visitor = Client()
    visitor.force_login(User.objects.filter(role=Role.AGENT)[0])
    rows = {what: len(ROW.findall(visitor.get(path).content.decode())) for what, path in pages.items()}
    bare = {what: reverse("bare", args=[count]) for what, count in rows.items()}
    with site() as port:
        cookie = f"{settings.SESSION_COOKIE_NAME}={visitor.cookies[settings.SESSION_COOKIE_NAME].value}"
        speed = _rounds({*pages.values(), *bare.values()}, port=port, cookie=cookie)
    for what, path in pages.items():
        yield Figure(f"{what}, {rows[what]} lignes", speed[path], speed[bare[what]], unit="pages/s", at_least=0.5)


def _rounds(paths: set[str], *, port: int, cookie: str) -> dict[str, float]:
    """Each address's pages a second, the median; a first round only warms up."""
    rounds = [{path: _load(path, port=port, cookie=cookie) for path in paths} for _ in range(ROUNDS + 1)]
    return {path: median(figures[path] for figures in rounds[1:]) for path in paths}


def _load(path: str, *, port: int, cookie: str) -> float:
    clients = [sys.executable, "-m", "bench.clients", str(port), cookie, str(SECONDS), path]
    return float(subprocess.run(clients, check=True, stdout=subprocess.PIPE, text=True).stdout)


@contextmanager
def site() -> Iterator[int]:
    """As `make run` serves it, on a free port, with the bare page beside it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    granian = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)]
    with (VAR_DIR / "log" / "bench.log").open("wb") as log:
        server = subprocess.Popen(
            [*granian, "--workers", "2", "--blocking-threads", "4", "sofratel.wsgi:application"],
            stdout=log,
            stderr=log,
            env=os.environ,
        )
        try:
            _wait_until_it_answers(port)
            yield port
        finally:
            server.terminate()
            server.wait()


def _wait_until_it_answers(port: int) -> None:
    give_up_at = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=STARTS_WITHIN)
            connection.request("GET", reverse("health"))
            return connection.close()
        except OSError:
            if time.monotonic() > give_up_at:
                raise EmbeddedError(f"Le site ne répond pas : voir {VAR_DIR / 'log' / 'bench.log'}.") from None
            time.sleep(0.1)
