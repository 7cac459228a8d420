"""Frames and upgrades that no WebSocket library would send, written to the socket byte by byte."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psutil
import pytest

from tests.faults.backstage import Person
from tests.gateway.world import World
from tests.services import LOOPBACK

pytestmark = pytest.mark.usefixtures("unharmed")

TEXT, BINARY, CLOSE, PING = 0x1, 0x2, 0x8, 0x9
CONTINUED = 0x0
FINAL = 0x80
HELLO = json.dumps({"type": "hello", "ref": 1, "cursors": {}}).encode()


class Raw:
    """A TCP connection after its upgrade."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def send(self, data: bytes) -> None:
        """Write bytes as they are."""
        self._writer.write(data)

    async def frame(self) -> tuple[int, bytes]:
        """The server's next frame: opcode and payload."""
        first, second = await self._reader.readexactly(2)
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", await self._reader.readexactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", await self._reader.readexactly(8))
        return first & 0x0F, await self._reader.readexactly(size)

    async def until_text(self, word: bytes) -> bytes:
        """The next text frame that holds this word."""
        async with asyncio.timeout(10):
            while True:
                opcode, payload = await self.frame()
                if opcode == TEXT and word in payload:
                    return payload

    async def closed_with(self) -> int:
        """The code of the server's close frame."""
        async with asyncio.timeout(10):
            while True:
                opcode, payload = await self.frame()
                if opcode == CLOSE:
                    return int.from_bytes(payload[:2], "big")


def masked(opcode: int, payload: bytes, *, fin: bool = True, length: int | None = None) -> bytes:
    """A client's frame; `length` is announced instead of the payload's own."""
    size = len(payload) if length is None else length
    head = bytes([(FINAL if fin else 0) | opcode])
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 65_536:
        head += b"\xfe" + struct.pack("!H", size)
    else:
        head += b"\xff" + struct.pack("!Q", size)
    return head + bytes(4) + payload  # a mask of zeros changes nothing


def asking(world: World, person: Person, *lines: str) -> bytes:
    """A request for a socket, with these header lines beside the necessary ones."""
    key = base64.b64encode(os.urandom(16)).decode()
    request = [
        "GET /ws/ HTTP/1.1",
        f"Host: {LOOPBACK}:{world.server.port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: loopchat.v1",
        f"Authorization: Bearer {person.token}",
        *lines,
    ]
    return ("\r\n".join(request) + "\r\n\r\n").encode("latin-1")


@asynccontextmanager
async def upgrade(
    world: World, person: Person, *lines: str
) -> AsyncIterator[tuple[bytes, Raw] | None]:
    """Ask for a socket with these header lines beside the necessary ones; None: hung up on."""
    reader, writer = await asyncio.open_connection(LOOPBACK, world.server.port)
    try:
        writer.write(asking(world, person, *lines))
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        except (asyncio.IncompleteReadError, ConnectionError):
            yield None
        else:
            yield head, Raw(reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@asynccontextmanager
async def raw_socket(world: World) -> AsyncIterator[Raw]:
    """A socket that has said hello."""
    (ann,) = world.people(1)
    async with upgrade(world, ann) as answer:
        assert answer is not None
        head, raw = answer
        assert status_of(head) == 101
        raw.send(masked(TEXT, HELLO))
        await raw.until_text(b'"ready"')
        yield raw


def status_of(head: bytes) -> int:
    """The status of an answer."""
    return int(head.split()[1])


def memory_of(world: World) -> int:
    """What the server's processes keep in memory."""
    server = psutil.Process(world.server.pid)
    return sum(each.memory_info().rss for each in [server, *server.children(recursive=True)])


async def test_a_message_in_fragments_is_one(world: World) -> None:
    async with raw_socket(world) as raw:
        ping = '{"type":"ping","n":1,"x":"ü"}'.encode()
        middle = ping.index("ü".encode()) + 1  # in the middle of a character
        raw.send(masked(TEXT, ping[:5], fin=False) + masked(CONTINUED, ping[5:middle], fin=False))
        raw.send(masked(PING, b"between") + masked(CONTINUED, ping[middle:]))
        await raw.until_text(b'"pong"')


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("unmasked", bytes([FINAL | TEXT, 2]) + b"{}"),
        ("reserved bit", bytes([FINAL | 0x40 | TEXT, 0x80]) + bytes(4)),
        ("unknown opcode", masked(0x3, b"")),
        ("unknown control opcode", masked(0xB, b"")),
        ("long ping", masked(PING, b"x" * 126)),
        ("ping in fragments", masked(PING, b"x", fin=False)),
        ("continuation of nothing", masked(CONTINUED, b"x")),
        ("a message inside a message", masked(TEXT, b"{", fin=False) + masked(TEXT, b"}")),
        ("a close of one byte", masked(CLOSE, b"x")),
        ("a close with a code that is none", masked(CLOSE, struct.pack("!H", 1005))),
    ],
)
async def test_an_illegal_frame_closes(world: World, name: str, data: bytes) -> None:
    async with raw_socket(world) as raw:
        raw.send(data)
        assert await raw.closed_with() == 1002, name


async def test_an_announced_giant_is_not_waited_for(world: World) -> None:
    before = memory_of(world)
    async with raw_socket(world) as raw:
        raw.send(masked(TEXT, b"x" * 1000, length=100 * 1024 * 1024))
        assert await raw.closed_with() == 1009
    assert memory_of(world) - before < 20 * 1024 * 1024


async def test_fragments_without_end_are_counted(world: World) -> None:
    async with raw_socket(world) as raw:
        raw.send(masked(TEXT, b"x" * 1000, fin=False))
        for _ in range(65):  # the last one is the first beyond 64 KiB: nothing stays unread
            raw.send(masked(CONTINUED, b"x" * 1000, fin=False))
        assert await raw.closed_with() == 1009


async def test_compression_is_not_accepted(world: World) -> None:
    (ann,) = world.people(1)
    async with upgrade(world, ann, "Sec-WebSocket-Extensions: permessage-deflate") as answer:
        assert answer is not None
        head, _ = answer
        assert status_of(head) == 101
        assert b"extensions" not in head.lower()


@pytest.mark.parametrize(
    "line",
    [
        "Host: evil.example",
        "X-Thing: a\x0bb\x00",
        "Bad Header: x",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Protocol: l\xf6\xf6pchat",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "\x0bOrigin: http://evil.example",
    ],
    ids=lambda line: line.encode("unicode_escape").decode(),
)
async def test_a_smuggled_header_opens_nothing(world: World, line: str) -> None:
    (ann,) = world.people(1)
    async with upgrade(world, ann, line) as answer:
        if answer is None:
            return
        head, raw = answer
        if status_of(head) == 101:  # taken for what it was beside that line, and nothing more
            raw.send(masked(TEXT, HELLO))
            await raw.until_text(b'"ready"')
            assert not line.startswith(("Host", "Bad", "Sec-WebSocket-Key"))
        else:
            assert 400 <= status_of(head) < 500


@pytest.mark.parametrize("size", [9_000, 70_000])
async def test_a_header_that_is_too_large_is_answered(world: World, size: int) -> None:
    (ann,) = world.people(1)
    async with upgrade(world, ann, "Cookie: other=" + "x" * size) as answer:
        assert answer is None or status_of(answer[0]) in (101, 400, 431)


async def test_five_thousand_headers_take_no_time(world: World) -> None:
    (ann,) = world.people(1)
    lines = [f"X-Thing-{number}: {number}" for number in range(5_000)]
    async with upgrade(world, ann, *lines) as answer:
        assert answer is None or status_of(answer[0]) == 101 or status_of(answer[0]) < 500


@pytest.mark.parametrize("last", [b"", b"\xff" * 50, masked(8, b"\x03\xe9")], ids=len)
async def test_who_goes_before_the_answer_is_no_error_of_the_server(
    world: World, last: bytes
) -> None:
    (ann,) = world.people(1)
    early = [await asyncio.open_connection(LOOPBACK, world.server.port) for _ in range(20)]
    for _, writer in early:
        writer.write(asking(world, ann))
    for reader, writer in early:
        writer.write(last)
        writer.write_eof()
        with contextlib.suppress(ConnectionError):
            await asyncio.wait_for(reader.read(), 10)  # until the server hangs up, too
        writer.close()
    async with upgrade(world, ann) as answer:
        assert answer is not None
        assert status_of(answer[0]) == 101
    assert world.tracebacks == []
