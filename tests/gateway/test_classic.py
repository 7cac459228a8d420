"""The classic sockets, with clients written as the first applications' pages are."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from loopchat.chat.ledger import Actor
from loopchat.gateway.classic_words import LobbyWords
from tests.faults.backstage import Person
from tests.gateway.classic import Page
from tests.gateway.world import Enter, World, send

Open = Callable[..., Awaitable[Page]]

pytestmark = pytest.mark.slow


@pytest.fixture
async def visit(world: World) -> AsyncIterator[Open]:
    """Open pages; all are closed at the end of the test."""
    async with contextlib.AsyncExitStack() as stack:

        async def opened(person: Person, path: str, **options: bool) -> Page:
            found = await Page.open(world, person, path, **options)
            stack.push_async_callback(found.close)
            return found

        yield opened


async def test_a_message_reaches_everybody_in_the_room(world: World, visit: Open) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, ben)
    anns, bens = await visit(ann, f"{room}/"), await visit(ben, f"{room}/")
    await anns.send(type="chat_message", message="Hello", username="somebody else")
    for one in (anns, bens):
        told = await one.until(type="chat_message")
        assert (told["message"], told["username"]) == ("Hello", ann.name)
        assert told["id"]
        assert told["seq"]
        assert told["timestamp"].startswith("20")


async def test_by_name_and_by_id_it_is_the_same_room(world: World, visit: Open) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, kind="public", name=f"Hall of {ann.name}")
    slug = f"hall-of-{ann.name}"
    anns, bens = await visit(ann, f"{room}/"), await visit(ben, f"group/{slug}/")
    await bens.send(type="chat_message", message="I walked in")
    assert (await anns.until(type="chat_message"))["username"] == ben.name


async def test_two_people_alone(world: World, visit: Open) -> None:
    ann, ben, cyd = world.people(3)
    anns = await visit(ann, f"private/{ann.name}_{ben.name}/")
    bens = await visit(ben, f"private/{ann.name}_{ben.name}/")
    again = await visit(ben, f"private/{ben.name}_{ann.name}/")
    await anns.send(type="chat_message", message="Only you")
    for one in (bens, again):
        assert (await one.until(type="chat_message"))["message"] == "Only you"
    third = await visit(cyd, f"private/{ann.name}_{ben.name}/")
    assert await third.until_closed() == 4507
    assert third.told[-1]["code"] == "not_found"


async def test_foreign_rooms_and_no_rooms_look_alike(world: World, visit: Open) -> None:
    ann, ben = world.people(2)
    room = world.room(ann)
    foreign, nothing = await visit(ben, f"{room}/"), await visit(ben, "999999/")
    assert await foreign.until_closed() == await nothing.until_closed() == 4507
    assert foreign.told == nothing.told
    assert foreign.told[0]["type"] == "error"


async def test_what_was_unread_is_read_on_connect(world: World, visit: Open, enter: Enter) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, ben)
    socket = await enter(ann)
    ids = [(await send(socket, room, text))["id"] for text in ("One", "Two", "Three")]
    anns = await visit(ann, f"{room}/")
    await visit(ben, f"{room}/")
    told = await anns.until(type="bulk_read")
    assert (told["message_ids"], told["username"]) == (ids, ben.name)


async def test_receipts(world: World, visit: Open) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, ben)
    anns, bens = await visit(ann, f"{room}/"), await visit(ben, f"{room}/")

    async def said(*texts: str) -> list[int]:
        for text in texts:
            await anns.send(type="chat_message", message=text)
        return [(await bens.until(type="chat_message"))["id"] for _ in texts]

    ids = await said("One", "Two", "Three")
    await bens.send(type="read_receipt", message_id=ids[-1])
    told = await anns.until(type="message_read")  # the one that it names, and all that it covers
    assert (told["message_id"], told["username"]) == (ids[-1], ben.name)
    assert await anns.until(type="bulk_read", username=ben.name, message_ids=ids)
    ids = await said("Four", "Five")
    await bens.send(type="mark_read")
    assert await anns.until(type="bulk_read", username=ben.name, message_ids=ids)


async def test_typing(world: World, visit: Open) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, ben)
    anns, bens = await visit(ann, f"{room}/"), await visit(ben, f"{room}/")
    for _ in range(9):  # a page says so with each key, and is not scolded
        await anns.send(type="typing", is_typing=True)
    told = await bens.until(type="user_typing")
    assert told == {"type": "user_typing", "username": ann.name, "is_typing": True}
    await anns.send(type="chat_message", message="Done")
    await anns.until(type="chat_message")
    assert not [one for one in anns.told if one["type"] in ("user_typing", "error")]


async def test_the_lobby_tells_only_those_concerned(world: World, visit: Open) -> None:
    ann, ben, cyd = world.people(3)
    slug = f"hall-of-{ann.name}"
    room = world.room(ann, ben, kind="public", name=f"Hall of {ann.name}")
    bens, cyds, anns = [await visit(one, "lobby/") for one in (ben, cyd, ann)]
    talk = await visit(ann, f"{room}/")
    await talk.send(type="chat_message", message="To all")
    assert await bens.until(type="notification") == {
        "type": "notification",
        "sender": ann.name,
        "room_name": slug,
        "room_type": "group",
        "message": "To all",
        "unread_count": 1,
    }
    pair = await visit(ann, f"private/{ann.name}_{cyd.name}/")
    await pair.send(type="chat_message", message="To you")
    assert await cyds.until(type="notification") == {
        "type": "notification",
        "sender": ann.name,
        "target_user": cyd.name,
        "room_type": "private",
        "message": "To you",
        "unread_count": 1,
    }
    await talk.send(type="chat_message", message="More")
    assert (await bens.until(type="notification"))["unread_count"] == 2
    assert [one["message"] for one in cyds.told] == ["To you"]
    assert [one["message"] for one in bens.told] == ["To all", "More"]
    assert anns.told == []


async def test_the_event_dialect(world: World, visit: Open) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, ben)
    anns = await visit(ann, f"{room}/?dialect=event")
    await anns.until(event="online_count", online_count=1)
    bens = await visit(ben, f"{room}/?dialect=event")
    await anns.until(event="online_count", online_count=2)
    await bens.send(body="Hello")
    told = await anns.until(event="message")
    assert set(told["message"]) == {"id", "author", "body", "created"}
    assert (told["message"]["author"], told["message"]["body"]) == (ben.name, "Hello")
    assert {one.get("event") for one in anns.told} == {"online_count", "message"}


async def test_what_is_refused(world: World, visit: Open) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, ben)
    anns = await visit(ann, f"{room}/")
    for frame, code in [
        ({"type": "chat_message", "message": " "}, "bad_request"),
        ({"type": "chat_message"}, "bad_request"),
        ({"type": "dance"}, "unknown_type"),
        ({"type": "hello", "cursors": {}}, "unknown_type"),
        ({"type": "read_receipt", "message_id": 10**9}, "not_found"),
        ({"type": "read_receipt", "message_id": "1"}, "bad_request"),
    ]:
        await anns.send(**frame)
        told = await anns.until(type="error")
        assert (told["code"], set(told)) == (code, {"type", "code", "message"})


async def test_who_is_not_signed_in_is_sent_away(world: World, visit: Open) -> None:
    (ann,) = world.people(1)
    room = world.room(ann)
    stranger = Person("nobody", 0, "lct_wrong", "loopchat_session=x")
    closed = await visit(stranger, f"{room}/", bearer=True)
    assert await closed.until_closed() == 4501


async def test_who_is_removed_hears_no_more(world: World, visit: Open) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, ben)
    anns, bens = await visit(ann, f"{room}/"), await visit(ben, f"{room}/")
    await bens.send(type="chat_message", message="I am here")
    for one in (anns, bens):
        await one.until(type="chat_message")
    world.change("kick", room, ann, person=ben.uid)
    assert await bens.until_closed() == 4507
    assert bens.told[-1]["code"] == "not_found"
    await anns.send(type="chat_message", message="He is gone")
    await anns.until(type="chat_message", message="He is gone")
    assert "He is gone" not in [one.get("message") for one in bens.told]


def test_what_waits_for_a_yes_calls_nobody_in_the_lobby() -> None:
    words = LobbyWords(Actor(2, "ben"))
    room = {"room": 7, "kind": "direct", "head": 2, "unread": 0, "request": True}
    words.tell({"type": "room_added", **room})
    said = {"type": "chat_message", "room": 7, "uid": 1, "username": "ann", "message": "Hello"}
    assert words.tell({**said, "seq": 3}) == []
    words.tell({"type": "message_request", "room": 7, "request": False, "unread": 1})
    (told,) = words.tell({**said, "seq": 4})
    assert (told["type"], told["unread_count"]) == ("notification", 2)
