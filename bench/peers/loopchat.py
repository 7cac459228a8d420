"""The product itself, as `loopchat serve` starts it, with the limits on rates switched off."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.connection import Connection, Lost, Script
from bench.frames import upgrade_request
from bench.peers.base import Place, Served
from bench.peers.world import Seeded, World
from bench.processes import free_port

_ROOT = Path(__file__).resolve().parents[2]
_MESSAGE = b'"type":"chat_message"'
_OK = b'"type":"ok"'
_ERROR = re.compile(rb'\{"type":"error"[^\n]*')
PROFILE = {
    "LOOPCHAT_RATE_SEND": "off",
    "LOOPCHAT_RATE_COMMAND": "off",
    "LOOPCHAT_RATE_CONNECT": "off",
    "LOOPCHAT_SOCKETS_PER_PERSON": "off",
    "LOOPCHAT_LOG_LEVEL": "warning",
}


@dataclass(frozen=True, slots=True)
class LoopchatDialect:
    """`loopchat.v1`, a bearer token for each member."""

    host: str
    seeded: Seeded
    cursors: Callable[[int], dict[int, int]] | None = None
    _refs: Iterator[int] = field(default_factory=lambda: itertools.count(2))

    def room_of(self, member: int) -> int:
        """The room where a member speaks: `World` puts them into it first."""
        return self.seeded.rooms[member % len(self.seeded.rooms)]

    def upgrade(self, member: int) -> bytes:
        """Everybody signs in as themselves."""
        return upgrade_request(
            self.host,
            "/ws/",
            "Sec-WebSocket-Protocol: loopchat.v1",
            f"Authorization: Bearer {self.seeded.tokens[member % len(self.seeded.tokens)]}",
        )

    def join(self, connection: Connection, member: int) -> Script:
        """`hello` with this member's cursors, until the last `ready`."""
        cursors = self.cursors(member) if self.cursors else {}
        connection.send(json.dumps({"type": "hello", "ref": 1, "cursors": cursors}).encode())
        while True:
            payload = yield
            if b'"type":"ready"' in payload and b'"more":true' not in payload:
                return

    def message(self, text: str, member: int) -> bytes:
        """A command; every message has an id of its own."""
        return (
            f'{{"type":"chat_message","ref":{next(self._refs)},"room":{self.room_of(member)},'
            f'"cid":"{uuid.uuid4()}","message":"{text}"}}'
        ).encode()

    def deliveries(self, payload: bytes) -> int:
        """Several objects may share a frame."""
        return payload.count(_MESSAGE)

    def acknowledged(self, payload: bytes) -> int:
        """`ok` comes after COMMIT; a refusal ends the load."""
        if refusal := _ERROR.search(payload):
            raise Lost(refusal.group().decode())
        return payload.count(_OK)


@dataclass(frozen=True, slots=True)
class Loopchat:
    """Loopchat on SQLite, every message stored."""

    name: str = "Loopchat"
    stored: bool = True
    windows: tuple[int, ...] = (64, 256)

    def missing(self) -> str | None:
        """It is always here."""
        return None

    @contextmanager
    def serve(self, members: int, where: Place) -> Iterator[Served]:
        """One room with everybody in it."""
        with serving(World.hall(members), where) as served:
            yield served


@contextmanager
def serving(
    world: World,
    where: Place,
    cursors: Callable[[Seeded], Callable[[int], dict[int, int]]] | None = None,
    database: str = "",
) -> Iterator[Served]:
    """A server with that world in it, on the server's core."""
    port = free_port()
    env = environment(where.folder / f"loopchat{port}", database)
    seeded = seed(world, env)
    processes = where.processes("loopchat")
    try:
        processes.start(command(port), env=env, cwd=where.folder)
        processes.wait_for_port(port)
        of_member = cursors(seeded) if cursors else None
        dialect = LoopchatDialect(f"127.0.0.1:{port}", seeded, of_member)
        yield Served(port, processes, dialect)
    finally:
        processes.stop()


def command(port: int) -> list[str]:
    """How the server is started."""
    return [sys.executable, "-m", "loopchat", "serve", "--port", str(port)]


def environment(data: Path, database: str = "") -> dict[str, str]:
    """The bench profile on a data folder, or on the database of that URL."""
    where = {"LOOPCHAT_DATA_DIR": str(data), "LOOPCHAT_DATABASE_URL": database}
    return {**PROFILE, **where, "PYTHONPATH": str(_ROOT)}


def seed(world: World, env: Mapping[str, str]) -> Seeded:
    """Migrate and fill the database of that environment in a process of its own."""
    made = subprocess.run(
        [sys.executable, "-m", "bench.peers.loopchat_seed"],
        env={"PATH": "", "DJANGO_SETTINGS_MODULE": "loopchat.settings", **env},
        input=world.as_json(),
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise RuntimeError(f"the database could not be filled: {made.stderr[-2000:]}")
    found = json.loads(made.stdout)
    return Seeded(tuple(found["tokens"]), tuple(found["rooms"]))
