"""SIGKILL at random moments of a send: what was acknowledged is there, once, at its place."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from tests.faults.client import Draft
from tests.faults.conftest import NewLab
from tests.faults.history.vacuity import Demand
from tests.faults.lab import Lab, rounds
from tests.faults.workload import Workload
from tests.services import Server

PEOPLE = ("ann", "ben", "cat", "dan")
ROOMS = ("garden", "kitchen")
KILLS = {1: 50, 3: 10}
"""By the number of servers: three start more slowly, and two of them go on meanwhile."""

LATEST = (0.003, 0.03)
"""Seconds after a send at which the server is killed at the latest: at once, or a little later."""


@pytest.mark.timeout(900)
async def test_nothing_is_lost_when_the_server_is_killed(
    servers: Sequence[Server], new_lab: NewLab
) -> None:
    times = rounds(KILLS[len(servers)])
    async with new_lab(servers) as lab:
        lab.furnish(PEOPLE, ROOMS)
        for name in PEOPLE:
            await lab.client(name)
            await lab.client(name, "-phone")
        async with Workload(lab, pause=0.02).going_on(lab.clients[1:]):
            for _ in range(times):
                await kill_in_the_middle_of_a_send(lab)
        await lab.come_to_rest()
        verdict = await lab.verdict(Demand(ok=times, info=times // 4, faults_in_flight=times // 3))
        assert verdict.valid is True, verdict.as_dict()
        assert lab.tracebacks() == []


async def kill_in_the_middle_of_a_send(lab: Lab) -> None:
    """Kill a server at most 30 ms after a message was written to one of its sockets."""
    client = lab.clients[0]
    server = lab.chance.choice(lab.servers)
    if client.worker != server.socket_url:
        await client.move(server.socket_url)
    leaving = asyncio.Event()

    def told(_: Draft) -> None:
        leaving.set()

    client.about_to_send = told
    stored = client.send(lab.chance.choice(list(lab.rooms.values())), "in the middle of a s")
    await leaving.wait()
    client.about_to_send = None
    await asyncio.sleep(lab.chance.uniform(0, lab.chance.choice(LATEST)))
    await lab.kill(server)
    await stored
