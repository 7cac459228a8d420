"""Servers that restart in turn, one that sleeps and wakes, a database that is away for a moment."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import signal
from collections.abc import AsyncIterator, Sequence

import psutil
import pytest

from tests.backends import POSTGRES
from tests.faults.chaos_proxy import ChaosProxy
from tests.faults.conftest import THREE, NewLab
from tests.faults.history.vacuity import Demand
from tests.faults.lab import UNLIMITED, Lab
from tests.faults.test_bus import settle
from tests.faults.wire import Frame
from tests.faults.workload import Workload
from tests.services import LOOPBACK, Postgres, Redis, Server, StartServer

ASLEEP = 6.0
"""Seconds for which a worker does nothing: others go on, and it wakes with old cursors."""

TIMES = 3

RATE = 200
"""Messages a second while servers restart."""


@pytest.mark.timeout(300)
async def test_nobody_notices_when_servers_restart_in_turn(
    servers: Sequence[Server], new_lab: NewLab
) -> None:
    with ChaosProxy(*(server.port for server in servers)) as proxy:  # knows nobody again
        async with new_lab(servers) as lab:
            lab.roads = [f"ws://{LOOPBACK}:{proxy.port}"]
            await settle(lab)
            async with talking(lab, RATE) as said:
                for server in servers:
                    await lab.recorder.until_acknowledged(RATE // 2)
                    async with lab.fault("restart"):
                        await asyncio.to_thread(server.stop)
                        await asyncio.to_thread(server.start)
                await lab.recorder.until_acknowledged(RATE // 2)
            answers = await asyncio.gather(*said, return_exceptions=True)
            assert not [answer for answer in answers if isinstance(answer, Exception)]
            await lab.come_to_rest()
            verdict = await lab.verdict(Demand(ok=len(said)))
            assert verdict.valid is True, verdict.as_dict()
            assert verdict.stats["fail"] == 0
            assert goodbyes(lab) == {1012}
            assert lab.tracebacks() == []


@contextlib.asynccontextmanager
async def talking(lab: Lab, rate: int) -> AsyncIterator[list[asyncio.Future[Frame]]]:
    """So many messages a second, whatever becomes of them; yields what they will be answered."""
    said: list[asyncio.Future[Frame]] = []

    async def talk() -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        rooms = list(lab.rooms.values())
        for number in itertools.count():
            await asyncio.sleep(begun + number / rate - loop.time())
            client = lab.clients[number % len(lab.clients)]
            said.append(client.send(lab.chance.choice(rooms), f"{number} of a talk"))

    task = asyncio.create_task(talk())
    yield said
    task.cancel()
    await asyncio.wait([task])


def goodbyes(lab: Lab) -> set[object]:
    """How servers ended sockets."""
    return {line["code"] for line in lab.recorder.lines if line["op"] == "close"}


@pytest.mark.timeout(300)
async def test_a_worker_that_slept_wakes_up_with_nothing_lost(
    three_servers: Sequence[Server], postgres_url: str, new_lab: NewLab
) -> None:
    assert postgres_url
    async with new_lab(three_servers) as lab:
        await settle(lab)
        async with Workload(lab, pause=0.03).going_on(lab.clients):
            await lab.recorder.until_acknowledged(30)
            sleeper = psutil.Process(lab.chance.choice(three_servers).pid)
            async with lab.fault("sleep"):
                sleeper.send_signal(signal.SIGSTOP)
                await asyncio.sleep(ASLEEP)
                sleeper.send_signal(signal.SIGCONT)
            await lab.recorder.until_acknowledged(30)
        await lab.come_to_rest()
        verdict = await lab.verdict(Demand(ok=60))
        assert verdict.valid is True, verdict.as_dict()
        assert lab.tracebacks() == []


@pytest.mark.timeout(300)
async def test_a_database_that_dies_and_comes_back_loses_nothing(
    start_server: StartServer,
    postgres_url: str,
    postgres_server: Postgres,
    redis_server: Redis,
    new_lab: NewLab,
) -> None:
    assert postgres_url
    database = postgres_server.new_database()
    three = [
        start_server(
            backend=POSTGRES,
            workers=1,
            database_url=database,
            redis_url=redis_server.url,
            env=UNLIMITED,
        )
        for _ in range(THREE)
    ]
    async with new_lab(three) as lab:
        await settle(lab)
        async with Workload(lab, pause=0.03).going_on(lab.clients):
            for _ in range(TIMES):
                await lab.recorder.until_acknowledged(30)
                async with lab.fault("database"):
                    postgres_server.kill()
                    await asyncio.to_thread(postgres_server.start)
            await lab.recorder.until_acknowledged(30)
        await lab.come_to_rest()
        verdict = await lab.verdict(Demand(ok=30 * (TIMES + 1)))
        assert verdict.valid is True, verdict.as_dict()
