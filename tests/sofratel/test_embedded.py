"""The embedded servers and `make run`, each in a folder or a checkout of its own."""

import fcntl
import importlib.util
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import environ
import psycopg
import pytest
import redis
from kombu import Connection

from sofratel.embedded import broker, postgres, services, sockets
from sofratel.embedded.errors import EmbeddedError

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(autouse=True)
def nothing_replaces_the_servers(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)


@pytest.fixture
def var_dir():
    """Short, and open to the account that runs PostgreSQL for root: pytest's own folders are neither."""
    folder = Path(tempfile.mkdtemp(prefix="sofratel-test-"))
    folder.chmod(0o755)
    yield folder / "var"
    for server in (postgres, broker):
        if (folder / "var").exists():
            server.stop(folder / "var")
    shutil.rmtree(folder)


def test_the_servers_run_inside_and_only_there(var_dir):
    with services.running(var_dir):
        assert postgres.is_up(var_dir)
        assert broker.is_up(var_dir)
        with postgres.connect(var_dir, sockets.DATABASE) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
            assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)
            assert connection.execute("SELECT 'É' < 'Ê', lower('É')").fetchone() == (True, "é")
        assert stat.S_IMODE(sockets.folder(var_dir).stat().st_mode) == 0o700
    assert not postgres.is_up(var_dir)
    assert not broker.is_up(var_dir)


def test_what_was_written_is_found_again(var_dir):
    url = sockets.cache_url(sockets.redis_url(var_dir))
    with services.running(var_dir):
        with postgres.connect(var_dir, sockets.DATABASE) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        with redis.from_url(url) as client:
            client.set("kept", "42")
    with services.running(var_dir):
        with postgres.connect(var_dir, sockets.DATABASE) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        with redis.from_url(url) as client:
            assert client.get("kept") == b"42"


def test_the_last_to_leave_stops_the_servers(var_dir):
    with services.running(var_dir):
        with services.running(var_dir):
            pass
        assert postgres.is_up(var_dir)
        assert broker.is_up(var_dir)
    assert not postgres.is_up(var_dir)


def test_commands_that_come_at_once_share_the_servers(var_dir):
    code = (
        "import sys, time; from pathlib import Path; from sofratel.embedded import services, postgres, sockets\n"
        "var_dir = Path(sys.argv[1])\n"
        "with services.running(var_dir), postgres.connect(var_dir, sockets.DATABASE) as connection:\n"
        "    connection.execute('SELECT pg_sleep(random() / 5)')"
    )
    commands = [subprocess.Popen([sys.executable, "-c", code, str(var_dir)], cwd=ROOT) for _ in range(6)]
    assert [command.wait(60) for command in commands] == [0] * 6
    assert not postgres.is_up(var_dir)
    assert not broker.is_up(var_dir)


def test_servers_left_by_a_killed_command_are_adopted(var_dir):
    code = (
        "import os, sys; from pathlib import Path; from sofratel.embedded import services, postgres, sockets\n"
        "var_dir = Path(sys.argv[1])\n"
        "with services.running(var_dir), postgres.connect(var_dir, sockets.DATABASE) as connection:\n"
        "    connection.execute('CREATE TABLE kept AS SELECT 42 AS answer')\n"
        "    os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(var_dir)], cwd=ROOT, check=False).returncode == -9
    assert postgres.is_up(var_dir)
    with services.running(var_dir), postgres.connect(var_dir, sockets.DATABASE) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    assert not postgres.is_up(var_dir)
    assert not broker.is_up(var_dir)


def test_a_killed_server_comes_back_with_what_was_committed(var_dir):
    with services.running(var_dir):
        with postgres.connect(var_dir, sockets.DATABASE) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        pid_file = next(var_dir.parent.rglob("postmaster.pid"))
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
        while postgres.is_up(var_dir):
            pass
        assert services.start_missing(var_dir) == ["PostgreSQL"]
        with postgres.connect(var_dir, sockets.DATABASE) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_a_number_left_by_a_crash_is_not_taken_for_the_server(var_dir):
    with services.running(var_dir):
        data = next(var_dir.parent.rglob("postmaster.pid")).parent
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n")
    with services.running(var_dir):
        assert postgres.is_up(var_dir)


def test_urls_in_the_environment_replace_the_servers(var_dir, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://sofratel@db.example/sofratel")
    monkeypatch.setenv("REDIS_URL", "redis://redis.example/0")
    with services.running(var_dir):
        assert not var_dir.exists()


def test_production_starts_nothing(var_dir, monkeypatch):
    monkeypatch.setenv("SOFRATEL_MODE", "production")
    with services.running(var_dir):
        assert not var_dir.exists()


def test_a_path_too_long_for_a_socket_is_replaced(tmp_path):
    deep = tmp_path / ("é" * 40) / "var"
    folder = sockets.folder(deep)
    assert folder.parent == Path(tempfile.gettempdir())
    assert len(bytes(folder / f".s.PGSQL.{sockets.POSTGRES_PORT}.lock")) < 100
    assert folder != sockets.folder(tmp_path / ("è" * 40) / "var")


def test_the_addresses_survive_a_space_and_an_accent():
    folder = Path(tempfile.mkdtemp(prefix="é ù+"))
    folder.chmod(0o755)
    var_dir = folder / "var"
    try:
        with services.running(var_dir):
            with redis.from_url(sockets.cache_url(sockets.redis_url(var_dir, database=1))) as client:
                assert client.ping()
            with Connection(sockets.redis_url(var_dir)) as connection:
                connection.ensure_connection(max_retries=1)
            database = environ.Env.db_url_config(sockets.database_url(var_dir))
            names = {"host": database["HOST"], "user": database["USER"], "dbname": database["NAME"]}
            psycopg.connect(**names).close()
    finally:
        shutil.rmtree(folder)


def test_a_full_disk_is_said_in_one_line(var_dir, monkeypatch):
    monkeypatch.setattr(services, "FREE_SPACE_WANTED", shutil.disk_usage("/").total * 1000)
    with pytest.raises(EmbeddedError, match=r"^Disque plein : il reste \d+ Mo dans .*$"), services.running(var_dir):
        pass
    assert not broker.is_up(var_dir)


def test_a_missing_program_is_said_in_one_line(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(EmbeddedError, match=r"^Courtier de tâches introuvable : .* ou donnez REDIS_URL\.$"):
        broker.program()


@pytest.fixture
def checkout():
    """A copy of the sources, so that a `make run` beside the tests is left alone."""
    folder = Path(tempfile.mkdtemp(prefix="sofratel-test-"))
    folder.chmod(0o755)
    shutil.copytree(ROOT / "sofratel", folder / "sofratel")
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"HOST": "0.0.0.0"}, "Erreur : la démonstration ne répond qu'à cette machine : HOST=0.0.0.0 est refusé."),
        (
            {"HOST": "sofratel.example"},
            "Erreur : HOST doit être une adresse IP ou localhost, pas « sofratel.example ».",
        ),
        ({"PORT": "0"}, "Erreur : PORT doit être un nombre de 1 à 65535, pas « 0 »."),
        ({"PORT": "http"}, "Erreur : PORT doit être un nombre de 1 à 65535, pas « http »."),
    ],
)
def test_make_run_refuses_an_address_in_one_line(checkout, environment, message):
    refused = launch(checkout, **environment)
    assert (refused.returncode, refused.stderr) == (1, f"{message}\n")
    assert not (checkout / "var").exists()


def test_make_run_refuses_a_busy_port_in_one_line(checkout):
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        refused = launch(checkout, PORT=str(port))
    assert refused.returncode == 1
    assert refused.stderr == (
        f"Erreur : le port {port} est déjà pris. Choisissez-en un autre : « make run PORT={port + 1} ».\n"
    )


def test_make_run_refuses_a_second_one_in_one_line(checkout):
    (checkout / "var").mkdir()
    with (checkout / "var" / "launcher.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("4242")
        lock.flush()
        refused = launch(checkout)
    assert refused.returncode == 1
    assert refused.stderr == "Erreur : « make run » tourne déjà dans ce dossier (processus 4242).\n"


def launch(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sofratel.embedded"],
        cwd=checkout,
        env={"PATH": os.environ["PATH"], "SOFRATEL_MODE": "demo", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
