"""The seeds' stack: the reference application under Daphne, with a real Redis beside it."""

from __future__ import annotations

import importlib.util
import json
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.connection import Connection, Script
from bench.frames import upgrade_request
from bench.peers.base import Place, Served
from bench.processes import free_port

_ROOT = Path(__file__).resolve().parents[2]
_MARK = b'"type": "chat_message"'


@dataclass(frozen=True, slots=True)
class SeedsDialect:
    """JSON over one socket per room, a session cookie for each member."""

    host: str
    sessions: tuple[str, ...]

    def upgrade(self, member: int) -> bytes:
        """The socket of one room, opened with a session cookie."""
        cookie = f"Cookie: sessionid={self.sessions[member]}"
        return upgrade_request(self.host, "/ws/chat/group/hall/", cookie)

    def join(self, connection: Connection, member: int) -> Script:
        """Nothing: the accepted upgrade is the join."""
        yield from ()

    def message(self, text: str, member: int) -> bytes:
        """One message."""
        return json.dumps({"type": "chat_message", "message": text}).encode()

    def deliveries(self, payload: bytes) -> int:
        """One frame, one message."""
        return payload.count(_MARK)

    def acknowledged(self, payload: bytes) -> int:
        """This stack confirms nothing."""
        return 0


@dataclass(frozen=True, slots=True)
class SeedsStack:
    """Channels + channels_redis + Daphne."""

    stored: bool
    windows: tuple[int, ...] = (4, 16)

    @property
    def name(self) -> str:
        """As in the table."""
        return "Channels + channels_redis + Daphne"

    def missing(self) -> str | None:
        """A package or a Redis server that is not installed."""
        for module in ("channels", "channels_redis", "daphne"):
            if importlib.util.find_spec(module) is None:
                return f"{module} is not installed (requirements-dev.txt)"
        return None if shutil.which("redis-server") else "redis-server is not installed"

    @contextmanager
    def serve(self, members: int, where: Place) -> Iterator[Served]:
        """Redis and Daphne on the server's core."""
        redis, port = free_port(), free_port()
        env = {
            "PYTHONPATH": str(_ROOT),
            "DJANGO_SETTINGS_MODULE": "bench.peers.seeds_stack.settings",
            "BENCH_DATABASE": str(where.folder / f"seeds{port}.sqlite3"),
            "BENCH_KEY": secrets.token_hex(),
            "BENCH_REDIS": f"redis://127.0.0.1:{redis}/0",
            "BENCH_STORED": "1" if self.stored else "0",
        }
        sessions = _seed(members, env)
        processes = where.processes("seeds")
        try:
            processes.start(_redis(redis), cwd=where.folder)
            processes.wait_for_port(redis)
            processes.start(_daphne(port), env=env, cwd=where.folder)
            processes.wait_for_port(port)
            yield Served(port, processes, SeedsDialect(f"127.0.0.1:{port}", sessions))
        finally:
            processes.stop()


def _seed(members: int, env: dict[str, str]) -> tuple[str, ...]:
    command = [sys.executable, "-m", "bench.peers.seeds_stack.seed", str(members)]
    made = subprocess.run(
        command, env={"PATH": "", **env}, check=True, capture_output=True, text=True
    )
    return tuple(made.stdout.split())


def _redis(port: int) -> list[str]:
    quiet = ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1"]
    return ["redis-server", "--port", str(port), *quiet]


def _daphne(port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port)),
        *("-v", "0", "--websocket_connect_timeout", "60"),
        "bench.peers.seeds_stack.asgi:application",
    ]
