"""The bus loses, doubles and reorders; Redis dies, stalls and is empty: the log repairs it all."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager

import psutil
import pytest

from tests.backends import POSTGRES
from tests.faults import chaos_server
from tests.faults.chaos_proxy import ChaosProxy
from tests.faults.conftest import THREE, NewLab
from tests.faults.history.vacuity import Demand
from tests.faults.lab import UNLIMITED, Lab, new_seed, rounds
from tests.faults.test_removal import remove_in_the_middle_of_a_burst
from tests.faults.wire import Socket
from tests.faults.workload import Workload
from tests.gateway.world import World, send
from tests.services import LOOPBACK, Redis, Server, StartServer

PEOPLE = ("ann", "ben", "cat", "dan")
ROOMS = ("garden", "kitchen")
MESSAGES = 800
REMOVALS = 5
AWAY = 6.0
"""Seconds for which Redis is away: several sweeps long."""

LIMIT = 60.0
"""Seconds after which something will not happen any more: no measure, the machine may stall."""


@pytest.fixture
def chaos_servers(postgres_url: str, redis_url: str) -> Iterator[list[Server]]:
    """Three processes whose bus loses 30 %, doubles 30 % and lets 30 % be overtaken."""
    with ExitStack() as running:
        yield [
            running.enter_context(
                chaos_server.ChaosServer(
                    database_url=postgres_url,
                    redis_url=redis_url,
                    env={**UNLIMITED, chaos_server.SEED: f"{new_seed()}/{number}"},
                )
            )
            for number in range(THREE)
        ]


@pytest.mark.timeout(300)
async def test_nobody_notices_a_bus_that_loses_doubles_and_reorders(
    chaos_servers: Sequence[Server], new_lab: NewLab
) -> None:
    async with new_lab(chaos_servers) as lab:
        await settle(lab)
        eve = [await lab.client("eve"), await lab.client("eve", "-phone")]
        async with lab.fault("bus chaos"), Workload(lab, pause=0.03).going_on(lab.clients[:-2]):
            for _ in range(REMOVALS):
                await remove_in_the_middle_of_a_burst(lab, lab.clients[:2], eve)
                await lab.kill(lab.chance.choice(lab.servers))
            await lab.recorder.until_acknowledged(rounds(MESSAGES))
        await lab.come_to_rest()
        verdict = await lab.verdict(Demand(ok=rounds(MESSAGES)))
        assert verdict.valid is True, verdict.as_dict()
        assert all(chaos_server.LOST in server.log for server in chaos_servers)
        assert lab.tracebacks() == []


@asynccontextmanager
async def killed(redis: Redis) -> AsyncIterator[None]:
    """SIGKILL; it comes back empty."""
    redis.kill()
    yield
    await asyncio.to_thread(redis.start)


@asynccontextmanager
async def stalled(redis: Redis) -> AsyncIterator[None]:
    """SIGSTOP: it accepts connections and answers nothing."""
    process = psutil.Process(redis.pid)
    process.send_signal(signal.SIGSTOP)
    yield
    process.send_signal(signal.SIGCONT)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("trouble", [killed, stalled])
async def test_nobody_waits_for_redis(
    three_servers: Sequence[Server],
    redis_server: Redis,
    new_lab: NewLab,
    trouble: Callable[[Redis], AbstractAsyncContextManager[None]],
) -> None:
    async with new_lab(three_servers) as lab:
        await settle(lab)
        watcher = await Socket.open(lab.workers[0], lab.people["ann"].bearer)
        async with watcher, Workload(lab).going_on(lab.clients):
            await watcher.hello()
            await lab.recorder.until_acknowledged(50)
            async with lab.fault("redis"), trouble(redis_server):
                await while_away(lab, three_servers)
            await ready(three_servers, [])
            await lab.recorder.until_acknowledged(50)
            await watcher.until("degraded", what=["bus"])
            await watcher.until("degraded", what=[])
        await lab.come_to_rest()
        verdict = await lab.verdict(Demand(ok=150))
        assert verdict.valid is True, verdict.as_dict()
        assert lab.tracebacks() == []
        for server in three_servers:
            assert 1 <= len(complaints(server)) <= 2, server.log


@pytest.mark.timeout(120)
async def test_what_the_bus_says_late_takes_no_cursor_back(
    postgres_url: str, redis_server: Redis, start_server: StartServer
) -> None:
    with ChaosProxy(redis_server.port) as proxy:
        here, there = (
            start_server(
                backend=POSTGRES, workers=1, database_url=postgres_url, redis_url=url, env=UNLIMITED
            )
            for url in (redis_server.url, f"redis://{LOOPBACK}:{proxy.port}/0")
        )
        with World(here) as world:
            ann, ben = world.people(2)
            room = world.room(ann, ben)
            async with (
                await Socket.open(here.socket_url, ben.bearer) as writer,
                await Socket.open(here.socket_url, ann.bearer) as desk,
                await Socket.open(there.socket_url, ann.bearer) as phone,
            ):
                for socket in (writer, desk, phone):
                    await socket.hello()
                first, second, third = [(await send(writer, room, "x"))["seq"] for _ in range(3)]
                await phone.until("chat_message", seq=third)
                proxy.stall()
                for seq in (second, third):
                    await desk.ask("mark_read", room=room, seq=seq)
                assert (await phone.ask("mark_read", room=room, seq=first))["read"] == third
                proxy.flow()
                await hears_of_reading(phone, desk, writer, room)
                assert min(frame["seq"] for frame in phone.of("message_read")) >= third
        assert world.tracebacks == []


async def hears_of_reading(phone: Socket, desk: Socket, writer: Socket, room: int) -> None:
    """Read on at the desk until the phone is told of it, and of all that the bus knew before."""
    async with asyncio.timeout(LIMIT):
        while True:
            seq = (await send(writer, room, "x"))["seq"]
            await desk.ask("mark_read", room=room, seq=seq)
            with contextlib.suppress(TimeoutError):  # lost with a connection that was given up
                await phone.until("message_read", seq=seq, within=5)
                return


async def settle(lab: Lab) -> None:
    """Four people with two devices each, in two rooms."""
    lab.furnish([*PEOPLE, "eve"], ROOMS)
    for name in PEOPLE:
        await lab.client(name)
        await lab.client(name, "-phone")


async def while_away(lab: Lab, servers: Sequence[Server]) -> None:
    """The servers say that the bus is away, and go on as before: everybody sees what is said."""
    since = time.monotonic()
    await ready(servers, ["bus"])
    while time.monotonic() - since < AWAY:
        async with within("nobody is answered while Redis is away"):
            await lab.recorder.until_acknowledged(10, LIMIT)
        async with within("not everybody sees a message while Redis is away"):
            await seen_by_all(lab)


async def seen_by_all(lab: Lab) -> None:
    """Say something in each room, and wait until every device in it has it."""
    for room in lab.rooms.values():
        said = await lab.clients[0].send(room, "while Redis is away")
        for client in lab.clients:
            if room in client.timelines:
                await client.until_reached(room, said["seq"], LIMIT)


@asynccontextmanager
async def within(words: str) -> AsyncIterator[None]:
    """What takes longer than the limit fails with these words."""
    try:
        async with asyncio.timeout(LIMIT):
            yield
    except TimeoutError:
        pytest.fail(f"{words}, for {LIMIT:.0f} seconds")


async def ready(servers: Sequence[Server], degraded: list[str]) -> None:
    """Wait until every server says that just this is degraded; it says so with 200."""
    async with within(f"/readyz does not say that {degraded} is degraded"):
        for server in servers:
            while await asyncio.to_thread(missing, server) != degraded:  # noqa: ASYNC110
                await asyncio.sleep(0.05)  # a page cannot tell us when


def missing(server: Server) -> object:
    """What /readyz says is degraded; any other status than 200 raises."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{server.url}/readyz", timeout=5) as answer:
        return json.load(answer)["degraded"]


def complaints(server: Server) -> list[str]:
    """Warnings about the bus in a server's log."""
    lines = [line for line in server.log.splitlines() if "WARNING" in line or "ERROR" in line]
    return [line for line in lines if "bus" in line.lower() or "redis" in line.lower()]
