"""One socket on its own, with stand-ins for everything around it: what goes wrong on the way in."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from loopchat.accounts.sessions import Login
from loopchat.chat import resume
from loopchat.gateway import connection as module
from loopchat.gateway.connection import Connection
from loopchat.gateway.door import SUBPROTOCOL, Visitor
from loopchat.realtime.bus_memory import MemoryBus
from loopchat.realtime.frames import payload_of
from loopchat.realtime.hub import Hub
from tests.realtime.doubles import Database, Truth, settle

ANN = 1


class Lent:
    """A transport that keeps what is written, and the code that ended it."""

    waiting = 0
    on_full: Callable[[], None]
    on_end: Callable[[], None]

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.codes: list[int] = []

    def write(self, frame: bytes) -> None:
        self.written.append(payload_of(frame))

    def close(self, code: int, reason: str) -> None:
        self.codes.append(code)


class Unhearing(MemoryBus):
    """A bus on which nobody can be heard."""

    async def subscribe(self, topics: Any) -> None:
        raise OSError("the bus is away")


def connection(hub: Hub) -> Connection:
    """Ann's socket, before it came in."""
    visitor = Visitor([SUBPROTOCOL], lambda: Login(ANN, "ann", "key", None))
    runtime = SimpleNamespace(
        hub=hub,
        door=SimpleNamespace(look=lambda scope: visitor),
        in_database=hub.in_database,
        limits=SimpleNamespace(command=SimpleNamespace(take=lambda key, cost: 0.0)),
        presence=SimpleNamespace(set_away=lambda user, away: None, spread=lambda user: 1),
        epoch="epoch",
    )
    return Connection(runtime)  # type: ignore[arg-type]


async def live(socket: Connection, lent: Lent, *frames: str) -> None:
    """The socket's whole life: these frames, then the client is gone."""
    scope: dict[str, Any] = {"headers": [], "extensions": {module.EXTENSION: lent}}
    told: list[dict[str, Any]] = [{"type": "websocket.connect"}]
    told += [{"type": "websocket.receive", "text": text} for text in frames]
    told.append({"type": "websocket.disconnect", "code": 1005})

    async def receive() -> dict[str, Any]:
        return told.pop(0)

    async def send(message: dict[str, Any]) -> None:
        assert message["type"] == "websocket.accept"

    await socket(scope, receive, send)


async def test_who_cannot_come_in_is_not_left_in_the_hub() -> None:
    hub = Hub(Truth(), Unhearing(), Database())
    told: list[bool] = []
    hub.on_presence = lambda user, here: told.append(here)
    with pytest.raises(OSError, match="away"):
        await live(connection(hub), Lent())
    assert hub.people == {}
    assert told == [True, False]
    await hub.tasks.settle()


async def test_a_hello_that_fails_for_any_reason_sends_the_socket_back(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(resume, "hello", broken)
    hub, lent = Hub(Truth(), MemoryBus(), Database()), Lent()
    await live(connection(hub), lent, '{"type":"hello","ref":1,"cursors":{}}')
    await settle()
    assert lent.codes == [1013]
    assert "hello could not be answered" in caplog.text
