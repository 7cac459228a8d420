"""Rooms that are nobody's business, and fields of every wrong shape: each is refused by name."""

from __future__ import annotations

import pytest

from tests.faults.wire import Frame, Refusal, Socket
from tests.gateway.world import Enter, World, error_of, new_cid, refusal_of, send, still_served

pytestmark = pytest.mark.usefixtures("unharmed")

NOBODYS = 2**52
"""A room id that no test reaches."""


# Rooms and people


def in_a_room(room: int) -> list[tuple[str, Frame]]:
    """Every command that names a room, asked about this one."""
    return [
        ("chat_message", {"room": room, "cid": new_cid(), "message": "Hello"}),
        ("edit", {"room": room, "id": 1, "message": "Hello"}),
        ("delete", {"room": room, "id": 1}),
        ("react", {"room": room, "id": 1, "emoji": "👍", "on": True}),
        ("typing", {"room": room, "is_typing": True}),
        ("mark_read", {"room": room, "seq": 1}),
        ("mark_unread", {"room": room, "seq": 1}),
        ("history", {"room": room}),
        ("readers", {"room": room, "id": 1}),
        ("join", {"room": room}),
        ("leave", {"room": room}),
        ("open", {"room": room}),
    ]


async def test_an_unknown_room_and_a_foreign_one_look_the_same(world: World, enter: Enter) -> None:
    ann, ben = world.people(2)
    private, group = world.room(ann), world.room(ann, kind="group")
    owner, stranger = await enter(ann), await enter(ben)
    direct = (await owner.ask("open_direct", username=ann.name))["room"]["room"]
    for room in (private, group, direct):
        await send(owner, room, "A secret")
    unknown = [await refused_with(stranger, *asked) for asked in in_a_room(NOBODYS)]
    assert {error["code"] for error in unknown} == {"not_found"}
    for room in (private, group, direct):
        foreign = [await refused_with(stranger, *asked) for asked in in_a_room(room)]
        assert foreign == unknown


async def refused_with(socket: Socket, kind: str, fields: Frame) -> Frame:
    """The error of a command, without its `ref`."""
    with pytest.raises(Refusal) as refusal:
        await socket.ask(kind, **fields)
    return {name: value for name, value in refusal.value.frame.items() if name != "ref"}


async def test_a_public_room_wants_a_join_first(world: World, enter: Enter) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, kind="public")
    stranger = await enter(ben)
    await refusal_of(send(stranger, room, "Hello"), "forbidden")
    await refusal_of(stranger.ask("history", room=room), "forbidden")


async def test_messages_of_another_room_are_not_found(world: World, enter: Enter) -> None:
    ann, ben = world.people(2)
    mine, hers = world.room(ben), world.room(ann)
    secret = (await send(await enter(ann), hers, "A secret"))["id"]
    socket = await enter(ben)
    await refusal_of(socket.ask("edit", room=mine, id=secret, message="Mine"), "not_found")
    await refusal_of(socket.ask("delete", room=mine, id=secret), "not_found")
    await refusal_of(socket.ask("react", room=mine, id=secret, emoji="👍", on=True), "not_found")
    await refusal_of(socket.ask("readers", room=mine, id=secret), "not_found")


async def test_nobody_of_this_name(world: World, enter: Enter) -> None:
    socket = await enter(*world.people(1))
    for name in ("nobody-at-all", "", "x" * 10_000, "a b", "\u202e", "%"):
        await refusal_of(socket.ask("open_direct", username=name), "not_found", "bad_request")


# Shapes


async def command_of_each_kind(world: World, enter: Enter) -> tuple[Socket, dict[str, Frame]]:
    """A socket, and one right command of each type."""
    (ann,) = world.people(1)
    room = world.room(ann)
    socket = await enter(ann)
    message = (await send(socket, room, "Hello"))["id"]
    commands = dict(in_a_room(room))
    for kind in ("edit", "delete", "react", "readers"):
        commands[kind]["id"] = message
    commands["chat_message"]["reply_to"] = message
    commands["history"] |= {"before": 2, "limit": 10, "log": False}
    commands["delivered"] = {"cursors": {str(room): 1}}
    commands["open_direct"] = {"username": ann.name}
    commands["presence"] = {"state": "online"}
    del commands["join"], commands["leave"]  # as `open` for the one field that they have
    return socket, commands


WRONG: dict[type, list[object]] = {
    int: [None, True, 1.5, "1", [1], {"$ne": 1}, {}, -1, "", "1 OR 1=1"],
    str: [None, True, 1, ["a"], {"$gt": ""}],
    bool: [None, 0, 1, "true", []],
    dict: [None, True, 1, "1", [], {"x": 1}, {"1": "1"}, {"1": -1}, {"1": None}, {"-1": 1}],
}
"""Values that no field of this type takes."""

MAY_BE_NULL = {("open", "room"), ("chat_message", "reply_to"), ("history", "before")}


@pytest.mark.parametrize(
    "kind",
    [
        "chat_message",
        "edit",
        "delete",
        "react",
        "typing",
        "mark_read",
        "mark_unread",
        "delivered",
        "history",
        "readers",
        "open_direct",
        "open",
        "presence",
    ],
)
async def test_a_field_of_another_type_is_named(world: World, enter: Enter, kind: str) -> None:
    socket, commands = await command_of_each_kind(world, enter)
    right = commands[kind]
    for field, value in right.items():
        for wrong in WRONG[type(value)]:
            if wrong is None and (kind, field) in MAY_BE_NULL:
                continue
            found = await refusal_of(socket.ask(kind, **{**right, field: wrong}), "bad_request")
            assert found.frame["field"] == field, (field, wrong, found.frame)


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("chat_message", "room"),
        ("chat_message", "cid"),
        ("chat_message", "message"),
        ("edit", "id"),
        ("react", "emoji"),
        ("react", "on"),
        ("typing", "is_typing"),
        ("mark_read", "seq"),
        ("delivered", "cursors"),
        ("open", "room"),
        ("open_direct", "username"),
        ("presence", "state"),
    ],
)
async def test_a_missing_field_is_named(world: World, enter: Enter, kind: str, field: str) -> None:
    socket, commands = await command_of_each_kind(world, enter)
    fields = {name: value for name, value in commands[kind].items() if name != field}
    found = await refusal_of(socket.ask(kind, **fields), "bad_request")
    assert found.frame["field"] == field


@pytest.mark.parametrize(
    "cid",
    [
        "",
        "x",
        "6E0BD4A2-3C02-4C5E-8F5E-0D0F0A0B0C0D",
        "6e0bd4a23c024c5e8f5e0d0f0a0b0c0d",
        "{6e0bd4a2-3c02-4c5e-8f5e-0d0f0a0b0c0d}",
        "6e0bd4a2-3c02-4c5e-8f5e-0d0f0a0b0c0d\n",
        " 6e0bd4a2-3c02-4c5e-8f5e-0d0f0a0b0c0d",
        "6e0bd4a2-3c02-4c5e-8f5e-0d0f0a0b0c0\u0661",
        "a" * 60_000,
    ],
)
async def test_a_cid_is_a_uuid_in_lower_case(world: World, enter: Enter, cid: str) -> None:
    (ann,) = world.people(1)
    room = world.room(ann)
    found = await refusal_of(send(await enter(ann), room, "Hello", cid=cid), "bad_request")
    assert found.frame["field"] == "cid"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad_request"),
        (" \n\t ", "bad_request"),
        ("\u200b\u200d\u00ad\u3164", "bad_request"),
        ("bell \u0007", "bad_request"),
        ("escape \u001b[31m", "bad_request"),
        ("x" * 8_001, "too_large"),
        ("👍" * 8_001, "too_large"),
    ],
)
async def test_a_text_that_is_none(world: World, enter: Enter, text: str, code: str) -> None:
    (ann,) = world.people(1)
    room = world.room(ann)
    socket = await enter(ann)
    found = await refusal_of(send(socket, room, text), code)
    assert found.frame["field"] == "message"
    assert (await socket.ask("history", room=room))["head"] == 1


@pytest.mark.parametrize("emoji", ["", "a", "👍👍", "<b>", "👍" * 40, " ", "\u200d", ":smile:"])
async def test_an_emoji_that_is_none(world: World, enter: Enter, emoji: str) -> None:
    (ann,) = world.people(1)
    room = world.room(ann)
    socket = await enter(ann)
    message = (await send(socket, room, "Hello"))["id"]
    found = await refusal_of(
        socket.ask("react", room=room, id=message, emoji=emoji, on=True), "bad_request", "too_large"
    )
    assert found.frame["field"] == "emoji"


@pytest.mark.parametrize(
    "cursors",
    [
        {"\u0661": 1},
        {"1" * 5_000: 1},
        {"0": 1},
        {"00": 1},
        {"1.0": 1},
        {"": 1},
        {"1\n": 1},
        {"1": 1.5},
        {"1": True},
        {"9007199254740992": 1},
    ],
)
async def test_hello_with_strange_cursors(
    world: World, enter: Enter, cursors: dict[str, object]
) -> None:
    socket = await enter(*world.people(1), hello=False)
    error = await error_of(socket, {"type": "hello", "ref": 5, "cursors": cursors})
    assert (error["code"], error["ref"], error["field"]) == ("bad_request", 5, "cursors")
    await socket.hello()


async def test_hello_with_too_many_cursors(world: World, enter: Enter) -> None:
    socket = await enter(*world.people(1), hello=False)
    cursors = {str(room): 0 for room in range(1, 602)}
    error = await error_of(socket, {"type": "hello", "ref": 5, "cursors": cursors})
    assert error["code"] in ("too_large", "bad_request", "bad_frame")


@pytest.mark.parametrize("ref", [1.5, "1", True, [1], {}])
async def test_a_ref_is_an_integer(world: World, enter: Enter, ref: object) -> None:
    socket = await enter(*world.people(1))
    error = await error_of(socket, {"type": "presence", "ref": ref, "state": "online"})
    assert (error["code"], error["field"]) == ("bad_request", "ref")
    await still_served(socket)


async def test_any_integer_is_a_ref_also_twice(world: World, enter: Enter) -> None:
    socket = await enter(*world.people(1))
    for ref in (0, 2**53 - 1, -1, 7, 7):
        await socket.say({"type": "presence", "ref": ref, "state": "online"})
        await socket.until("ok", ref=ref)
