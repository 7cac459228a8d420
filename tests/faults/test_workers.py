"""Several workers behind one port, and whichever of them dies."""

from __future__ import annotations

import asyncio

import psutil
import pytest

from tests.backends import POSTGRES
from tests.faults.conftest import THREE, NewLab
from tests.faults.history.vacuity import Demand
from tests.faults.lab import UNLIMITED, Lab, rounds
from tests.faults.test_bus import settle
from tests.faults.workload import Workload
from tests.services import Redis, Server, StartServer

KILLS = 3


@pytest.mark.timeout(300)
async def test_a_dead_worker_is_missed_by_nobody(
    start_server: StartServer, postgres_url: str, redis_server: Redis, new_lab: NewLab
) -> None:
    server = start_server(
        backend=POSTGRES,
        workers=THREE,
        database_url=postgres_url,
        redis_url=redis_server.url,
        env=UNLIMITED,
    )
    async with new_lab([server]) as lab:
        await settle(lab)
        async with Workload(lab, pause=0.03).going_on(lab.clients):
            for _ in range(rounds(KILLS)):
                await lab.recorder.until_acknowledged(20)
                await kill_a_worker(lab, server)
        await lab.come_to_rest()
        verdict = await lab.verdict(Demand(ok=20 * rounds(KILLS), info=1))
        assert verdict.valid is True, verdict.as_dict()
        assert lab.tracebacks() == []


async def kill_a_worker(lab: Lab, server: Server) -> None:
    """SIGKILL one of them, and wait until its supervisor has started another."""
    victim = psutil.Process(lab.chance.choice(workers_of(server)))
    async with lab.fault(f"kill worker {victim.pid}"):
        victim.kill()
        while victim.pid in workers_of(server) or len(workers_of(server)) < THREE:  # noqa: ASYNC110
            await asyncio.sleep(0.05)  # processes cannot tell us when


def workers_of(server: Server) -> list[int]:
    """The processes that serve; the supervisor has another child that keeps its books."""
    children = psutil.Process(server.pid).children(recursive=True)
    return [child.pid for child in children if serves(child)]


def serves(process: psutil.Process) -> bool:
    """Whether this is a worker."""
    try:
        return "resource_tracker" not in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False
