"""A block, a ban and a choice not to show something end what they should end."""

from __future__ import annotations

import json
import secrets

import pytest

from tests.faults.place import Place, has
from tests.gateway.world import barrier, refusal_of, send

pytestmark = pytest.mark.timeout(240)


# --- who is addressed ------------------------------------------------------------------------


async def test_names_that_look_alike_are_different_conversations(place: Place) -> None:
    """G03."""
    mark = secrets.token_hex(3)
    names = (f"a{mark}_b", "c", f"a{mark}", "b_c")
    ab, c, a, bc = place.world.backstage.people(*(f"{n}{mark}" if n == "c" else n for n in names))
    one, two = await place.enter(ab), await place.enter(a)
    first = (await one.ask("open_direct", username=c.name))["room"]["room"]
    second = (await two.ask("open_direct", username=bc.name))["room"]["room"]
    assert first != second
    own = (await one.ask("open_direct", username=ab.name.upper()))["room"]
    assert (own["members"], own["peer"]["uid"]) == (1, ab.uid)

    for kind, fields in {
        "history": {},
        "around": {"seq": 1},
        "pins": {},
        "open": {},
        "typing": {"is_typing": True},
        "mark_read": {"seq": 1},
        "draft": {"message": "x"},
        "notify": {"level": "all"},
        "message_request": {"accept": True},
    }.items():
        mine = await refusal_of(two.ask(kind, room=first, **fields), "not_found")
        none = await refusal_of(two.ask(kind, room=10**9, **fields), "not_found")
        assert mine.frame["message"] == none.frame["message"], kind
    await refusal_of(send(two, first, "Who is there?"), "not_found")
    await refusal_of(two.ask("open_direct", username=f"{first}"), "not_found")


async def test_who_is_blocked_notices_nothing(place: Place) -> None:
    """G03, with a blocker."""
    ann, ben, cyd = place.world.people(3)
    one, two = await place.enter(ann), await place.enter(ben)
    await one.ask("block", username=ben.name, on=True)
    to_blocker = (await two.ask("open_direct", username=ann.name))["room"]
    to_other = (await two.ask("open_direct", username=cyd.name))["room"]
    personal = {"room", "name", "peer", "updated_ts"}
    assert {k: v for k, v in to_blocker.items() if k not in personal} == {
        k: v for k, v in to_other.items() if k not in personal
    }
    room = to_blocker["room"]
    said = await send(two, room, "Hello?")
    assert set(said) == set(await send(two, to_other["room"], "Hello?"))
    asked = (await two.ask("friend", username=ann.name, action="request"))["contact"]
    assert asked["request"] == "out"
    await two.ask("mark_read", room=room, seq=said["seq"])
    found = await two.ask("readers", room=room, id=said["id"])
    assert (found["read_by"], found["delivered_to"]) == ([], [])
    again = await place.enter(ben)
    (ready,) = again.of("ready")
    assert "blocked" not in json.dumps(ready)
    await place.settled(ann, one)
    assert "Hello?" not in one.text
    assert one.of("notification") == one.of("room_added", room=room) == []


# --- what passes ------------------------------------------------------------------------------


async def test_nothing_passing_crosses_a_block(place: Place) -> None:
    """G09: typing, presence, last seen, receipts and counts, in both directions."""
    ann, ben, cyd = place.world.people(3)
    room = place.world.room(ann, ben, cyd)
    one, two, three = [await place.enter(who) for who in (ann, ben, cyd)]
    direct_room = (await one.ask("open_direct", username=ben.name))["room"]["room"]
    await send(one, direct_room, "Hello")
    await two.until("room_added", room=direct_room)
    await three.ask("open", room=room)
    await three.until("online_count", online_count=3)
    await one.ask("block", username=ben.name, on=True)
    await two.until("presence", uid=ann.uid, state="offline")
    await place.settled(ann, one)
    await place.settled(ben, two)
    pairs = ((one, ben), (two, ann))
    before = [(len(s.of("presence", uid=p.uid)), len(s.of("user_typing"))) for s, p in pairs]

    for active in (one, two):
        await active.ask("typing", room=room, is_typing=True)
        await active.ask("presence", state="away")
    for uid in (ann.uid, ben.uid):
        await has(three, "user_typing", uid=uid)
        await has(three, "presence", uid=uid, state="away")
    done = await send(three, room, "I have heard both")
    for socket in (one, two):
        await socket.until("chat_message", room=room, seq=done["seq"])
        await barrier(socket)
    after = [(len(s.of("presence", uid=p.uid)), len(s.of("user_typing"))) for s, p in pairs]
    assert after == before

    said = await send(two, direct_room, "Not for you")
    await one.ask("delivered", cursors={str(direct_room): said["seq"]})
    await refusal_of(one.ask("mark_read", room=direct_room, seq=said["seq"]), "not_found")
    await barrier(two)
    assert two.of("delivered", uid=ann.uid, room=direct_room) == []
    assert two.of("message_read", uid=ann.uid, room=direct_room) == []

    for who, other in ((ann, ben), (ben, ann)):
        late = await place.enter(who)
        (ready,) = late.of("ready")
        for person in ready["people"]:
            if person["uid"] == other.uid:
                assert (person["state"], person.get("last_seen_ts")) == ("offline", None)
        await late.ask("open", room=room)
        assert (await late.until("online_count", room=room))["online_count"] == 2


async def test_nothing_passing_reaches_who_was_removed(place: Place) -> None:
    """G09, of a room."""
    ann, ben, cyd = place.world.people(3)
    room = place.world.room(ann, ben, cyd)
    one, two, three = [await place.enter(who) for who in (ann, ben, cyd)]
    place.world.change("kick", room, ann, person=ben.uid)
    await two.until("room_removed", room=room)
    at = len(two.seen)
    await one.ask("typing", room=room, is_typing=True)
    await one.ask("presence", state="away")
    await has(three, "user_typing", uid=ann.uid)
    await has(three, "presence", uid=ann.uid, state="away")
    await place.settled(ben, two)
    rest = [frame["type"] for frame in two.seen[at:] if frame.get("room") == room]
    assert rest == []
    assert [f for f in two.seen[at:] if f["type"] in ("user_typing", "presence")] == []


async def test_a_ban_holds_on_every_way_back(place: Place) -> None:
    """G10: by joining, by a stale cursor, by asking for the room."""
    ann, ben = place.world.people(2)
    room = place.world.room(ann, ben, kind="public")
    one, two = await place.enter(ann), await place.enter(ben)
    known = await send(one, room, "Before")
    await two.until("chat_message", room=room, seq=known["seq"])
    place.world.change("ban", room, ann, person=ben.uid)
    await two.until("room_removed", room=room)
    after = await send(one, room, "Between ourselves")
    stale = await place.enter(ben, {room: known["seq"]})
    assert stale.of("room_removed", room=room)
    for socket in (two, stale):
        await refusal_of(socket.ask("join", room=room), "forbidden")
        await refusal_of(socket.ask("open", room=room), "not_found")
        await refusal_of(socket.ask("typing", room=room, is_typing=True), "not_found")
        await refusal_of(socket.ask("history", room=room), "forbidden")
        await refusal_of(socket.ask("around", room=room, seq=after["seq"]), "forbidden")
        await refusal_of(send(socket, room, "Let me in"), "forbidden")
        (ready,) = socket.of("ready")
        await barrier(socket)
        assert "Between ourselves" not in socket.text
    assert room not in [one["room"] for one in ready["rooms"]]


async def test_nothing_is_read_that_was_not_said_to_be(place: Place) -> None:
    """G13: neither by connecting nor by opening; a cursor is one's own and ends with the log."""
    ann, ben, cyd = place.world.people(3)
    room = place.world.room(ann, ben, cyd)
    one = await place.enter(ann)
    said = await send(one, room, "Unread")
    two, three = await place.enter(ben), await place.enter(cyd)
    await two.ask("open", room=room)
    await two.ask("history", room=room)
    await two.ask("presence", state="online")
    (ready,) = (await place.enter(ben)).of("ready")
    assert [(r["unread"], r["read"] < said["seq"]) for r in ready["rooms"]] == [(1, True)]
    assert one.of("message_read") == []

    answer = await two.ask("mark_read", room=room, seq=said["seq"] + 10**6, uid=cyd.uid)
    assert (answer["read"], answer["unread"]) == (said["seq"], 0)
    read = await one.until("message_read")
    assert (read["uid"], read["seq"]) == (ben.uid, said["seq"])
    (ready,) = (await place.enter(cyd)).of("ready")
    assert [r["unread"] for r in ready["rooms"]] == [1]

    await three.ask("privacy", receipts="nobody")
    await place.settled(cyd, three)
    before = len(three.of("message_read", uid=ben.uid))
    await three.ask("mark_read", room=room, seq=said["seq"])
    more = await send(one, room, "And this")
    await two.until("chat_message", room=room, seq=more["seq"])
    await two.ask("mark_read", room=room, seq=more["seq"])
    await one.until("message_read", uid=ben.uid, seq=more["seq"])
    await three.until("chat_message", room=room, seq=more["seq"])
    await barrier(three)
    assert len(three.of("message_read", uid=ben.uid)) == before
    assert one.of("message_read", uid=cyd.uid) == []
    found = await one.ask("readers", room=room, id=said["id"])
    assert [reader["uid"] for reader in found["read_by"]] == [ben.uid]
