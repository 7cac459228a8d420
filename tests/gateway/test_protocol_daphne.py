"""The same protocol under Daphne, which lends no transport and reads frames in its own way."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import pytest

from tests.faults.lab import UNLIMITED
from tests.faults.wire import Credentials, Rejected, Socket
from tests.gateway.world import Enter, World, barrier, error_of, new_cid, send
from tests.services import LOOPBACK, Server


class DaphneServer(Server):
    """`daphne loopchat.asgi:application`."""

    name = "daphne"

    def command(self) -> list[str]:
        """Daphne's own command line."""
        address = ["-b", LOOPBACK, "-p", str(self.port)]
        return [sys.executable, "-P", "-m", "daphne", *address, "loopchat.asgi:application"]


@pytest.fixture(scope="module")
def world(database: dict[str, str]) -> Iterator[World]:
    """Daphne migrates nothing: that has been done when it starts."""
    server = DaphneServer(env=UNLIMITED, **database)  # type: ignore[arg-type]
    with World(server) as found, server:
        yield found


async def test_two_people_talk(world: World, enter: Enter) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, ben)
    one, two = await enter(ann), await enter(ben.browser(world.server.url))
    cid = new_cid()
    ok = await send(one, room, "Hello", cid=cid)
    told = await two.until("chat_message", room=room)
    assert (told["seq"], told["id"], told["message"]) == (ok["seq"], ok["id"], "Hello")
    assert (await send(one, room, "Hello", cid=cid))["dup"] is True
    await one.ask("edit", room=room, id=ok["id"], message="Hello, Ben")
    assert (await two.until("edited"))["message"] == "Hello, Ben"
    read = await two.ask("mark_read", room=room, seq=ok["seq"])
    assert (read["read"], read["unread"]) == (ok["seq"], 0)
    await one.until("message_read", uid=ben.uid)
    await two.ask("typing", room=room, is_typing=True)
    await one.until("user_typing", uid=ben.uid)
    page = await two.ask("history", room=room, limit=1)
    assert page["items"][0]["message"] == "Hello, Ben"


async def test_missed_events_are_replayed(world: World, enter: Enter) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, ben)
    writer = await enter(ann)
    for number in range(50):
        await send(writer, room, f"Message {number}")
    reader = await enter(ben, {room: 2})
    assert [frame["seq"] for frame in reader.of("chat_message")] == list(range(3, 53))


async def test_a_removed_member_gets_nothing_more(world: World, enter: Enter) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, ben)
    writer, removed = await enter(ann), await enter(ben)
    world.change("kick", room, ann, person=ben.uid)
    await removed.until("membership", uid=ben.uid)
    await removed.until("room_removed", room=room)
    await send(writer, room, "Without Ben")
    await writer.until("chat_message", message="Without Ben")
    await barrier(removed)
    assert "Without Ben" not in str(removed.seen)


@pytest.mark.parametrize(
    "raw",
    ["hello", "[]", '{"type":"ping","n":NaN}', "[" * 60_000, '{"type":"ping","x":"\\ud800"}'],
    ids=lambda raw: raw[:30],
)
async def test_a_frame_that_is_not_understood(world: World, enter: Enter, raw: str) -> None:
    socket = await enter(*world.people(1))
    assert (await error_of(socket, raw))["code"] == "bad_frame"
    await barrier(socket)


async def test_ten_bad_frames_close(world: World, enter: Enter) -> None:
    socket = await enter(*world.people(1))
    for _ in range(10):
        await socket.say("hello")
    assert await socket.gone() == 4504


async def test_a_frame_above_64_kib_closes(world: World, enter: Enter) -> None:
    socket = await enter(*world.people(1))
    await socket.say(json.dumps({"type": "ping", "pad": "x" * 64 * 1024}))
    assert await socket.gone() in (1009, 4504)  # Daphne can send no standard code but 1000


async def test_a_binary_frame_closes(world: World, enter: Enter) -> None:
    socket = await enter(*world.people(1))
    await socket.say(b"{}")
    assert await socket.gone() in (1003, 4504)


async def test_invalid_utf_8_closes(world: World, enter: Enter) -> None:
    socket = await enter(*world.people(1))
    await socket.say(b'{"type":"\xff"}', text=True)
    assert await socket.gone() in (1007, 1006)  # Daphne hangs up by itself


async def test_no_hello(world: World, enter: Enter) -> None:
    socket = await enter(*world.people(1), hello=False)
    assert await socket.gone() == 4502


async def test_another_version(world: World, enter: Enter) -> None:
    socket = await enter(*world.people(1), hello=False, protocols=["loopchat.v2"])
    assert await socket.gone() == 4505


async def test_nobody_signed_in(world: World, enter: Enter) -> None:
    socket = await enter(Credentials(token="lct_wrong"), hello=False)
    assert await socket.gone() == 4501


@pytest.mark.parametrize("origins", [[], ["http://evil.example"], ["null"]])
async def test_a_foreign_origin_with_a_cookie(world: World, origins: list[str]) -> None:
    (ann,) = world.people(1)
    headers = [("Origin", origin) for origin in origins]
    with pytest.raises(Rejected) as rejected:
        await Socket.open(world.server.socket_url, Credentials(cookie=ann.cookie), headers=headers)
    assert rejected.value.status == 403


async def test_two_origins_with_a_cookie(world: World) -> None:
    (ann,) = world.people(1)
    headers = [("Origin", "http://evil.example"), ("Origin", world.server.url)]
    with pytest.raises(Rejected) as rejected:
        await Socket.open(world.server.socket_url, Credentials(cookie=ann.cookie), headers=headers)
    assert rejected.value.status in (400, 403)


async def test_the_server_wrote_no_traceback(world: World) -> None:
    assert world.tracebacks == []
