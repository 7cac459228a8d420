"""The client for programs lives through what breaks, and its history passes the checker."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from loopchat.client import Client, Refusal, Sent
from loopchat.realtime import events
from tests.faults.backstage import Backstage
from tests.faults.conftest import NewLab
from tests.faults.history.vacuity import Demand
from tests.faults.lab import UNLIMITED, Lab, rounds
from tests.faults.program import SOON, Program
from tests.services import Redis, Server, StartServer

PEOPLE = ("ann", "ben", "cat")
ROOMS = ("garden", "kitchen")
TIMES = 3
LONG = "\N{SEEDLING}" * 7000
"""28 KiB: with a few hundred of them the server has more than it keeps for who does not read."""


@contextlib.asynccontextmanager
async def programs(lab: Lab) -> AsyncIterator[list[Program]]:
    """A program of each person at each server."""
    lab.furnish(PEOPLE, ROOMS)
    found = [
        Program(f"{name}-{number}", lab.people[name], server.url, lab.recorder)
        for name in PEOPLE
        for number, server in enumerate(lab.servers)
    ]
    for one in found:
        await one.begin()
    try:
        yield found
    finally:
        for one in found:
            await one.end()


@contextlib.asynccontextmanager
async def busy(lab: Lab, found: Sequence[Program]) -> AsyncIterator[None]:
    """All of them write inside the block, each the next message when the last is stored."""
    done, numbers = asyncio.Event(), itertools.count()

    async def write(one: Program) -> None:
        rooms = itertools.cycle(lab.rooms.values())
        while not done.is_set():
            await one.send(next(rooms), f"message {next(numbers)} of {one.name}")

    async with asyncio.TaskGroup() as group:
        for one in found:
            group.create_task(write(one))
        try:
            yield
        finally:
            done.set()


async def come_to_rest(lab: Lab, found: Sequence[Program]) -> None:
    """Everybody has the last message of each room."""
    for room in lab.rooms.values():
        last: Sent = await found[0].send(room, "the last message")
        for one in found:
            await one.until(room, last.seq)
    lab.recorder.write("quiesce")
    for one in found:
        one.show()


@pytest.mark.timeout(300)
async def test_it_loses_nothing_whatever_breaks(
    servers: Sequence[Server], new_lab: NewLab, request: pytest.FixtureRequest
) -> None:
    async with new_lab(servers) as lab, programs(lab) as found:
        async with busy(lab, found):
            for _ in range(rounds(TIMES)):
                await lab.recorder.until_acknowledged(30)
                await lab.kill(lab.chance.choice(lab.servers))
                await lab.recorder.until_acknowledged(30)
                async with lab.fault("drain"):
                    server = lab.chance.choice(lab.servers)
                    await asyncio.to_thread(server.stop)
                    await asyncio.to_thread(server.start)
                await lab.recorder.until_acknowledged(30)
                async with lab.fault("cut"):
                    for one in lab.chance.sample(found, 2):
                        one.cut()
            if len(servers) > 1:
                redis: Redis = request.getfixturevalue("redis_server")
                async with lab.fault("redis"):
                    redis.kill()
                    await lab.recorder.until_acknowledged(60)
                    await asyncio.to_thread(redis.start)
            await lab.recorder.until_acknowledged(30)
        await come_to_rest(lab, found)
        verdict = await lab.verdict(Demand(ok=90 * rounds(TIMES), info=1))
        assert verdict.valid is True, verdict.as_dict()
        assert {1012} <= {code for one in found for code in one.codes}
        assert lab.tracebacks() == []


@pytest.mark.timeout(180)
async def test_who_does_not_read_is_put_out_and_comes_back(
    servers: Sequence[Server], new_lab: NewLab
) -> None:
    async with new_lab(servers) as lab, programs(lab) as found:
        slow, fast = found[0], found[-1]
        room = next(iter(lab.rooms.values()))
        async with lab.fault("slow reader"):
            slow.stop_reading()
            for _ in range(400):
                await fast.send(room, LONG)
            slow.read_again()
        await come_to_rest(lab, found)
        assert slow.connections > 1
        assert 4001 in slow.codes or None in slow.codes
        verdict = await lab.verdict(Demand(ok=400))
        assert verdict.valid is True, verdict.as_dict()
        assert lab.tracebacks() == []


@pytest.mark.timeout(180)
async def test_after_a_restore_it_begins_anew(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server(env=UNLIMITED)
    with Backstage(server) as backstage:
        ann, ben = backstage.people("ann", "ben")
        room = backstage.room(ann, "garden", ben)
    async with (
        Client(server.url, ann.token, first_pause=SOON) as anns,
        Client(server.url, ben.token, first_pause=SOON) as bens,
        asyncio.timeout(120),
    ):
        happening = bens.events()
        kept = await anns.send(room, "In the backup")
        await asyncio.to_thread(server.manage, "backup", str(tmp_path / "backups"))
        for n in range(5):
            lost = await anns.send(room, f"After it {n}")
        await until_said(happening, "After it 4")
        await asyncio.to_thread(server.stop)
        waiting = asyncio.create_task(anns.send(room, "While it was away"))
        with await asyncio.to_thread(restored, server, tmp_path):
            stored = await waiting
            assert (stored.seq, stored.dup) == (kept.seq + 1, False)
            voided = await anext(one async for one in happening if isinstance(one, events.Resync))
            assert (voided.room, voided.reason) == (room, "epoch")
            # Told to ben as an event if he came back before it was stored, else by its page.
            page = await bens.history(room, limit=1)
            assert page.messages[-1].message == "While it was away"
            await anns.send(room, "And on")
            await until_said(happening, "And on")
            with pytest.raises(Refusal):
                await anns.ask("edit", room=room, id=lost.id, message="It is nowhere now")


def restored(server: Server, folder: Path) -> Server:
    """Another server at the same address, with what the backup has; it is not started yet."""
    (folder / "restored").mkdir()
    another = Server(data_dir=folder / "restored", env=UNLIMITED)
    another.port = server.port
    (backup,) = (folder / "backups").iterdir()
    another.manage("restore", str(backup))
    return another


async def until_said(happening: AsyncIterator[object], text: str) -> None:
    """Wait for a message."""
    async for event in happening:
        if isinstance(event, events.ChatMessage) and event.message == text:
            return
