"""Floods: what one person, one address or one room may do is bounded, however it is tried."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import psutil
import pytest

from tests.backends import POSTGRES
from tests.faults.backstage import Person
from tests.faults.conftest import THREE
from tests.faults.wire import Lost, Refusal, Rejected, Socket
from tests.gateway.world import World, barrier, new_cid, send
from tests.services import Server

RATE, BURST = 5, 20
SOCKETS = 12
"""Of one person, spread over the servers."""

FLOOD_S = 8.0
GROWTH = 48 * 1024 * 1024
"""Bytes that a flood may cost a server: several sockets' worth, whatever was sent."""


@pytest.fixture
def limited(
    request: pytest.FixtureRequest, each_backend: str
) -> Iterator[tuple[list[Server], World]]:
    """Servers with the limits that people have."""
    urls: dict[str, str] = {}
    if each_backend == POSTGRES:
        urls["database_url"] = request.getfixturevalue("_postgres").new_database()
        urls["redis_url"] = request.getfixturevalue("redis_url")
    env = {"LOOPCHAT_SECRET_KEY": "the same key for all the servers of this one test, again"}
    number = THREE if each_backend == POSTGRES else 1
    with ExitStack() as stack:
        servers = [
            stack.enter_context(Server(env=env, **urls))  # type: ignore[arg-type]
            for _ in range(number)
        ]
        yield servers, stack.enter_context(World(servers[0]))


async def flood(sockets: Sequence[Socket], room: int, seconds: float) -> int:
    """Send as fast as possible from all sockets at once; how many messages were stored."""
    stored = 0
    ends_at = time.monotonic() + seconds

    async def hurry(socket: Socket) -> None:
        nonlocal stored
        while time.monotonic() < ends_at and not socket.closed:
            with contextlib.suppress(Refusal, Lost, TimeoutError):
                await send(socket, room, "hurry")
                stored += 1

    await asyncio.gather(*(hurry(socket) for socket in sockets))
    return stored


@pytest.mark.timeout(120)
async def test_more_sockets_and_servers_are_no_more_messages(
    limited: tuple[list[Server], World],
) -> None:
    servers, world = limited
    ann, ben = world.people(2)
    room = world.room(ann, ben)
    sockets = []
    for at in range(SOCKETS):
        sockets.append(await Socket.open(servers[at % len(servers)].socket_url, ann.bearer))
        await sockets[-1].until("welcome")
        await sockets[-1].hello()
    watcher = await Socket.open(servers[0].socket_url, ben.bearer)
    await watcher.hello()
    await flood(sockets, room, FLOOD_S)  # the bursts are over, and all know where she is
    begun = time.monotonic()
    stored = await flood(sockets, room, FLOOD_S)
    assert stored <= RATE * (time.monotonic() - begun) * 1.3 + BURST
    assert stored >= RATE
    await barrier(watcher)
    assert world.tracebacks == []
    for socket in (*sockets, watcher):
        await socket.close()


@pytest.mark.timeout(120)
async def test_a_flood_of_large_frames_is_not_kept(limited: tuple[list[Server], World]) -> None:
    servers, world = limited
    ann, ben = world.people(2)
    room = world.room(ann, ben)
    process = psutil.Process(servers[0].pid)
    watcher = await Socket.open(servers[0].socket_url, ben.bearer)
    await watcher.hello()
    flooder = await Socket.open(servers[0].socket_url, ann.bearer)
    await flooder.hello()
    before = highest = process.memory_info().rss
    text = "x" * 60_000
    with contextlib.suppress(TimeoutError, Lost):
        async with asyncio.timeout(FLOOD_S / 2):
            while True:
                frame = {"type": "chat_message", "room": room, "cid": new_cid(), "message": text}
                await flooder.say(frame)
                highest = max(highest, process.memory_info().rss)
    assert highest - before < GROWTH
    await barrier(watcher)
    flooder.abort()
    await watcher.close()
    assert world.tracebacks == []


async def test_a_flood_of_connects_keeps_nobody_out_for_long(
    limited: tuple[list[Server], World],
) -> None:
    servers, world = limited
    ann, ben = world.people(2)
    url = servers[0].socket_url
    before = psutil.Process(servers[0].pid).num_fds()

    told_when: list[int] = []

    async def come() -> int:
        try:
            socket = await Socket.open(url, ann.bearer)
        except Rejected as rejected:
            told_when.append(int(rejected.headers["retry-after"]))
            return rejected.status
        socket.abort()
        return 101

    seen: list[int] = []
    for _ in range(8):
        seen += await asyncio.gather(*(come() for _ in range(50)))
    assert seen.count(101) >= 100
    assert 429 in seen
    assert set(seen) <= {101, 429, 503}
    assert min(told_when) >= 1
    async with asyncio.timeout(20):
        while psutil.Process(servers[0].pid).num_fds() > before + 20:  # noqa: ASYNC110
            await asyncio.sleep(0.05)  # a process cannot tell us when
    async with asyncio.timeout(20):
        watcher = await come_in(url, ben)
    await watcher.hello()
    await watcher.close()
    assert world.tracebacks == []


async def come_in(url: str, who: Person) -> Socket:
    """From the address of the flood, as soon as one is let in."""
    while True:
        try:
            return await Socket.open(url, who.bearer)
        except Rejected as rejected:
            await asyncio.sleep(int(rejected.headers["retry-after"]))
