"""A server dies at each step of the way of a message: it is stored once, or not at all before."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.backends import POSTGRES
from tests.faults import chaos_server, failpoint
from tests.faults.conftest import NewLab
from tests.faults.failpoint import FailingServer
from tests.faults.history.vacuity import Demand
from tests.faults.lab import UNLIMITED, Lab, rounds

TIMES = 2
DIED = 137


@pytest.mark.timeout(240)
@pytest.mark.parametrize("step", failpoint.STEPS)
async def test_it_is_stored_once_wherever_the_server_dies(
    request: pytest.FixtureRequest, each_backend: str, tmp_path: Path, new_lab: NewLab, step: str
) -> None:
    order = tmp_path / "order"
    env = {
        **UNLIMITED,
        failpoint.STEP: step,
        failpoint.ORDER: str(order),
        chaos_server.SHARE: "0",
    }
    urls = {}
    if each_backend == POSTGRES:
        urls["database_url"] = request.getfixturevalue("_postgres").new_database()
    with FailingServer(env=env, **urls) as server:  # type: ignore[arg-type]
        async with new_lab([server]) as lab:
            lab.furnish(("ann", "ben"), ("garden",))
            for name in ("ann", "ben"):
                await lab.client(name)
            for _ in range(rounds(TIMES)):
                await die_on_the_way(lab, order)
            await lab.come_to_rest()
            found = await lab.verdict(Demand(ok=rounds(TIMES), info=rounds(TIMES)))
            assert found.valid is True, found.as_dict()
            assert lab.tracebacks() == []
            repeated = [line for line in lab.recorder.lines if line.get("dup")]
            assert len(repeated) == (0 if step == "before_commit" else rounds(TIMES))


async def die_on_the_way(lab: Lab, order: Path) -> None:
    """One message on whose way the server dies; its author sends it until it is answered."""
    server, client = lab.servers[0], lab.clients[0]
    process = server.process
    async with lab.fault("death on the way"):
        await asyncio.to_thread(order.touch)
        stored = client.send(lab.rooms["garden"], "on its way")
        assert await asyncio.to_thread(process.wait, 30) == DIED
        await asyncio.to_thread(server.start)
    await stored
