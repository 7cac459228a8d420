"""The typed requests of `Api`, against a real server, and what is asked again after a no."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from loopchat.client import Api, Client, Lost, Refusal
from loopchat.client.errors import LONGEST_PAUSE, TRIES, pause_after
from loopchat.realtime.events import ChatMessage, Membership, RoomChanged
from tests.api.trials import GIF
from tests.gateway.world import World
from tests.hooks.receiver import receiving, says

pytestmark = pytest.mark.slow

WITHIN = 60.0


async def test_a_bot_does_all_of_it_by_rest(world: World) -> None:
    ann, ben, eve = world.people(3)
    async with asyncio.timeout(WITHIN):
        api = Api(world.server.url, ann.token)
        made = await api.new_room("Typed", topic="Structs", people=[ben.name])
        assert (await api.room(made.room)).topic == "Structs"
        assert [one.room async for one in api.rooms(limit=1)] == [made.room]
        first = await api.post(made.room, "One **thing**")
        assert first.rich is not None
        cid = str(uuid4())
        again = await api.post(made.room, "Another", reply_to=first.id, cid=cid)
        assert (again.reply_to, again.uid) == (first.id, ann.uid)
        assert await api.post(made.room, "Another", reply_to=first.id, cid=cid) == again
        assert (await api.edit(first.id, "One thing")).edited_ts is not None
        await api.react(first.id, "👍")
        assert ((await api.message(first.id)).reactions or {})["👍"].uids == [ann.uid]
        for n in range(3):
            await api.post(made.room, str(n))
        listing = api.messages(made.room, limit=2)
        assert [one.message async for one in listing] == ["2", "1", "0", "Another", "One thing"]
        page = await listing.page()
        assert [one.message for one in page.results] == ["2", "1"]
        assert (await listing.page(page.next)).results[0].message == "0"
        newer = [one.message async for one in api.messages(made.room, after=again.seq)]
        assert newer == ["0", "1", "2"]
        await api.delete(again.id)
        assert (await api.message(again.id)).deleted_ts is not None
        await api.invite(made.room, eve.name)
        everybody = {one.username: one.role async for one in api.members(made.room)}
        assert everybody == {ann.name: "owner", ben.name: "member", eve.name: "member"}
        await api.remove(made.room, eve.name)
        history = await api.history(made.room, limit=100)
        assert [one.id for one in history.messages][:2] == [first.id, again.id]
        assert isinstance(history.items[-1], Membership)
        assert (history.end, history.complete) == (history.head, True)
        direct = await api.direct(ben.name)
        assert direct.peer is not None
        assert direct.peer.uid == (await api.person(ben.name)).uid == ben.uid
        assert ben.name in [one.username async for one in api.people(ben.name)]
        assert (await api.person(ann.name)).avatar is None
        await api.show_picture(GIF, "image/gif")
        assert (await api.person(ann.name)).avatar is not None


async def test_socket_and_rest_of_one_person(world: World) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, kind="public", name=f"Hall of {ann.name}")
    async with Client(world.server.url, ben.token) as bens, asyncio.timeout(WITHIN):
        happening = bens.events()
        offered = [one.room async for one in bens.api.public_rooms(f"hall of {ann.name}")]
        assert room in offered
        await bens.api.join(room)
        await Api(world.server.url, ann.token).call("PATCH", f"rooms/{room}", {"name": "Ours"})
        async for event in happening:
            if isinstance(event, RoomChanged):
                break
        assert (bens.rooms[room].name, bens.rooms[room].members) == ("Ours", 2)
        posted = await bens.api.post(room, "Here")
        async for event in happening:
            if isinstance(event, ChatMessage):
                break
        assert event == posted
        page = await bens.history(room, limit=5)
        assert page.messages == [posted]
        await bens.api.read(room, posted.seq)
        await bens.api.leave(room)
        with pytest.raises(Refusal) as refused:
            await bens.api.post(room, "Not any more")
        assert (refused.value.status, refused.value.code) == (403, "forbidden")
        with pytest.raises(Refusal) as refused:
            await bens.api.direct("nobody at all")
        assert (refused.value.status, refused.value.field) == (404, "username")


def later(status: str, seconds: int, **fields: Any) -> Any:
    """A no for a while, from something that stands before the server."""
    return says("<p>Later</p>", status=status, Retry_After=str(seconds), **fields)


async def test_what_is_put_off_is_asked_again() -> None:
    with receiving() as receiver:
        api = Api(f"http://127.0.0.1:{receiver.port}", "lct_x")
        taken = says('{"results": [], "next": null}', kind="application/json")
        receiver.next = [later("503 Busy", 0), later("429 Slow", 0), taken]
        assert [one async for one in api.rooms()] == []
        assert len(receiver.all()) == 3
        receiver.next = [later("502 Gone", 0), taken]
        with pytest.raises(Refusal) as refused:  # nobody knows whether it took effect
            await api.leave(1)
        assert (refused.value.status, refused.value.definite) == (502, False)
        receiver.next = [later("503 Busy", 3600)]
        with pytest.raises(Refusal) as refused:
            await api.post(1, "Hello")
        assert (refused.value.status, refused.value.retry_after) == (503, 3600.0)
        assert len(receiver.all()) == 2
        strange = ('{"results": null, "next": null}', "[]", '{"next": null}')
        receiver.next = [says(text, kind="application/json") for text in strange]
        for _ in strange:
            with pytest.raises(Lost):
                await api.rooms().page()
        for path in ("users/x/api/v1/me", "/api/v1/me", "http://elsewhere/api/v1/me"):
            receiver.next = [taken]
            await api.call("GET", path)
        assert [one.line for one in receiver.all()][-3:] == [
            "GET /api/v1/users/x/api/v1/me HTTP/1.1",
            "GET /api/v1/me HTTP/1.1",
            "GET /api/v1/me HTTP/1.1",
        ]
        receiver.next = [says("<p>Sign in to this network</p>")] * TRIES
        with pytest.raises(Lost):
            await api.leave(1)


def test_how_long_it_waits() -> None:
    no = Refusal({"code": "rate_limited", "retry_after_ms": 7000})
    assert pause_after(no, 1, idempotent=False) == 7.0
    assert pause_after(no, TRIES, idempotent=True) is None
    too_long = Refusal({"code": "unavailable", "retry_after_ms": (LONGEST_PAUSE + 1) * 1000})
    assert pause_after(too_long, 1, idempotent=True) is None
    assert pause_after(Refusal({"code": "forbidden"}), 1, idempotent=True) is None
    unsure = Refusal({"code": "timeout", "definite": False})
    assert pause_after(unsure, 1, idempotent=False) is None
    pauses = [pause_after(unsure, tried, idempotent=True) for tried in (1, 2, 3)]
    assert pauses == [0.25, 0.5, 1.0]
    assert pause_after(Lost(), 1, idempotent=False) is None
