"""Friends, blocks, message requests and privacy, as the sockets of the people hear of them."""

from __future__ import annotations

import pytest

from tests.faults.wire import Frame, Socket
from tests.gateway.world import Enter, World, barrier, refusal_of, send

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.usefixtures("unharmed"),
]


async def arrives(socket: Socket, kind: str, **fields: object) -> Frame:
    """The last object of this type with these fields, which may have come already."""
    found = socket.of(kind, **fields)
    return found[-1] if found else await socket.until(kind, **fields)


async def test_a_friendship_is_live_on_all_devices(world: World, enter: Enter) -> None:
    ann, ben = world.people(2)
    one, phone, two = await enter(ann), await enter(ann), await enter(ben)
    answer = await one.ask("friend", username=ben.name, action="request", note="From the lake")
    asked = {"uid": ben.uid, "username": ben.name, "friend": False, "request": "out"}
    assert answer["contact"] == {**asked, "note": "From the lake"}
    assert (await arrives(phone, "contact"))["request"] == "out"
    heard = await arrives(two, "contact")
    assert (heard["uid"], heard["request"], heard["note"]) == (ann.uid, "in", "From the lake")
    notice = await arrives(two, "notification")
    assert (notice["kind"], notice["sender_uid"]) == ("friend_request", ann.uid)

    await two.ask("friend", username=ann.name.upper(), action="accept")
    assert (await arrives(phone, "contact", friend=True))["uid"] == ben.uid
    assert (await arrives(one, "notification"))["kind"] == "friend_accepted"
    await arrives(phone, "presence", uid=ben.uid, state="online")

    (ready,) = (await enter(ann)).of("ready")
    assert ready["contacts"] == [{"uid": ben.uid, "username": ben.name, "friend": True}]
    assert [person["uid"] for person in ready["people"]] == [ben.uid]
    await one.ask("friend", username=ben.name, action="remove")
    assert (await arrives(two, "contact", friend=False, request=None))["uid"] == ann.uid


async def test_friends_hear_of_each_other_without_a_room(world: World, enter: Enter) -> None:
    ann, ben = world.people(2)
    one = await enter(ann)
    world.backstage.do("befriend", one=ann.uid, other=ben.uid)
    two = await enter(ben)
    assert (await arrives(one, "presence", uid=ben.uid, state="online"))["state"] == "online"
    await two.ask("presence", state="away")
    await arrives(one, "presence", uid=ben.uid, state="away")


async def test_what_cannot_be_asked(world: World, enter: Enter) -> None:
    ann, ben = world.people(2)
    socket = await enter(ann)
    ask = socket.ask
    await refusal_of(ask("friend", username=ben.name, action="marry"), "bad_request")
    await refusal_of(ask("friend", username="nobody here", action="request"), "not_found")
    await refusal_of(ask("friend", username=ann.name, action="request"), "bad_request")
    await refusal_of(ask("friend", username=ben.name, action="accept"), "not_found")
    await refusal_of(ask("block", username=ann.name, on=True), "bad_request")
    await refusal_of(ask("privacy", online="enemies"), "bad_request")
    await refusal_of(ask("message_request", room=10**6, accept=True), "not_found")


async def test_a_block_takes_the_conversation_away_and_back(world: World, enter: Enter) -> None:
    ann, ben = world.people(2)
    one, two = await enter(ann), await enter(ben)
    room = (await one.ask("open_direct", username=ben.name))["room"]["room"]
    await send(one, room, "Hello")
    await arrives(two, "room_added", room=room)
    answer = await one.ask("block", username=ben.name, on=True)
    assert answer["contact"]["blocked"] is True
    await arrives(one, "room_removed", room=room)
    stored = await send(two, room, "Can you hear me?")
    await refusal_of(one.ask("open_direct", username=ben.name), "blocked")
    await refusal_of(
        one.ask("chat_message", room=room, message="x", cid="0" * 8 + "-0000" * 3 + "-" + "0" * 12),
        "blocked",
    )
    await barrier(one)
    texts = [told["message"] for told in one.of("chat_message", room=room)]
    assert texts == ["Hello"]

    await one.ask("block", username=ben.name, on=False)
    added = await arrives(one, "room_added", room=room, head=stored["seq"])
    assert added["unread"] == 0
    heard = await send(two, room, "And now?")
    await arrives(one, "chat_message", room=room, seq=heard["seq"])
    assert two.of("contact") == two.of("room_removed") == two.of("resync") == []


async def test_a_request_waits_and_is_answered(world: World, enter: Enter) -> None:
    ann, ben = world.people(2)
    one, two = await enter(ann), await enter(ben)
    told = await two.ask("privacy", write="friends")
    assert told["privacy"]["write"] == "friends"
    assert (await arrives(two, "privacy"))["online"] == "everyone"
    room = (await one.ask("open_direct", username=ben.name))["room"]["room"]
    first = await send(one, room, "You do not know me")
    await arrives(one, "chat_message", room=room)  # live in it: what passes is not repeated
    added = await arrives(two, "room_added", room=room)
    assert (added["request"], added["unread"]) == (True, 0)
    await two.ask("typing", room=room, is_typing=True)
    await two.ask("mark_read", room=room, seq=first["seq"])
    await barrier(one)
    assert one.of("user_typing") == one.of("message_read", uid=ben.uid) == []

    await two.ask("message_request", room=room, accept=True)
    opened = await arrives(two, "message_request", room=room)
    assert (opened["request"], opened["unread"]) == (False, 0)
    read = await arrives(one, "message_read", uid=ben.uid)
    assert read["seq"] == first["seq"]
    await arrives(one, "presence", uid=ben.uid, state="online")


async def test_who_hides_neither_shows_nor_sees(world: World, enter: Enter) -> None:
    ann, ben, cyd = world.people(3)
    room = world.room(ann, ben, cyd)
    one, two, three = await enter(ann), await enter(ben), await enter(cyd)
    await three.ask("open", room=room)
    await three.until("online_count", online_count=3)
    for other in (ben, cyd):
        await arrives(one, "presence", uid=other.uid, state="online")
    before = len(one.of("presence"))
    await one.ask("privacy", online="nobody")
    await arrives(two, "presence", uid=ann.uid, state="offline")
    await two.ask("presence", state="away")
    await arrives(three, "presence", uid=ben.uid, state="away")
    await one.ask("presence", state="away")
    await one.ask("presence", state="online")
    await three.ask("presence", state="away")
    await arrives(two, "presence", uid=cyd.uid, state="away")
    await barrier(one)
    assert len(one.of("presence")) == before
    await barrier(two)
    assert [e["state"] for e in two.of("presence", uid=ann.uid)][-1] == "offline"
    late = await enter(cyd)
    (ready,) = late.of("ready")
    states = {person["uid"]: person["state"] for person in ready["people"]}
    assert states.get(ann.uid, "offline") == "offline"
    await late.ask("open", room=room)
    await late.until("online_count", online_count=2)
