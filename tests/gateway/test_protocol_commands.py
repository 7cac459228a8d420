"""Every command of the protocol does what its page says, with the events that it names."""

from __future__ import annotations

import asyncio
import json
import urllib.parse
import urllib.request
from collections.abc import Awaitable

import pytest

from tests.faults.backstage import Person
from tests.faults.wire import Frame, Refusal, Socket
from tests.gateway.world import Enter, World, barrier, new_cid, refusal_of, send
from tests.services import direct

SUMMARY = {
    "room",
    "kind",
    "slug",
    "name",
    "topic",
    "head",
    "read",
    "delivered",
    "unread",
    "role",
    "receipts",
    "history",
    "updated_ts",
}


async def refused(code: str, asked: Awaitable[object]) -> Refusal:
    """The refusal that a command gets."""
    return await refusal_of(asked, code)


async def two_in_a_room(world: World, enter: Enter, **room: str) -> tuple[Socket, Socket, int]:
    """Two people with a socket each in a new room; the first one owns it."""
    ann, ben = world.people(2)
    made = world.room(ann, ben, **room)
    return await enter(ann), await enter(ben), made


def me(socket: Socket) -> int:
    """Whose socket it is."""
    uid: int = socket.of("welcome")[0]["user"]["uid"]
    return uid


# The beginning


async def test_welcome_comes_first(world: World, enter: Enter) -> None:
    (ann,) = world.people(1)
    socket = await enter(ann)
    welcome = socket.seen[0]
    assert welcome["type"] == "welcome"
    assert welcome["v"] == 1
    assert welcome["user"]["uid"] == ann.uid
    assert welcome["user"]["username"] == ann.name
    assert welcome["heartbeat_ms"] == 25_000
    assert welcome["limits"]["frame"] == 64 * 1024
    assert welcome["limits"]["message"] == 8_000
    assert welcome["limits"]["depth"] == 16
    assert isinstance(welcome["epoch"], str)
    assert isinstance(welcome["conn"], str)
    assert isinstance(welcome["server_ts"], int)
    assert isinstance(welcome["features"], list)
    assert socket.subprotocol == "loopchat.v1"


async def test_ready_lists_my_rooms_and_people(world: World, enter: Enter) -> None:
    ann, ben, cat = world.people(3)
    mine = world.room(ann, ben, name="Greenhouse", kind="public")
    foreign = world.room(cat)
    socket = await enter(ann)
    await enter(ben)
    ready = socket.of("ready")[0]
    rooms = {room["room"]: room for room in ready["rooms"]}
    assert foreign not in rooms
    assert set(rooms[mine]) >= SUMMARY
    assert rooms[mine]["kind"] == "public"
    assert rooms[mine]["name"] == "Greenhouse"
    assert rooms[mine]["slug"] == "greenhouse"
    assert rooms[mine]["role"] == "owner"
    assert rooms[mine]["head"] == 2  # two people came
    assert rooms[mine]["unread"] == 0
    assert rooms[mine]["receipts"] is True
    assert rooms[mine]["history"] == "shared"
    assert "last" not in rooms[mine]
    await socket.until("presence", uid=ben.uid, state="online")
    again = await enter(ann)
    people = {person["uid"]: person for person in again.of("ready")[0]["people"]}
    assert people[ben.uid]["username"] == ben.name


async def test_a_browser_signs_in_with_its_cookie(world: World, enter: Enter) -> None:
    (ann,) = world.people(1)
    socket = await enter(ann.browser(world.server.url))
    assert me(socket) == ann.uid


# Messages


async def test_chat_message_is_stored_and_told(world: World, enter: Enter) -> None:
    ann, ben, room = await two_in_a_room(world, enter)
    cid = new_cid()
    ok = await send(ann, room, "The beans are up.", cid=cid)
    assert ok["seq"] == 3
    assert "dup" not in ok
    for socket in (ann, ben):
        told = await socket.until("chat_message", room=room)
        assert told["seq"] == 3
        assert told["n"] == 1
        assert told["id"] == ok["id"]
        assert told["ts"] == ok["ts"]
        assert told["uid"] == me(ann)
        assert told["cid"] == cid
        assert told["message"] == "The beans are up."
    assert (await send(ben, room, "All of them?"))["seq"] == 4
    assert (await ann.until("chat_message", seq=4))["n"] == 2


async def test_nobody_speaks_for_another(world: World, enter: Enter) -> None:
    ann, ben, room = await two_in_a_room(world, enter)
    spoofed = {
        "username": "person1",
        "uid": me(ben),
        "sender": me(ben),
        "id": 7,
        "seq": 99,
        "ts": 1,
    }
    ok = await send(ann, room, "It is me.", **spoofed)
    told = await ben.until("chat_message", room=room)
    assert (told["uid"], told["seq"], told["id"], told["ts"]) == (
        me(ann),
        ok["seq"],
        ok["id"],
        ok["ts"],
    )


async def test_the_same_cid_is_the_same_message(world: World, enter: Enter) -> None:
    ann, ben, room = await two_in_a_room(world, enter)
    other = world.room(*world.people(1))
    cid = new_cid()
    first = await send(ann, room, "Once", cid=cid)
    again = await send(ann, room, "Once\n", cid=cid)  # cleaned, it is the same text
    assert (again["seq"], again["id"], again["dup"]) == (first["seq"], first["id"], True)
    await refused("cid_conflict", send(ann, room, "Another", cid=cid))
    await refused("cid_conflict", send(ann, other, "Once", cid=cid))
    await refused("cid_conflict", send(ann, room, "Once", cid=cid, reply_to=first["id"]))
    own = await send(ben, room, "Once", cid=cid)  # somebody else's cid is another one
    assert own["id"] != first["id"]
    await barrier(ben)
    assert len(ben.of("chat_message", room=room, cid=cid)) == 2


async def test_the_same_cid_after_edit_deletion_and_removal(world: World, enter: Enter) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, ben)
    socket = await enter(ben)
    cid = new_cid()
    first = await send(socket, room, "Once", cid=cid)

    async def repeated() -> None:
        again = await send(socket, room, "Once", cid=cid)
        assert (again["seq"], again["id"], again["dup"]) == (first["seq"], first["id"], True)

    await socket.ask("edit", room=room, id=first["id"], message="Twice")
    await repeated()
    await socket.ask("delete", room=room, id=first["id"])
    await repeated()
    page = await socket.ask("history", room=room)
    (tombstone,) = [item for item in page["items"] if item["type"] == "chat_message"]
    assert "message" not in tombstone
    world.change("kick", room, ann, person=ben.uid)
    await socket.until("room_removed", room=room)
    await repeated()


async def test_the_same_cid_from_many_sockets_at_once(world: World, enter: Enter) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, ben)
    sockets = [await enter(ann) for _ in range(5)]
    watcher = await enter(ben)
    cid = new_cid()
    answers = await asyncio.gather(
        *(send(socket, room, "Once", cid=cid) for socket in sockets for _ in range(4))
    )
    assert len({(answer["seq"], answer["id"]) for answer in answers}) == 1
    assert sum("dup" not in answer for answer in answers) == 1
    await watcher.until("chat_message", cid=cid)
    await send(sockets[0], room, "After")
    await watcher.until("chat_message", message="After")
    assert len(watcher.of("chat_message", cid=cid)) == 1


async def test_a_reply_names_its_message(world: World, enter: Enter) -> None:
    ann, ben, room = await two_in_a_room(world, enter)
    question = await send(ann, room, "Where are the beans?")
    await send(ben, room, "In the garden.", reply_to=question["id"])
    told = await ann.until("chat_message", message="In the garden.")
    assert told["reply_to"] == question["id"]
    page = await ann.ask("history", room=room, limit=1)
    assert [quoted["message"] for quoted in page["quoted"]] == ["Where are the beans?"]


async def test_a_reply_to_another_room_is_refused(world: World, enter: Enter) -> None:
    ann, ben, cat = world.people(3)
    room, other = world.room(ann, ben), world.room(ben, cat)
    secret = await send(await enter(ben), other, "A secret")
    await refused("not_found", send(await enter(ann), room, "What?", reply_to=secret["id"]))


async def test_text_is_stored_as_it_was_sent(world: World, enter: Enter) -> None:
    ann, ben, room = await two_in_a_room(world, enter)
    for text in (
        "<b>&amp;</b>",
        "👩‍👩‍👧‍👦 ü u\u0308",
        "a\tb\nc",
        "\u202eabc",
        "x" * 8_000,
        "👍" * 8_000,
    ):
        await send(ann, room, text)
        assert (await ben.until("chat_message", room=room))["message"] == text


async def test_edit_replaces_the_text(world: World, enter: Enter) -> None:
    ann, ben, room = await two_in_a_room(world, enter)
    message = await send(ann, room, "The bens are up.")
    edited = await ann.ask("edit", room=room, id=message["id"], message="The beans are up.")
    told = await ben.until("edited", room=room)
    assert (told["seq"], told["id"], told["uid"]) == (edited["seq"], message["id"], me(ann))
    assert told["message"] == "The beans are up."
    same = await ann.ask("edit", room=room, id=message["id"], message="The beans are up.")
    assert same["seq"] == edited["seq"]
    page = await ben.ask("history", room=room, limit=1)
    assert page["items"][0]["message"] == "The beans are up."
    assert isinstance(page["items"][0]["edited_ts"], int)
    await refused("forbidden", ben.ask("edit", room=room, id=message["id"], message="No."))


async def test_an_edit_shows_no_text_to_who_joined_later(world: World, enter: Enter) -> None:
    ann, ben, room = await two_in_a_room(world, enter, history="joined")
    message = await send(ann, room, "Before Cat came")
    (cat,) = world.people(1)
    late = await enter(cat)
    world.change("invite", room, world.by_uid[me(ann)], people=[cat.uid])
    await late.until("membership", room=room, uid=cat.uid)
    await ann.ask("edit", room=room, id=message["id"], message="A secret for Ben")
    assert "message" not in await late.until("edited", room=room)
    page = await late.ask("history", room=room)
    assert page["complete"] is True
    assert [item["type"] for item in page["items"]] == ["membership"]
    assert "secret" not in str(late.seen)
    assert (await ben.until("edited", room=room))["id"] == message["id"]


async def test_delete_leaves_an_empty_place(world: World, enter: Enter) -> None:
    ann, ben, room = await two_in_a_room(world, enter)
    message = await send(ben, room, "A slip of the tongue")
    gone = await ben.ask("delete", room=room, id=message["id"])
    told = await ann.until("deleted", room=room)
    assert (told["seq"], told["id"], told["uid"]) == (gone["seq"], message["id"], me(ben))
    assert (await ben.ask("delete", room=room, id=message["id"]))["seq"] == gone["seq"]
    for log in (False, True):
        page = await ann.ask("history", room=room, log=log)
        assert "slip" not in str(page)
        (place,) = [item for item in page["items"] if item.get("id") == message["id"]][:1]
        assert place["seq"] == message["seq"]
        assert isinstance(place["deleted_ts"], int)
    await refused("not_found", ben.ask("edit", room=room, id=message["id"], message="Again"))


async def test_moderators_delete_what_others_wrote(world: World, enter: Enter) -> None:
    ann, ben, room = await two_in_a_room(world, enter)
    by_ann, by_ben = await send(ann, room, "Mine"), await send(ben, room, "Yours")
    await refused("forbidden", ben.ask("delete", room=room, id=by_ann["id"]))
    await ann.ask("delete", room=room, id=by_ben["id"])


async def test_react_on_and_off(world: World, enter: Enter) -> None:
    ann, ben, room = await two_in_a_room(world, enter)
    message = await send(ann, room, "The beans are up.")
    on = await ben.ask("react", room=room, id=message["id"], emoji="👍", on=True)
    told = await ann.until("reaction", room=room)
    assert (told["seq"], told["id"], told["uid"]) == (on["seq"], message["id"], me(ben))
    assert (told["emoji"], told["on"]) == ("👍", True)
    assert "seq" not in await ben.ask("react", room=room, id=message["id"], emoji="👍", on=True)
    page = await ann.ask("history", room=room, limit=1)
    assert page["items"][0]["reactions"] == {"👍": {"n": 1, "uids": [me(ben)]}}
    await ben.ask("react", room=room, id=message["id"], emoji="👍", on=False)
    assert (await ann.until("reaction", on=False))["emoji"] == "👍"
    page = await ann.ask("history", room=room, limit=1)
    assert not page["items"][0].get("reactions")


# What passes


async def test_typing_is_told_to_the_others(world: World, enter: Enter) -> None:
    ann, ben, room = await two_in_a_room(world, enter)
    await send(ann, room, "What passes may be lost while a room is only becoming live.")
    await ben.until("chat_message", room=room)
    assert set(await ann.ask("typing", room=room, is_typing=True)) == {"type", "ref"}
    told = await ben.until("user_typing", room=room)
    assert (told["uid"], told["is_typing"]) == (me(ann), True)
    assert told["ttl_ms"] > 0
    await ann.ask("typing", room=room, is_typing=False)
    await ben.until("user_typing", is_typing=False)
    refusal = await refused("rate_limited", ann.ask("typing", room=room, is_typing=True))
    assert 0 < refusal.retry_after <= 2
    await barrier(ann)
    assert not ann.of("user_typing")


async def test_typing_without_ref_has_no_answer(world: World, enter: Enter) -> None:
    ann, ben, room = await two_in_a_room(world, enter)
    await send(ann, room, "As above")
    await ben.until("chat_message", room=room)
    await ann.say({"type": "typing", "room": room, "is_typing": True})
    await ben.until("user_typing", room=room)
    await barrier(ann)
    assert not ann.of("ok")
    assert not ann.of("error")


async def test_presence_is_told_to_people_who_share_a_room(world: World, enter: Enter) -> None:
    ann, ben, _ = await two_in_a_room(world, enter)
    await ben.ask("presence", state="away")
    await ann.until("presence", uid=me(ben), state="away")
    await ben.ask("presence", state="online")
    await ann.until("presence", uid=me(ben), state="online")


async def test_open_tells_how_many_are_there(world: World, enter: Enter) -> None:
    ann, ben, room = await two_in_a_room(world, enter)
    await ann.ask("open", room=room)
    await ann.until("online_count", room=room, online_count=2)
    await ann.ask("open", room=None)
    await barrier(ben)
    assert not ben.of("online_count")


async def test_open_tells_where_the_others_are(world: World, enter: Enter) -> None:
    ann, ben, room = await two_in_a_room(world, enter)
    await send(ann, room, "Did you see this?")
    said = await ben.until("chat_message", room=room)
    await ben.ask("mark_read", room=room, seq=said["seq"])
    told = (await ann.ask("open", room=room))["cursors"]
    assert told == [{"uid": me(ben), "read": said["seq"], "delivered": said["seq"]}]
    await ben.ask("preferences", receipts=False)
    assert "cursors" not in await ann.ask("open", room=room)


async def test_open_shows_the_lobby_and_its_changes(world: World, enter: Enter) -> None:
    ann, ben = world.people(2)
    known = world.room(ann, kind="public", name="Known")
    secret = world.room(ann, name="Secret")
    looking, elsewhere = await enter(ben), await enter(ann)
    answer = await looking.ask("open", room=None)
    offers = {one["room"]: one for one in answer["rooms"]}
    assert (offers[known]["type"], offers[known]["members"]) == ("public_room", 1)
    assert secret not in offers
    made = await form(world, ann, "create", kind="public", name="Shed")
    told = await looking.until("public_room", room=made, members=1)
    assert (told["name"], told["topic"]) == ("Shed", "")
    await form(world, ann, f"{secret}/rename", name="More secret")
    await form(world, ann, f"{made}/rename", name="Barn")
    assert (await looking.until("public_room", name="Barn"))["slug"] == told["slug"]
    await form(world, ann, f"{known}/leave")
    await looking.until("public_room", room=known, members=0)
    gone = {"type": "public_room", "room": made, "gone": True}
    await form(world, ann, f"{made}/archive", on="1")
    assert await looking.until("public_room", room=made, gone=True) == gone
    await form(world, ann, f"{made}/archive")
    await looking.until("public_room", room=made, members=1)
    await form(world, ann, f"{made}/delete")
    assert await looking.until("public_room", room=made, gone=True) == gone
    await barrier(elsewhere)
    assert secret not in [one["room"] for one in looking.of("public_room")]
    assert not elsewhere.of("public_room")


async def test_ping_is_answered(world: World, enter: Enter) -> None:
    (ann,) = world.people(1)
    socket = await enter(ann)
    await socket.say({"type": "ping", "n": 7})
    pong = await socket.until("pong", n=7)
    assert isinstance(pong["server_ts"], int)


# Cursors


async def test_mark_read_moves_forward_only(world: World, enter: Enter) -> None:
    ann, ben, room = await two_in_a_room(world, enter)
    phone = await enter(world.by_uid[me(ben)])
    seqs = [(await send(ann, room, f"Message {number}"))["seq"] for number in range(3)]
    read = await ben.ask("mark_read", room=room, seq=seqs[1])
    assert (read["read"], read["unread"]) == (seqs[1], 1)
    told = await ann.until("message_read", room=room, uid=me(ben))
    assert told["seq"] == seqs[1]
    assert "unread" not in told
    assert (await phone.until("message_read", room=room))["unread"] == 1
    back = await ben.ask("mark_read", room=room, seq=seqs[0])
    assert (back["read"], back["unread"]) == (seqs[1], 1)
    beyond = await ben.ask("mark_read", room=room, seq=2**53 - 1)
    assert (beyond["read"], beyond["unread"]) == (seqs[2], 0)
    again = await enter(world.by_uid[me(ben)])
    summary = summary_of(again, room)
    assert (summary["read"], summary["unread"]) == (seqs[2], 0)


async def test_unread_counts_messages_of_others(world: World, enter: Enter) -> None:
    ann, ben, room = await two_in_a_room(world, enter)
    first = await send(ann, room, "One")
    await send(ben, room, "Own")
    await send(ann, room, "Two")
    await ann.ask("edit", room=room, id=first["id"], message="One, edited")
    await ann.ask("delete", room=room, id=first["id"])
    read = await ben.ask("mark_read", room=room, seq=0)
    assert read["unread"] == 2  # a tombstone counts, changes and own messages do not
    assert (await ann.ask("mark_read", room=room, seq=0))["unread"] == 1


async def test_mark_unread_draws_a_line(world: World, enter: Enter) -> None:
    ann, ben, room = await two_in_a_room(world, enter)
    seq = (await send(ann, room, "For later"))["seq"]
    await ben.ask("mark_read", room=room, seq=seq)
    phone = await enter(world.by_uid[me(ben)])
    assert (await ben.ask("mark_unread", room=room, seq=seq))["unread_from"] == seq
    assert (await phone.until("message_read", room=room))["unread_from"] == seq
    tablet = await enter(world.by_uid[me(ben)])
    assert summary_of(tablet, room)["unread_from"] == seq
    await ben.ask("mark_read", room=room, seq=seq)
    assert "unread_from" not in await phone.until("message_read", room=room)


async def test_delivered_is_told(world: World, enter: Enter) -> None:
    ann, ben, room = await two_in_a_room(world, enter)
    seq = (await send(ann, room, "Has it come?"))["seq"]
    await ben.ask("delivered", cursors={str(room): seq})
    told = await ann.until("delivered", room=room)
    assert (told["uid"], told["seq"]) == (me(ben), seq)
    await ben.ask("delivered", cursors={str(room): seq})
    await refused("rate_limited", ben.ask("delivered", cursors={str(room): seq}))


async def test_readers_says_who_has_seen_a_message(world: World, enter: Enter) -> None:
    ann, ben, room = await two_in_a_room(world, enter)
    message = await send(ann, room, "Have you seen it?")
    nobody = await ann.ask("readers", room=room, id=message["id"])
    assert (nobody["read_by"], nobody["delivered_to"]) == ([], [])
    await ben.ask("mark_read", room=room, seq=message["seq"])
    seen = await ann.ask("readers", room=room, id=message["id"])
    assert [reader["uid"] for reader in seen["read_by"]] == [me(ben)]
    assert isinstance(seen["read_by"][0]["ts"], int)
    assert seen["delivered_to"] == [me(ben)]


# History


async def test_pages_of_history_touch(world: World, enter: Enter) -> None:
    ann, _, room = await two_in_a_room(world, enter)
    texts = [f"Message {number}" for number in range(25)]
    for text in texts:
        await send(ann, room, text)
    found: list[Frame] = []
    before: dict[str, int] = {}
    while True:
        page = await ann.ask("history", room=room, limit=10, **before)
        assert page["head"] == 27
        assert not found or page["to"] == before["before"] - 1
        found[:0] = page["items"]
        if page["complete"]:
            break
        before = {"before": page["from"]}
    assert page["from"] == 1
    assert [item["message"] for item in found if item["type"] == "chat_message"] == texts
    assert [item["seq"] for item in found] == list(range(1, 28))
    forward = await ann.ask("history", room=room, after=20, limit=3)
    assert [item["seq"] for item in forward["items"]] == [21, 22, 23]
    assert (forward["from"], forward["to"], forward["complete"]) == (21, 23, False)
    last = await ann.ask("history", room=room, after=23, limit=100)
    assert (last["from"], last["to"], last["complete"]) == (24, 27, True)


async def test_history_folds_changes_in_and_the_log_tells_them(world: World, enter: Enter) -> None:
    ann, ben, room = await two_in_a_room(world, enter)
    message = await send(ann, room, "First")
    await ann.ask("edit", room=room, id=message["id"], message="Second")
    await ben.ask("react", room=room, id=message["id"], emoji="👍", on=True)
    drawn = await ann.ask("history", room=room)
    assert [item["type"] for item in drawn["items"]] == ["membership", "membership", "chat_message"]
    assert (drawn["from"], drawn["to"], drawn["head"]) == (1, 5, 5)
    log = await ann.ask("history", room=room, log=True)
    assert [item["seq"] for item in log["items"]] == [1, 2, 3, 4, 5]
    assert [item["type"] for item in log["items"][2:]] == ["chat_message", "edited", "reaction"]


async def test_a_page_of_long_messages_is_cut(world: World, enter: Enter) -> None:
    ann, _, room = await two_in_a_room(world, enter)
    for number in range(12):
        await send(ann, room, "\u4e00" * 7_990 + str(number))  # 24 KB of UTF-8 each
    page = await ann.ask("history", room=room, limit=100)
    assert 1 <= len(page["items"]) < 12
    assert page["complete"] is False
    assert page["from"] == page["items"][0]["seq"]
    older = await ann.ask("history", room=room, limit=100, before=page["from"])
    assert older["to"] == page["from"] - 1


# Rooms


async def test_join_begins_with_the_own_join(world: World, enter: Enter) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, kind="public")
    owner, guest = await enter(ann), await enter(ben)
    await send(owner, room, "Before")
    await refused("forbidden", send(guest, room, "May I?"))
    await refused("forbidden", guest.ask("history", room=room))
    ok = await guest.ask("join", room=room)
    added = await guest.until("room_added", room=room)
    assert set(added) >= SUMMARY | {"type"}
    assert added["unread"] == 0
    own = await guest.until("membership", room=room)
    assert (own["seq"], own["uid"], own["kind"]) == (ok["seq"], ben.uid, "join")
    assert own["seq"] == added["head"] + 1
    await owner.until("membership", uid=ben.uid, kind="join")
    assert (await guest.ask("join", room=room))["seq"] == ok["seq"]
    await send(owner, room, "Welcome!")
    assert (await guest.until("chat_message"))["message"] == "Welcome!"
    page = await guest.ask("history", room=room)
    assert "Before" in str(page["items"])  # the room's history is shared


async def test_leave_ends_everything(world: World, enter: Enter) -> None:
    ann, ben, room = await two_in_a_room(world, enter)
    ok = await ben.ask("leave", room=room)
    own = await ben.until("membership", room=room, kind="leave")
    assert own["seq"] == ok["seq"]
    await ben.until("room_removed", room=room)
    await send(ann, room, "Alone")
    await ann.until("chat_message", message="Alone")
    await barrier(ben)
    assert "Alone" not in str(ben.seen)
    await refused("not_found", send(ben, room, "Hello?"))
    await refused("not_found", ben.ask("history", room=room))


@pytest.mark.parametrize("verb", ["kick", "ban"])
async def test_removal_is_the_last_event(world: World, enter: Enter, verb: str) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, ben, kind="public")
    owner, guest = await enter(ann), await enter(ben)
    world.change(verb, room, ann, person=ben.uid)
    own = await guest.until("membership", room=room)
    assert (own["uid"], own["kind"], own["by"]) == (ben.uid, verb, ann.uid)
    await guest.until("room_removed", room=room)
    if verb == "ban":
        await refused("forbidden", guest.ask("join", room=room))
    else:
        await guest.ask("join", room=room)
        await guest.until("room_added", room=room)
    await owner.until("membership", uid=ben.uid, kind=verb)


async def test_an_invitation_adds_the_room(world: World, enter: Enter) -> None:
    ann, ben = world.people(2)
    room = world.room(ann)
    guest = await enter(ben)
    world.change("invite", room, ann, people=[ben.uid])
    added = await guest.until("room_added", room=room)
    own = await guest.until("membership", room=room)
    assert (own["seq"], own["by"]) == (added["head"] + 1, ann.uid)


async def test_changes_of_the_room_are_told(world: World, enter: Enter) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, ben)
    socket = await enter(ben)
    world.change("rename", room, ann, name="Greenhouse")
    changed = await socket.until("room", room=room)
    assert (changed["name"], changed["seq"]) == ("Greenhouse", 3)
    world.change("set_topic", room, ann, topic="Tomatoes")
    assert (await socket.until("room", room=room))["topic"] == "Tomatoes"
    world.change("archive", room, ann, on=True)
    assert (await socket.until("room", room=room))["archived"] is True
    await refused("archived", send(socket, room, "Too late"))
    assert (await socket.ask("history", room=room))["head"] == 5


async def test_a_role_is_told(world: World, enter: Enter) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, ben)
    socket = await enter(ben)
    world.change("set_role", room, ann, person=ben.uid, role="moderator")
    told = await socket.until("membership", room=room, kind="role")
    assert (told["uid"], told["role"]) == (ben.uid, "moderator")


async def test_a_deleted_room_is_gone_for_all(world: World, enter: Enter) -> None:
    ann, ben, room = await two_in_a_room(world, enter)
    world.change("delete", room, world.by_uid[me(ann)])
    for socket in (ann, ben):
        await socket.until("room_removed", room=room)
        await refused("not_found", send(socket, room, "Hello?"))


async def test_open_direct_makes_one_room_for_two(world: World, enter: Enter) -> None:
    ann, ben, cat = world.people(3)
    one, two, three = await enter(ann), await enter(ben), await enter(cat)
    room = (await one.ask("open_direct", username=ben.name.upper()))["room"]
    assert set(room) >= SUMMARY
    assert room["kind"] == "direct"
    assert room["peer"]["uid"] == ben.uid
    back = (await two.ask("open_direct", username=ann.name))["room"]
    assert back["room"] == room["room"]
    assert back["peer"]["uid"] == ann.uid
    await one.until("room_added", room=room["room"])
    await two.until("room_added", room=room["room"])
    await send(two, room["room"], "Just us")
    await one.until("chat_message", message="Just us")
    await refused("not_found", three.ask("history", room=room["room"]))
    await refused("forbidden", one.ask("leave", room=room["room"]))
    assert not three.of("room_added")


async def test_open_direct_with_oneself(world: World, enter: Enter) -> None:
    (ann,) = world.people(1)
    socket = await enter(ann)
    room = (await socket.ask("open_direct", username=ann.name))["room"]["room"]
    assert (await send(socket, room, "A note"))["seq"] >= 1
    await socket.until("chat_message", message="A note")


# Order


async def test_pipelined_commands_keep_their_order(world: World, enter: Enter) -> None:
    ann, ben, room = await two_in_a_room(world, enter)
    answers = []
    for number in range(200):
        ref, answer = ann.expect()
        answers.append(answer)
        frame = {"type": "chat_message", "ref": ref, "room": room, "cid": new_cid()}
        await ann.say({**frame, "message": f"Message {number}"})
    seqs = [(await answer)["seq"] for answer in answers]
    assert seqs == list(range(3, 203))
    await ben.until("chat_message", seq=202)
    told = ben.of("chat_message", room=room)
    assert [frame["seq"] for frame in told] == seqs
    assert [frame["message"] for frame in told] == [f"Message {number}" for number in range(200)]


async def test_a_read_sees_the_writes_before_it(world: World, enter: Enter) -> None:
    ann, _, room = await two_in_a_room(world, enter)
    for number in range(10):
        _, stored = ann.expect()
        ref, page = ann.expect()
        frame = {"type": "chat_message", "ref": ref - 1, "room": room, "cid": new_cid()}
        await ann.say({**frame, "message": f"Message {number}"})
        await ann.say({"type": "history", "ref": ref, "room": room, "limit": 1})
        assert (await page)["items"][0]["message"] == f"Message {number}"
        await stored


# Coming back


async def test_missed_events_come_before_ready(world: World, enter: Enter) -> None:
    ann, ben = world.people(2)
    room, quiet = world.room(ann, ben), world.room(ann, ben)
    writer = await enter(ann)
    for number in range(500):
        await writer.say(
            {"type": "chat_message", "room": room, "cid": new_cid(), "message": f"{number}"}
        )
    await writer.until("chat_message", seq=502)
    reader = await enter(ben, {room: 2, quiet: 2})
    kinds = [frame["type"] for frame in reader.seen]
    assert kinds[:502] == ["welcome", *["chat_message"] * 500, "ready"]
    assert [frame["seq"] for frame in reader.of("chat_message")] == list(range(3, 503))
    await send(writer, room, "Live again")
    assert (await reader.until("chat_message", room=room))["seq"] == 503


async def test_too_many_missed_events_are_a_resync(world: World, enter: Enter) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, ben)
    writer = await enter(ann)
    for number in range(501):
        await writer.say(
            {"type": "chat_message", "room": room, "cid": new_cid(), "message": f"{number}"}
        )
    await writer.until("chat_message", seq=503)
    reader = await enter(ben, {room: 2})
    assert not reader.of("chat_message")
    (resync,) = reader.of("resync")
    assert (resync["room"], resync["head"], resync["reason"]) == (room, 503, "too_far")
    assert [frame["type"] for frame in reader.seen] == ["welcome", "resync", "ready"]
    await send(writer, room, "Live again")
    assert (await reader.until("chat_message", room=room))["seq"] == 504


async def test_a_cursor_beyond_the_log_is_a_resync(world: World, enter: Enter) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, ben)
    (resync,) = (await enter(ben, {room: 1000})).of("resync")
    assert (resync["head"], resync["reason"]) == (2, "ahead")


async def test_a_cursor_of_another_epoch_is_void(world: World, enter: Enter) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, ben)
    socket = await enter(ben, hello=False)
    await socket.until("welcome")
    await socket.hello({room: 1}, epoch="of another time")
    (resync,) = socket.of("resync")
    assert (resync["room"], resync["head"], resync["reason"]) == (room, 2, "epoch")
    assert not socket.of("membership")


async def test_cursors_of_rooms_that_are_not_mine(world: World, enter: Enter) -> None:
    ann, ben = world.people(2)
    foreign = world.room(ann)
    socket = await enter(ben, {foreign: 0, 2**52: 5})
    assert {frame["room"] for frame in socket.of("room_removed")} == {foreign, 2**52}
    assert [frame["type"] for frame in socket.seen] == [
        "welcome",
        "room_removed",
        "room_removed",
        "ready",
    ]


async def test_who_was_removed_meanwhile_learns_it(world: World, enter: Enter) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, ben)
    writer = await enter(ann)
    await send(writer, room, "Ben may read this")
    world.change("kick", room, ann, person=ben.uid)
    await send(writer, room, "Ben may not read this")
    socket = await enter(ben, {room: 2})
    kinds = [frame["type"] for frame in socket.seen]
    assert kinds == ["welcome", "chat_message", "membership", "room_removed", "ready"]
    assert socket.of("membership")[0]["kind"] == "kick"
    assert "may not" not in str(socket.seen)


async def test_unknown_fields_are_ignored(world: World, enter: Enter) -> None:
    ann, ben, room = await two_in_a_room(world, enter)
    await send(ann, room, "Hello", colour="green", nested={"a": [1, {"b": None}]})
    assert set(await ben.until("chat_message", room=room)) == {
        "type",
        "room",
        "seq",
        "n",
        "id",
        "uid",
        "username",
        "cid",
        "message",
        "ts",
    }


async def test_the_server_wrote_no_traceback(world: World) -> None:
    assert world.tracebacks == []


async def form(world: World, by: Person, path: str, **fields: str) -> int:
    """Send a form of the pages; the room that the answer is about."""
    url = f"{world.server.url}/chat/rooms/{path}/"
    headers = {"Authorization": f"Bearer {by.token}", "Accept": "application/json"}
    request = urllib.request.Request(url, urllib.parse.urlencode(fields).encode(), headers)
    with await asyncio.to_thread(direct.open, request) as answer:
        return int(json.load(answer).get("room", {}).get("room", 0))


def summary_of(socket: Socket, room: int) -> Frame:
    """A room in the `ready` of a socket."""
    parts = socket.of("ready")
    found: list[Frame] = [each for part in parts for each in part["rooms"] if each["room"] == room]
    assert len(found) == 1
    return found[0]
