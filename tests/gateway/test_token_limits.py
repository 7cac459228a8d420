"""Sockets of tokens that allow less than their person may do."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import replace

import pytest

from tests.faults.backstage import Person
from tests.gateway.world import Enter, World, barrier, new_cid, refusal_of, send
from tests.services import direct

pytestmark = pytest.mark.slow


def limited(world: World, person: Person, **limits: object) -> Person:
    """The same person with a token that allows less."""
    return replace(person, token=world.backstage.do("limited_token", person=person.uid, **limits))


async def test_one_that_may_only_read(world: World, enter: Enter) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, ben)
    socket, bens = await enter(limited(world, ann, may_write=False)), await enter(ben)
    await send(bens, room, "Hello")
    assert (await socket.until("chat_message"))["message"] == "Hello"
    assert (await socket.ask("history", room=room))["items"]
    for kind, fields in {
        "chat_message": {"cid": new_cid(), "message": "x"},
        "mark_read": {"seq": 1},
        "typing": {"is_typing": True},
        "leave": {},
    }.items():
        await refusal_of(socket.ask(kind, room=room, **fields), "forbidden")


async def test_one_for_one_room(world: World, enter: Enter) -> None:
    ann, ben = world.people(2)
    room, other = world.room(ann, ben), world.room(ann, ben)
    bot = limited(world, ann, rooms=[room])
    socket, bens = await enter(bot), await enter(ben)
    ready = next(one for one in socket.seen if one["type"] == "ready")
    assert [one["room"] for one in ready["rooms"]] == [room]
    assert ready["people"] == []
    await send(bens, other, f"@{ann.name} over there")
    await send(bens, room, f"@{ann.name} over here")
    for _ in range(2):
        await socket.any_of("notification", "chat_message")
    await send(socket, room, "Heard")
    for kind, fields in {
        "history": {"room": other},
        "chat_message": {"room": other, "cid": new_cid(), "message": "x"},
    }.items():
        await refusal_of(socket.ask(kind, **fields), "not_found")
    for kind, fields in {
        "find_people": {"text": ""},
        "saves": {},
        "open": {"room": None},
        "open_direct": {"username": ben.name},
        "preferences": {},
    }.items():
        await refusal_of(socket.ask(kind, **fields), "forbidden")
    third = world.room(ann, ben)
    await send(bens, third, "A new room")
    await barrier(socket)
    assert {one["room"] for one in socket.seen if "room" in one} == {room}


async def test_a_classic_socket_keeps_to_it_too(world: World) -> None:
    from tests.gateway.classic import Page

    ann, ben = world.people(2)
    room, other = world.room(ann, ben), world.room(ann, ben)
    bot = limited(world, ann, rooms=[room])
    mine = await Page.open(world, bot, f"{room}/", bearer=True)
    await mine.send(type="chat_message", message="Here")
    await mine.until(type="chat_message")
    foreign = await Page.open(world, bot, f"{other}/", bearer=True)
    assert await foreign.until_closed() == 4507
    await mine.close()


def test_pages_and_forms_are_not_for_them(world: World) -> None:
    (ann,) = world.people(1)
    reader = limited(world, ann, may_write=False)
    request = urllib.request.Request(
        f"{world.server.url}/api/v1/me", headers={"Authorization": f"Bearer {reader.token}"}
    )
    with direct.open(request, timeout=30) as answer:
        assert json.load(answer)["scope"] == "read"
