"""How the server ends a socket: a restart, a reader that is too slow, too many at once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

import pytest

from tests.faults.lab import UNLIMITED
from tests.faults.wire import Frame, Lost, Rejected, Socket
from tests.gateway.world import Enter, World, barrier, new_cid, send
from tests.services import Server

FLOOD = 2_500
"""Messages of 8,000 characters: more than a server and the system will keep for a slow reader."""

AT_ONCE = 30


@pytest.fixture
def world(database: dict[str, str]) -> Iterator[World]:
    """A server for each test, because some of them end it."""
    with (
        Server(env=UNLIMITED, **database) as server,  # type: ignore[arg-type]
        World(server) as found,
    ):
        yield found


async def test_a_restart_sends_everybody_away(world: World, enter: Enter) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, ben)
    sockets = [await enter(person) for person in (ann, ben) for _ in range(3)]
    stored = await send(sockets[0], room, "Before the restart")
    assert await asyncio.to_thread(world.server.stop) in (0, -15)
    for socket in sockets:
        goaway = await socket.until("goaway")
        assert goaway["reason"]
        assert goaway["after_ms"] >= 0
        assert await socket.gone() == 1012
        assert socket.of("chat_message", room=room)
    assert world.tracebacks == []
    await asyncio.to_thread(world.server.start)
    again = await enter(ben, {room: 2})
    assert [frame["id"] for frame in again.of("chat_message")] == [stored["id"]]


async def test_what_is_in_flight_at_a_restart_is_not_lost(world: World, enter: Enter) -> None:
    (ann,) = world.people(1)
    room = world.room(ann)
    socket = await enter(ann)
    answers: dict[str, asyncio.Future[Frame]] = {}

    async def write_until_the_end() -> None:
        with contextlib.suppress(Lost):
            while True:
                ref, answer = socket.expect()
                answers[cid := new_cid()] = answer
                frame = {"type": "chat_message", "ref": ref, "room": room, "cid": cid}
                await socket.say({**frame, "message": "In flight"})
                await asyncio.sleep(0)

    writing = asyncio.create_task(write_until_the_end())
    await socket.until("chat_message", seq=20)
    await asyncio.to_thread(world.server.stop)
    assert await socket.gone() in (1012, 1006)  # what it has not read resets the connection
    await asyncio.gather(writing, *answers.values(), return_exceptions=True)
    acked = {
        cid: answer.result()["seq"]
        for cid, answer in answers.items()
        if not answer.cancelled() and answer.exception() is None
    }
    frames = world.backstage.log(room)
    there = {frame["cid"]: frame["seq"] for frame in frames if frame["type"] == "chat_message"}
    assert acked
    assert acked.items() <= there.items()
    assert [frame["seq"] for frame in frames] == list(range(1, len(frames) + 1))
    assert world.tracebacks == []


@pytest.mark.timeout(120)
async def test_a_slow_reader_is_dropped_and_delays_nobody(world: World, enter: Enter) -> None:
    ann, ben, cat = world.people(3)
    room = world.room(ann, ben, cat)
    writer, slow, quick = await enter(ann), await enter(ben), await enter(cat)
    slow.pause()
    for _ in range(FLOOD // AT_ONCE):
        batch = [send(writer, room, "x" * 8_000) for _ in range(AT_ONCE)]
        last = (await asyncio.gather(*batch))[-1]
        await quick.until("chat_message", seq=last["seq"])
    slow.resume()
    assert await slow.gone() in (4001, 1006)
    seqs = [frame["seq"] for frame in slow.of("chat_message")]
    assert seqs == list(range(4, 4 + len(seqs)))
    assert len(seqs) < FLOOD
    again = await enter(ben, {room: seqs[-1] if seqs else 3})
    assert [frame["reason"] for frame in again.of("resync", room=room)] == ["too_far"]
    assert world.tracebacks == []


@pytest.mark.parametrize("rate", ["1/m:3"])
async def test_too_many_upgrades_at_once(database: dict[str, str], rate: str) -> None:
    env = {**UNLIMITED, "LOOPCHAT_RATE_CONNECT": rate}
    with (
        Server(env=env, **database) as server,  # type: ignore[arg-type]
        World(server) as world,
    ):
        (ann,) = world.people(1)
        sockets = [await Socket.open(server.socket_url, ann.bearer) for _ in range(3)]
        with pytest.raises(Rejected) as rejected:
            await Socket.open(server.socket_url, ann.bearer)
        assert rejected.value.status == 503
        assert int(rejected.value.headers["retry-after"]) >= 1
        for socket in sockets:
            await socket.until("welcome")
            await socket.hello()
            await barrier(socket)
            await socket.close()
        assert world.tracebacks == []
