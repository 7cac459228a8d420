"""The command line, as a stranger types it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.services import LOOPBACK, ROOT, NotStarted, Server, StartServer, free_port
from tests.test_settings import run

PASSWORD = "correct horse"
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def loopchat(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """`loopchat …` on this data folder."""
    return run(folder, "-m", "loopchat", *words, **variables)


@contextmanager
def taken_port() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()
        yield int(listener.getsockname()[1])


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one line with which a command was refused."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("loopchat: ")]
    assert len(lines) == 1, done.stderr
    return lines[0]


class TestRefusals:
    """One clear line each."""

    def test_a_server_that_is_not_there(self, tmp_path: Path) -> None:
        url = "http://127.0.0.1:9"
        done = loopchat(tmp_path, "send", "--url", url, "7", "hello", TOKEN="x")
        assert refused(done).startswith(f"loopchat: Nobody answers at {url}")

    def test_an_empty_token(self, tmp_path: Path) -> None:
        line = refused(loopchat(tmp_path, "send", "7", "hello", TOKEN=""))
        assert "set LOOPCHAT_TOKEN" in line

    def test_a_taken_port(self, tmp_path: Path) -> None:
        with taken_port() as port:
            line = refused(loopchat(tmp_path, "serve", "--port", str(port)))

        assert line == f"loopchat: port {port} is taken by another program; choose one with --port"

    def test_a_host_that_is_not_here(self, tmp_path: Path) -> None:
        line = refused(loopchat(tmp_path, "serve", "--host", "192.0.2.1"))

        assert "192.0.2.1 is not an address of this machine" in line

    def test_more_workers_without_a_bus_and_a_database(self, tmp_path: Path) -> None:
        line = refused(loopchat(tmp_path, "serve", "--workers", "2"))

        assert "Redis (LOOPCHAT_REDIS_URL) and PostgreSQL (LOOPCHAT_DATABASE_URL)" in line

    def test_more_workers_on_sqlite(self, tmp_path: Path, redis_url: str) -> None:
        line = refused(loopchat(tmp_path, "serve", REDIS_URL=redis_url, WORKERS="2"))

        assert line.endswith("more than one worker needs PostgreSQL (LOOPCHAT_DATABASE_URL)")

    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7"])  # noqa: S104
    def test_names_alone_for_the_whole_network(self, tmp_path: Path, host: str) -> None:
        line = refused(loopchat(tmp_path, "serve", "--host", host, PASSWORDLESS="on"))

        assert "set it to public" in line

    def test_a_database_that_is_none(self, tmp_path: Path) -> None:
        (tmp_path / "loopchat.sqlite3").write_text("This is not a database, it is a poem.\n" * 200)

        line = refused(loopchat(tmp_path, "serve", "--port", str(free_port())))

        assert "file is not a database" in line

    def test_a_database_that_does_not_answer(self, tmp_path: Path) -> None:
        url = f"postgres://ann:secret-of-ann@{LOOPBACK}:{free_port()}/chat"

        done = loopchat(tmp_path, "token", "ann", DATABASE_URL=url)

        assert refused(done)
        assert "secret-of-ann" not in done.stdout + done.stderr

    @pytest.mark.parametrize(
        "words",
        [
            (),
            ("dance",),
            ("serve", "--port", "eighty"),
            ("serve", "--port", "70000"),
            ("serve", "--workers", "0"),
            ("adduser",),
            ("adduser", "ann", "--owner", "--bot"),
        ],
    )
    def test_words_that_mean_nothing(self, tmp_path: Path, words: tuple[str, ...]) -> None:
        done = loopchat(tmp_path, *words)

        assert done.returncode == 2
        assert "usage: loopchat" in done.stderr
        assert "Traceback" not in done.stderr


class TestAdduser:
    """`loopchat adduser`."""

    def add(self, folder: Path, *words: str, stdin: str = PASSWORD) -> str:
        """Run it; what it prints."""
        return Server(data_dir=folder).manage("adduser", *words, stdin=stdin)

    def test_it_makes_people_owners_and_bots(self, tmp_path: Path) -> None:
        assert "Created the account ann." in self.add(tmp_path, "ann", "--password-stdin")
        assert "Created the owner olga." in self.add(
            tmp_path, "olga", "--owner", "--password-stdin"
        )
        assert "Created the bot helper." in self.add(tmp_path, "helper", "--bot")

    @pytest.mark.parametrize(
        ("words", "stdin", "why"),
        [
            (("ann smith", "--password-stdin"), PASSWORD, "made of letters"),
            (("ann", "--password-stdin"), "short", "too short"),
            (("ann", "--password-stdin"), "", "too short"),
            (("ann",), PASSWORD, "--password-stdin"),
            (("ann", "--owner"), PASSWORD, "--password-stdin"),
        ],
    )
    def test_it_refuses(self, tmp_path: Path, words: tuple[str, ...], stdin: str, why: str) -> None:
        with pytest.raises(NotStarted, match=why) as no:
            self.add(tmp_path, *words, stdin=stdin)
        assert "Traceback" not in str(no.value)

    def test_it_refuses_a_taken_name(self, tmp_path: Path) -> None:
        self.add(tmp_path, "Ann", "--password-stdin")

        with pytest.raises(NotStarted, match="This name is taken"):
            self.add(tmp_path, "ANN", "--password-stdin")


class TestToken:
    """`loopchat token`."""

    def test_it_prints_a_token_alone_and_one_of_a_bot_ends_the_one_before(
        self, tmp_path: Path
    ) -> None:
        Server(data_dir=tmp_path).manage("adduser", "helper", "--bot")

        first, second = (loopchat(tmp_path, "token", "HELPER") for _ in range(2))

        secrets = [first.stdout.strip(), second.stdout.strip()]
        assert all(re.fullmatch(r"lct_[\w-]{43}", secret) for secret in secrets), secrets
        assert first.stderr == ""
        assert "this bot had does not work any more" in second.stderr
        ask = "from loopchat.accounts import tokens; print([bool(tokens.find(one)) for one in "
        told = loopchat(tmp_path, "manage", "shell", "--verbosity", "0", "-c", f"{ask}{secrets}])")
        assert told.stdout.strip() == "[False, True]"

    def test_it_refuses_an_unknown_name(self, tmp_path: Path) -> None:
        line = refused(loopchat(tmp_path, "token", "nobody"))

        assert "nobody with the name nobody can sign in here" in line


class TestManage:
    """`loopchat manage …` and `manage.py`."""

    def test_it_is_djangos(self, tmp_path: Path) -> None:
        done = loopchat(tmp_path, "manage", "migrate", "--verbosity", "0")

        assert (done.returncode, done.stderr) == (0, "")
        assert run(tmp_path, "manage.py", "migrate", "--check").returncode == 0

    def test_an_unknown_command_is_djangos_to_refuse(self, tmp_path: Path) -> None:
        done = loopchat(tmp_path, "manage", "dance")

        assert done.returncode == 1
        assert "Unknown command" in done.stderr

    @pytest.mark.parametrize(
        ("address", "why"),
        [
            ("nonsense:port", "nonsense:port is not a port or address:port"),
            ("0.0.0.0:8000", "set it to public"),
        ],
    )
    def test_runserver_refuses_too(self, tmp_path: Path, address: str, why: str) -> None:
        run(tmp_path, "manage.py", "migrate", "--verbosity", "0")

        done = run(tmp_path, "manage.py", "runserver", address, PASSWORDLESS="on")

        assert done.returncode == 1
        assert why in done.stderr


def test_it_says_its_version(tmp_path: Path) -> None:
    from loopchat import __version__

    assert loopchat(tmp_path, "--version").stdout == f"loopchat {__version__}\n"


@pytest.mark.slow
class TestServe:
    """`loopchat serve`, `demo` and `runserver`, up to their end."""

    def page(self, server: Server, path: str) -> str:
        """A page as a browser asks for it."""
        request = urllib.request.Request(server.url + path, headers={"Accept": "text/html"})
        with _direct.open(request, timeout=30) as answer:
            return str(answer.read().decode())

    def test_it_prepares_prints_and_serves(self, start_server: StartServer) -> None:
        server = start_server(is_new=True)

        assert "Preparing the database" in server.log
        link = re.search(rf"{re.escape(server.url)}(/setup/[\w-]{{22}}/)", server.log)
        assert link is not None, server.log
        assert "Not set up yet" in self.page(server, "/")
        assert "Become the owner" in self.page(server, link[1])

        server.manage("adduser", "olga", "--owner", "--password-stdin", stdin=PASSWORD)
        assert "Sign in" in self.page(server, "/users/login/")

    def test_the_second_start_has_nothing_to_prepare_and_another_link(
        self, start_server: StartServer
    ) -> None:
        server = start_server(is_new=True)
        server.stop()
        server.start()

        links = re.findall(r"/setup/[\w-]{22}/", server.log)
        assert len(set(links)) == 2
        assert server.log.count("Preparing the database") == 1

    def test_with_an_owner_there_is_no_link(self, start_server: StartServer) -> None:
        server = start_server()
        server.manage("adduser", "olga", "--owner", "--password-stdin", stdin=PASSWORD)
        before = server.log.count("/setup/")
        server.stop()
        server.start()

        assert server.log.count("/setup/") == before

    def test_names_alone_are_announced(self, start_server: StartServer) -> None:
        server = start_server(env={"LOOPCHAT_PASSWORDLESS": "on"})

        assert "Names alone are enough to enter" in server.log

    def test_the_demo_is_full_and_leaves_nothing(self, tmp_path: Path) -> None:
        with Server(demo=True, env={"TMPDIR": str(tmp_path)}) as server:
            assert "Enter as ann, ben" in server.log
            assert "The owner is called owner" in server.log
            assert "/setup/" not in server.log
            assert "Names are enough here" in self.page(server, "/users/login/")
            assert len(list(tmp_path.iterdir())) == 1
            assert server.stop() == 0

        assert list(tmp_path.iterdir()) == []

    def test_the_demo_touches_nothing_of_yours(self, tmp_path: Path) -> None:
        mine = tmp_path / "mine.sqlite3"
        file = tmp_path / "mine.env"
        file.write_text("LOOPCHAT_SIGNUP=closed\n")

        with Server(
            demo=True,
            data_dir=tmp_path,
            database_url=f"sqlite:///{mine}",
            env={"LOOPCHAT_ENV_FILE": str(file)},
        ) as server:
            assert "Enter as ann, ben" in server.log

        assert {path.name for path in tmp_path.iterdir()} == {"loopchat.log", "mine.env"}

    def test_runserver_serves_too(self, tmp_path: Path) -> None:
        run(tmp_path, "manage.py", "migrate", "--verbosity", "0")

        with _Runserver(data_dir=tmp_path) as server:
            assert "Not set up yet" in self.page(server, "/")
            assert re.search(r"/setup/[\w-]{22}/", server.log)

    def test_it_says_that_it_ends_and_a_second_ctrl_c_does_not_wait(
        self, start_server: StartServer
    ) -> None:
        server = start_server()
        with socket.create_connection((LOOPBACK, server.port), timeout=30) as half:
            half.sendall(b"POST /users/login/ HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nq")
            os.killpg(server.pid, signal.SIGINT)  # as a terminal does
            says(server, "Ctrl+C again ends at once")
            os.killpg(server.pid, signal.SIGINT)
            server.process.wait(30)

        assert server.log.count("Ending:") == 1
        assert "graceful shutdown exceeded" not in server.log
        assert "Traceback" not in server.log
        assert "loopchat.sqlite" not in server.log

    def test_a_misspelt_variable_is_named(self, start_server: StartServer) -> None:
        server = start_server(env={"LOOPCHAT_PASWORDLESS": "on"})

        assert "LOOPCHAT_PASWORDLESS is not a setting of Loopchat" in server.log
        assert server.log.count("is not a setting") == 1


def says(server: Server, words: str, within: float = 30) -> None:
    """Wait until a server that runs has printed this."""
    limit = time.monotonic() + within
    while words not in server.log:
        assert time.monotonic() < limit, server.log
        with suppress(subprocess.TimeoutExpired):
            server.process.wait(0.05)


class _Runserver(Server):
    """`manage.py runserver`."""

    def command(self) -> list[str]:
        address = f"{LOOPBACK}:{self.port}"
        return [sys.executable, "-P", str(ROOT / "manage.py"), "runserver", address]

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "PYTHONPATH": str(ROOT)}
