"""Webhooks of servers that are killed, and of several that share the work."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator, Sequence

import pytest

from tests.backends import POSTGRES
from tests.faults.backstage import Person
from tests.faults.lab import UNLIMITED
from tests.faults.wire import Socket
from tests.gateway.world import World, new_cid
from tests.hooks.receiver import LIMIT, Answer, Receiver, receiving, says
from tests.services import Server, StartServer

SAID_WITHIN = 60.0
"""Seconds after which the answers of a bot will not come any more."""

ALLOWED = {
    **UNLIMITED,
    "LOOPCHAT_WEBHOOK_ALLOW": "127.0.0.1",
    "LOOPCHAT_BOT_MAKERS": "everybody",
}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Somebody else's server."""
    with receiving() as found:
        yield found


@pytest.fixture
def servers(
    request: pytest.FixtureRequest, start_server: StartServer, backend: str
) -> list[Server]:
    """One server on SQLite, or three on PostgreSQL, whose webhooks may reach the receiver."""
    shared = {}
    if backend == POSTGRES:
        names = ("postgres_url", "redis_url")
        database, bus = (request.getfixturevalue(name) for name in names)
        shared = {"database_url": database, "redis_url": bus}
    count = 3 if shared else 1
    return [start_server(workers=1, env=ALLOWED, **shared) for _ in range(count)]


@pytest.mark.timeout(300)
async def test_each_message_arrives_once_and_none_is_lost_by_a_kill(
    servers: Sequence[Server], receiver: Receiver
) -> None:
    with World(servers[0]) as world:
        ann = world.people(1)[0]
        room = world.room(ann)
        bot = world.backstage.do("webhook", owner=ann.uid, room=room, url=receiver.url)
        receiver.answer = says("Heard")
        said = [await say(servers, ann, room, n) for n in range(12)]
        told = [await asyncio.to_thread(receiver.take) for _ in said]
        assert [one.json["message"]["id"] for one in told] == said

        goes_on = threading.Event()
        receiver.answer = held_until(goes_on)
        said = [await say(servers, ann, room, n) for n in range(5)]
        first = await asyncio.to_thread(receiver.take)  # it has arrived and is not answered
        for server in servers:
            server.kill()
        goes_on.set()
        receiver.answer = says("Heard")
        for server in servers:
            server.start()
        world.backstage.do("end_leases")
        told = [await asyncio.to_thread(receiver.take) for _ in said]
        assert [one.json["message"]["id"] for one in told] == said
        assert told[0].headers["webhook-id"] == first.headers["webhook-id"]

        replies = await asyncio.to_thread(until_said, world, room, bot, 17)
        assert len(replies) == 17
        assert receiver.all() == []


async def say(servers: Sequence[Server], who: Person, room: int, number: int) -> int:
    """Ann says something at one of the servers, in turn; the id of the message."""
    server = servers[number % len(servers)]
    entered = await Socket.open(server.socket_url, who.bearer)
    try:
        await entered.until("welcome")
        await entered.hello()
        done = await entered.ask(
            "chat_message", room=room, cid=new_cid(), message=f"Number {number}"
        )
        return int(done["id"])
    finally:
        await entered.close()


def held_until(goes_on: threading.Event) -> Answer:
    """No answer before this."""

    def answer(wire: socket.socket) -> None:
        goes_on.wait(LIMIT)

    return answer


def until_said(world: World, room: int, bot: int, count: int) -> list[object]:
    """What the bot has said, once it is so much."""
    end = time.monotonic() + SAID_WITHIN
    while True:
        found = [one for one in world.backstage.log(room) if one.get("uid") == bot and "cid" in one]
        if len(found) >= count:
            return found
        assert time.monotonic() < end, f"the bot has said {len(found)} of {count} messages"
        threading.Event().wait(0.1)  # the log cannot tell us when
