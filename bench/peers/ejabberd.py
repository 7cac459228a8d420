"""ejabberd: a MUC room, spoken to by XMPP over WebSocket (RFC 7395), when it is installed.

It is started without Erlang distribution, so it needs no node name and no port mapper, in a folder
of its own, on the server's core with one scheduler.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.connection import Connection, Script
from bench.frames import upgrade_request
from bench.peers.base import Place, Served
from bench.processes import free_port

_LIBRARIES = ("usr/lib/*-linux-gnu", "usr/lib", "usr/local/lib", "opt/ejabberd*/lib")
_OPEN = b'<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="localhost" version="1.0"/>'
_AUTH = b'<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>'
_BIND = (
    b'<iq xmlns="jabber:client" type="set" id="b">'
    b'<bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>'
)
_ENTER = (
    b'<presence xmlns="jabber:client" to="hall@rooms.localhost/member%d">'
    b'<x xmlns="http://jabber.org/protocol/muc"><history maxstanzas="0"/></x></presence>'
)
_CONFIGURE = (
    b'<iq xmlns="jabber:client" type="set" id="c" to="hall@rooms.localhost">'
    b'<query xmlns="http://jabber.org/protocol/muc#owner">'
    b'<x xmlns="jabber:x:data" type="submit"/></query></iq>'
)


@dataclass(frozen=True, slots=True)
class XmppDialect:
    """One stanza a frame."""

    host: str

    def upgrade(self, member: int) -> bytes:
        """The same for everybody: signing in happens inside."""
        return upgrade_request(self.host, "/ws", "Sec-WebSocket-Protocol: xmpp")

    def join(self, connection: Connection, member: int) -> Script:
        """Sign in anonymously, bind, enter the room; the first one also unlocks it."""
        connection.send(_OPEN)
        yield from _until(b"</stream:features>", b"</features>")
        connection.send(_AUTH)
        yield from _until(b"<success")
        connection.send(_OPEN)
        yield from _until(b"</stream:features>", b"</features>")
        connection.send(_BIND)
        yield from _until(b"<jid>")
        connection.send(_ENTER % member)
        yield from _until(b"code='110'", b'code="110"')
        if member == 0:
            connection.send(_CONFIGURE)
            yield from _until(b"id='c'", b'id="c"')

    def message(self, text: str, member: int) -> bytes:
        """A groupchat message."""
        return (
            '<message xmlns="jabber:client" type="groupchat" to="hall@rooms.localhost">'
            f"<body>{text}</body></message>"
        ).encode()

    def deliveries(self, payload: bytes) -> int:
        """Messages that have a body (a room's subject has none)."""
        return payload.count(b"<body>")

    def acknowledged(self, payload: bytes) -> int:
        """Nothing is confirmed beyond the echo."""
        return 0


@dataclass(frozen=True, slots=True)
class Ejabberd:
    """ejabberd's multi-user chat, messages not stored."""

    name: str = "ejabberd MUC over WebSocket"
    stored: bool = False
    windows: tuple[int, ...] = (16, 64)

    def missing(self) -> str | None:
        """Not installed, or without the Erlang that runs it."""
        if shutil.which("erl") is None or _library() is None:
            return "ejabberd is not installed"
        return None

    @contextmanager
    def serve(self, members: int, where: Place) -> Iterator[Served]:
        """Start it for a room of any size."""
        port = free_port()
        folder = where.folder / f"ejabberd{port}"
        folder.mkdir()
        config = folder / "ejabberd.yml"
        template = Path(__file__).with_name("ejabberd.yml").read_text()
        config.write_text(template.replace("%(port)d", str(port)))
        processes = where.processes("ejabberd")
        try:
            processes.start(_command(folder), env=_environment(folder, config), cwd=folder)
            processes.wait_for_port(port)
            yield Served(port, processes, XmppDialect(f"127.0.0.1:{port}"))
        finally:
            processes.stop()


def _until(*marks: bytes) -> Script:
    while True:
        payload = yield
        if any(mark in payload for mark in marks):
            return
        if b"<failure" in payload or b"type='error'" in payload:
            raise RuntimeError(payload.decode(errors="replace"))


def _library() -> str | None:
    for pattern in _LIBRARIES:
        if found := sorted(Path("/").glob(f"{pattern}/ejabberd-*/ebin/ejabberd.app")):
            return str(found[-1].parents[2])
    return None


def _command(folder: Path) -> list[str]:
    return [
        *("erl", "+K", "true", "+S", "1:1", "+P", "250000", "-noinput"),
        *("-mnesia", "dir", f'"{folder}/database"', "-s", "ejabberd"),
    ]


def _environment(folder: Path, config: Path) -> dict[str, str]:
    return {
        "ERL_LIBS": _library() or "",
        "EJABBERD_CONFIG_PATH": str(config),
        "EJABBERD_LOG_PATH": str(folder / "ejabberd.log"),
        "ERL_CRASH_DUMP_BYTES": "0",
        "ERL_MAX_PORTS": "32000",
        "HOME": str(folder),
    }
