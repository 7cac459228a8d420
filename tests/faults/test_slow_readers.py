"""Two hundred who read nothing, in a room where much is said: nobody else notices."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
import threading
from collections.abc import Iterator

import psutil
import pytest

from tests.faults.backstage import Person
from tests.faults.place import Place
from tests.faults.wire import PROTOCOL, WITHIN, Socket
from tests.gateway.world import send
from tests.services import LOOPBACK, Server

READERS = 200
AT_ONCE = 20
PATIENCE = 120.0
"""Seconds until the test gives up. What a server and the system keep for one reader is soon said;
that a reader has gone shows seconds after goodbye."""

EACH = 2 * 1024 * 1024
"""Bytes of memory that one socket may cost the server."""


class Stopped:
    """A socket that has said hello and reads nothing from then on; its system keeps little."""

    def __init__(self, server: Server, who: Person) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.settimeout(WITHIN)
        self._socket.connect((LOOPBACK, server.port))
        self._buffer = b""
        self._socket.sendall(_upgrade(server, who))
        self._until(b'"type":"welcome"')
        self._socket.sendall(_masked({"type": "hello", "cursors": {}}))
        self._until(b'"type":"ready"')

    def _until(self, mark: bytes) -> None:
        while mark not in self._buffer:
            piece = self._socket.recv(4096)
            assert piece, self._buffer
            self._buffer += piece

    def rest(self) -> bytes:
        """All that was sent to it, read at last, to the end of the connection."""
        pieces = []
        try:
            while piece := self._socket.recv(1 << 16):
                pieces.append(piece)
        except ConnectionResetError:
            pass
        return b"".join(pieces)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def _upgrade(server: Server, who: Person) -> bytes:
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        "GET /ws/ HTTP/1.1",
        f"Host: {LOOPBACK}:{server.port}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key}",
        f"Sec-WebSocket-Protocol: {PROTOCOL}",
        f"Authorization: Bearer {who.token}",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def _masked(frame: dict[str, object]) -> bytes:
    """A short text frame with a mask of zeros."""
    payload = json.dumps(frame).encode()
    assert len(payload) < 126
    return bytes((0x81, 0x80 | len(payload), 0, 0, 0, 0)) + payload


@pytest.fixture
def highest(servers: list[Server]) -> Iterator[dict[int, int]]:
    """The most memory that each server has had, by process, in bytes."""
    most: dict[int, int] = {}
    ended = threading.Event()

    def look() -> None:
        watched = [psutil.Process(server.pid) for server in servers]
        while not ended.wait(0.02):
            for process in watched:
                most[process.pid] = max(most.get(process.pid, 0), process.memory_info().rss)

    thread = threading.Thread(target=look)
    thread.start()
    yield most
    ended.set()
    thread.join()


@pytest.mark.timeout(240)
async def test_who_reads_nothing_costs_the_others_nothing(
    place: Place, highest: dict[int, int]
) -> None:
    ann, ben, eve = place.world.people(3)
    room = place.world.room(ann, ben, eve)
    server = place.servers[0]
    writer, quick = await place.enter(ann), await place.enter(ben)
    stopped = [await asyncio.to_thread(Stopped, server, eve) for _ in range(READERS)]
    before = psutil.Process(server.pid).memory_info().rss
    highest.clear()
    said = await talk_until_dropped(server, writer, quick, room)
    assert highest[server.pid] - before < READERS * EACH
    heard = [await asyncio.to_thread(one.rest) for one in stopped[:5]]
    for one in stopped:
        one.close()
    for text in heard:
        assert text.count(b'"type":"chat_message"') < said
    again = await place.enter(eve, {room: 3})
    if said <= 500:
        assert [frame["seq"] for frame in again.of("chat_message")] == list(range(4, 4 + said))
    else:
        assert again.of("resync", room=room)
    assert place.world.tracebacks == []


async def talk_until_dropped(server: Server, writer: Socket, quick: Socket, room: int) -> int:
    """Write until the server has let go of all who do not read; how many messages that took."""
    process = psutil.Process(server.pid)
    said = 0
    async with asyncio.timeout(PATIENCE):
        while len(process.net_connections("tcp")) >= READERS:
            batch = [send(writer, room, "x" * 8_000) for _ in range(AT_ONCE)]
            last = (await asyncio.gather(*batch))[-1]
            await quick.until("chat_message", seq=last["seq"])
            said += AT_ONCE
    return said
