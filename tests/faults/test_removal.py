"""Somebody is removed in the middle of a burst and gets nothing after their removal."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from tests.faults.client import Client
from tests.faults.conftest import NewLab
from tests.faults.history.vacuity import Demand
from tests.faults.lab import Lab, rounds
from tests.services import Server

PEOPLE = ("ann", "ben", "cat", "eve")
REMOVALS = 10
BURST = 30
"""Messages of each writer around one removal."""


@pytest.mark.timeout(300)
async def test_a_removed_member_gets_nothing_after_the_removal(
    servers: Sequence[Server], new_lab: NewLab
) -> None:
    async with new_lab(servers) as lab:
        lab.furnish(PEOPLE, ("garden",))
        writers = [await lab.client(name) for name in PEOPLE[:3]]
        removed = [await lab.client("eve"), await lab.client("eve", "-phone")]
        for _ in range(rounds(REMOVALS)):
            await remove_in_the_middle_of_a_burst(lab, writers, removed)
        for client in removed:
            await client.move()
        await lab.come_to_rest()
        verdict = await lab.verdict(Demand(ok=BURST * rounds(REMOVALS)))
        assert verdict.valid is True, verdict.as_dict()
        assert lab.tracebacks() == []


async def remove_in_the_middle_of_a_burst(
    lab: Lab, writers: Sequence[Client], removed: Sequence[Client]
) -> None:
    """Eve hears the beginning of a burst, is removed, hears nothing of its end, and returns."""
    room = lab.rooms["garden"]
    async with asyncio.TaskGroup() as group:
        for writer in writers:
            group.create_task(write(writer, room))
        begun = max(client.timelines[room].reached for client in removed) + len(writers)
        for client in removed:
            await client.until_reached(room, begun)
        async with lab.fault("removal"):
            await lab.remove(room, "eve")
        for client in removed:
            await client.until_out_of(room)
    heard = [line for line in lab.recorder.lines if line["op"] == "recv" and line["room"] == room]
    for client in removed:
        last = [line for line in heard if str(line["conn"]).startswith(f"{client.name}/")][-1]
        assert str(last["id"]).startswith(f"kick:{client.uid}@"), last
    await removed[0].join(room)
    for client in removed:
        await client.until_in(room)


async def write(client: Client, room: int) -> None:
    """One after the other, as fast as the server answers."""
    for number in range(BURST):
        await client.send(room, f"{number} of a burst by {client.name}")
