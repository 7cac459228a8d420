"""Real programs that tests start for themselves: Redis, PostgreSQL and Loopchat's own server.

Each one listens on a free port of the loopback, keeps its data in a folder of its own and is
stopped by its process id, so nothing that already runs on the machine is used or disturbed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Self

import psutil
import psycopg
import redis

from tests import ready_made
from tests.watched import BLOCKED

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = "127.0.0.1"
START_LIMIT = 60.0
STOP_LIMIT = 30.0
ROOMY = 1 << 30
"""A memory file system with less than this is too small for PostgreSQL's files."""


direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Asks without the proxy that the machine may be set up to use."""


class NotStarted(Exception):
    """A service that did not come up: the text says which, why, and what to install."""


def free_port() -> int:
    """A port of the loopback that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def scratch(name: str) -> Path:
    """A new empty folder, in memory where there is room, for the caller to remove."""
    memory = Path("/dev/shm")  # noqa: S108 - only new folders inside it are used
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > ROOMY
    parent = memory if roomy and os.access(memory, os.W_OK) else None
    return Path(tempfile.mkdtemp(prefix=f"loopchat-{name}-", dir=parent))


def find_program(name: str, package: str, places: Iterable[str] = ()) -> str:
    """Where this program is, or `NotStarted` with the Debian package that has it."""
    found = shutil.which(name) or shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        raise NotStarted(f"{name} is missing: apt install {package}")
    return found


class Blocked(Exception):
    """A server held up all of its sockets; the text has the place."""


class Program(ABC):
    """One child process with a log file; subclasses say what to run and when it is ready."""

    name = "program"
    stop_signal = signal.SIGTERM

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or scratch(self.name)
        self.log_file = self.folder / f"{self.name}.log"
        self.port = free_port()
        self._keep_folder = folder is not None
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """The program and its arguments."""

    def ready(self) -> bool:
        """True once the program answers."""
        with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, self.port), 1):
            return True
        return False

    def environment(self) -> dict[str, str]:
        """The environment of the child."""
        return dict(os.environ)

    def account(self) -> str | None:
        """The system user to run as, where that is another one than ours."""
        return None

    @property
    def pid(self) -> int:
        """The process id; raises when it is not running."""
        if self._process is None:
            raise NotStarted(f"{self.name} is not running")
        return self._process.pid

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The process itself, for who waits for its end; raises when it was not started."""
        if self._process is None:
            raise NotStarted(f"{self.name} is not running")
        return self._process

    @property
    def running(self) -> bool:
        """True from a successful start until the process ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> str:
        """What it wrote so far."""
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def start(self) -> Self:
        """Start it and return when it answers; a second start keeps port and data."""
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                self.command(),
                cwd=self.folder,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **_run_as(self.account()),
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.kill()
            raise
        return self

    def _wait_until_ready(self) -> None:
        """Ask until it is ready; the pause between two questions ends when the process does."""
        process = self._process
        assert process is not None
        end = time.monotonic() + START_LIMIT
        while not self.ready():
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = process.wait(0.05)
                raise NotStarted(f"{self.name} ended with {code}:\n{self.log[-4000:]}")
            if time.monotonic() > end:
                raise NotStarted(f"{self.name} gave no answer:\n{self.log[-4000:]}")

    def look_again(self) -> None:
        """Pause between two looks at what it does; raises when it has ended."""
        assert self._process is not None
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(0.1)
            raise NotStarted(f"{self.name} ended with {code}:\n{self.log[-4000:]}")

    def stop(self) -> int | None:
        """Ask it to end, wait until it has, and return its exit status."""
        process, self._process = self._process, None
        if process is None:
            return None
        if process.poll() is None:
            process.send_signal(self.stop_signal)
        try:
            return process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            _kill_group(process)
            raise NotStarted(f"{self.name} did not stop:\n{self.log[-4000:]}") from None

    def kill(self) -> None:
        """SIGKILL for it and the processes it started, as a power cut would."""
        process, self._process = self._process, None
        if process is not None:
            _kill_group(process)

    def close(self) -> None:
        """End it for good and remove its folder."""
        try:
            self.stop()
        finally:
            if not self._keep_folder:
                shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            return self if self.running else self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_: object) -> None:
        self.close()


def _run_as(account: str | None) -> dict[str, Any]:
    """The arguments of `subprocess` that give up root for this account."""
    return {"user": account, "group": account, "extra_groups": []} if account else {}


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """End the session that `start` opened for this process: all of it is ours."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(STOP_LIMIT)


class Redis(Program):
    """A redis-server without persistence."""

    name = "redis"

    @property
    def url(self) -> str:
        """What LOOPCHAT_REDIS_URL takes."""
        return f"redis://{LOOPBACK}:{self.port}/0"

    def command(self) -> list[str]:
        program = find_program("redis-server", "redis-server")
        options = {"bind": LOOPBACK, "port": str(self.port), "save": "", "appendonly": "no"}
        return [program, *(word for key, value in options.items() for word in (f"--{key}", value))]

    def ready(self) -> bool:
        with contextlib.suppress(redis.RedisError), redis.Redis.from_url(self.url) as client:
            return bool(client.ping())
        return False

    def clear(self) -> None:
        """Forget all keys."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()


class Postgres(Program):
    """A PostgreSQL cluster of its own; `durable=False` leaves out fsync."""

    name = "postgres"
    stop_signal = signal.SIGINT
    """Its fast shutdown: SIGTERM would wait for clients to leave."""

    def __init__(self, folder: Path | None = None, *, durable: bool = False) -> None:
        super().__init__(folder)
        self.durable = durable
        self._made = 0

    def command(self) -> list[str]:
        data = self.folder / "data"
        if not data.exists():
            self._initialise(data)
        settings = {
            "listen_addresses": LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "fsync": "on" if self.durable else "off",
            "synchronous_commit": "on" if self.durable else "off",
            "full_page_writes": "on" if self.durable else "off",
        }
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        return [_postgres_program("postgres"), "-D", str(data), *options]

    def account(self) -> str | None:
        return "postgres" if os.geteuid() == 0 else None

    def ready(self) -> bool:
        with contextlib.suppress(psycopg.Error), psycopg.connect(self.url_of("postgres")):
            return True
        return False

    def url_of(self, database: str) -> str:
        """What LOOPCHAT_DATABASE_URL takes, for one database of this cluster."""
        return f"postgres://loopchat@{LOOPBACK}:{self.port}/{database}"

    def new_database(self) -> str:
        """Make an empty database and return its URL."""
        return self._new_database("template1")

    def ready_database(self) -> str:
        """Make a database that is migrated already, and return its URL."""
        return self._new_database(ready_made.template(self.url_of("postgres")))

    def _new_database(self, template: str) -> str:
        self._made += 1
        name = f"loopchat_{self._made}"
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url_of(name)

    def _initialise(self, data: Path) -> None:
        if account := self.account():
            shutil.chown(self.folder, account)
        program = _postgres_program("initdb")
        options = ["-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        made = subprocess.run(
            [program, "-D", str(data), "-U", "loopchat", *options],
            cwd=self.folder,
            **_run_as(account),
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise NotStarted(f"initdb failed:\n{made.stdout}{made.stderr}")


def _postgres_program(name: str) -> str:
    """Debian keeps PostgreSQL's programs off the path, by version: the newest is taken."""
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    newest = sorted(versions, key=lambda path: float(path.parent.name), reverse=True)
    return find_program(name, "postgresql", [str(path) for path in newest])


class Server(Program):
    """`loopchat serve` as a stranger would start it, in a data folder of its own.

    A ready-made SQLite database has the `owner`, a name and a password, in it already.
    """

    name = "loopchat"

    def __init__(
        self,
        *,
        workers: int = 1,
        database_url: str | None = None,
        redis_url: str | None = None,
        env: Mapping[str, str] | None = None,
        demo: bool = False,
        data_dir: Path | None = None,
        is_new: bool = False,
        owner: ready_made.Owner | None = None,
        port: int | None = None,
    ) -> None:
        super().__init__(data_dir)
        self._owner = owner
        self.port = port or self.port
        self.workers = workers
        self._is_new = is_new or demo or data_dir is not None or database_url is not None
        self.demo = demo
        self._given = {
            "LOOPCHAT_DATA_DIR": str(self.folder),
            "LOOPCHAT_DATABASE_URL": database_url,
            "LOOPCHAT_REDIS_URL": redis_url,
            **(env or {}),
        }

    @property
    def url(self) -> str:
        """The address of its pages, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def socket_url(self) -> str:
        """The same for its sockets."""
        return f"ws://{LOOPBACK}:{self.port}"

    @property
    def data_dir(self) -> Path:
        """Its LOOPCHAT_DATA_DIR."""
        return self.folder

    def command(self) -> list[str]:
        action = "demo" if self.demo else "serve"
        options = ["--host", LOOPBACK, "--port", str(self.port)]
        if self.workers != 1:
            options += ["--workers", str(self.workers)]
        return [*self.program(), action, *options]

    def program(self) -> list[str]:
        """The command `loopchat`, with somebody who watches its event loop."""
        return [sys.executable, "-P", "-m", "tests.watched"]

    def environment(self) -> dict[str, str]:
        own = {key: value for key, value in self._given.items() if value is not None}
        tests = {"PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)}
        return {**_without_loopchat(os.environ), **tests, **own}

    def close(self) -> None:
        """End it; an event loop that was blocked fails the test here."""
        try:
            self.stop()
            blocked = self.log.partition(BLOCKED)
        finally:
            super().close()
        if blocked[1]:
            raise Blocked("".join(blocked[1:])[:4000])

    def start(self) -> Self:
        if not self._is_new:
            ready_made.into(self.folder, self._owner)
        return super().start()

    def ready(self) -> bool:
        with contextlib.suppress(OSError), direct.open(f"{self.url}/readyz", timeout=5):
            return True
        return False

    def children(self) -> list[int]:
        """The process ids of its workers."""
        return [child.pid for child in psutil.Process(self.pid).children(recursive=True)]

    def manage(self, *arguments: str, stdin: str | None = None) -> str:
        """Run `loopchat …` beside the server, on the same data, and return what it prints."""
        done = subprocess.run(
            [*self.program(), *arguments],
            cwd=self.folder,
            env=self.environment(),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=START_LIMIT,
            check=False,
        )
        if done.returncode:
            raise NotStarted(f"loopchat {' '.join(arguments)}:\n{done.stdout}{done.stderr}")
        return done.stdout


def _without_loopchat(environment: Mapping[str, str]) -> dict[str, str]:
    """A developer's own LOOPCHAT_* settings and the test run's Django must not leak in."""
    foreign = ("LOOPCHAT_", "DJANGO_", "PYTEST_")
    return {key: value for key, value in environment.items() if not key.startswith(foreign)}


StartServer = Callable[..., Server]
"""The type of the fixture `start_server`."""


def chromium() -> str:
    """The browser that the browser tests drive."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        raise NotStarted("chromium is missing: apt install chromium")
    return found
