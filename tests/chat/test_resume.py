"""What a socket gets after hello: everything missed while that is little, else a new base."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loopchat.accounts.models import User
from loopchat.chat import messages, resume, rooms
from loopchat.chat.models import Room
from loopchat.chat.resume import BYTES_MAX, ROOM_MAX, TOTAL_MAX, Hello
from tests.chat.replica import Replica
from tests.chat.stage import (
    Event,
    actor,
    append,
    befriend,
    draft,
    head,
    people,
    person,
    room_of,
    send,
    stored,
)

pytestmark = pytest.mark.django_db


def hello(who: User, cursors: dict[int, int], *, same_epoch: bool = True) -> Hello:
    return resume.hello(who.pk, cursors, same_epoch=same_epoch)


def missed(who: User, cursors: dict[int, int], *, same_epoch: bool = True) -> list[Event]:
    """The objects before `ready`."""
    return [json.loads(data) for data in hello(who, cursors, same_epoch=same_epoch).missed]


def fill(room: Room, author: User, count: int, text: str = "x") -> None:
    for start in range(0, count, 250):
        append(*(draft(room, author, text) for _ in range(min(250, count - start))))


def resync(room: Room, reason: str) -> Event:
    return {"type": "resync", "room": room.pk, "head": head(room), "reason": reason}


def removed(room: Room) -> Event:
    return {"type": "room_removed", "room": room.pk}


# --- without cursors -------------------------------------------------------------------------


def test_a_new_client_gets_its_rooms_and_no_events(room: Room, three: list[User]) -> None:
    ann, ben, _ = three
    other = room_of(ann)
    send(room, ann)
    found = hello(ben, {})
    assert found.missed == []
    assert [(r.room, r.head, r.unread) for r in found.rooms] == [(room.pk, head(room), 1)]
    assert {r.room for r in hello(ann, {}).rooms} == {room.pk, other.pk}
    assert found.version == User.objects.get(pk=ben.pk).version


def test_a_client_that_missed_nothing_gets_nothing(room: Room, three: list[User]) -> None:
    assert missed(three[0], {room.pk: head(room)}) == []


# --- few missed ------------------------------------------------------------------------------


def test_what_was_missed_comes_in_order(room: Room, three: list[User]) -> None:
    ann, ben, _ = three
    before = head(room)
    done = send(room, ann, "first")
    messages.edit(room.pk, actor(ann), message_id=done.id, body="second")
    messages.react(room.pk, actor(ben), message_id=done.id, emoji="👍", on=True)
    rooms.rename(room.pk, ann, "Another")
    assert missed(ben, {room.pk: before}) == stored(room)[before:]
    assert missed(ben, {room.pk: before + 2}) == stored(room)[before + 2 :]
    assert missed(ben, {room.pk: 0}) == stored(room)


def test_old_state_and_what_was_missed_are_the_new_state(room: Room, three: list[User]) -> None:
    ann, ben, _ = three
    first = send(room, ann)
    replica = Replica(ben, room.pk)
    messages.edit(room.pk, actor(ann), message_id=first.id, body="edited")
    gone = send(room, ann, "gone soon")
    messages.delete(room.pk, actor(ann), message_id=gone.id)
    rooms.set_topic(room.pk, ann, "topic")
    before = replica.head
    events = missed(ben, {room.pk: before})
    assert "gone soon" not in json.dumps(events)  # a deleted text is nowhere
    replica.fold(events)
    replica.check()


def test_rooms_with_few_missed_events_come_first(three: list[User]) -> None:
    ann = three[0]
    many, few, none = (room_of(ann) for _ in range(3))
    cursors = {room.pk: head(room) for room in (many, few, none)}
    fill(many, ann, 20)
    fill(few, ann, 3)
    assert [e["room"] for e in missed(ann, cursors)] == [few.pk] * 3 + [many.pk] * 20


# --- too far ---------------------------------------------------------------------------------


def test_five_hundred_missed_events_are_replayed_and_one_more_is_too_far(
    room: Room, three: list[User]
) -> None:
    ann = three[0]
    before = head(room)
    fill(room, ann, ROOM_MAX)
    assert [e["seq"] for e in missed(ann, {room.pk: before})] == list(
        range(before + 1, before + ROOM_MAX + 1)
    )
    send(room, ann)
    assert missed(ann, {room.pk: before}) == [resync(room, "too_far")]
    assert len(missed(ann, {room.pk: before + 1})) == ROOM_MAX


def test_the_total_is_bounded_and_small_gaps_win(three: list[User]) -> None:
    ann = three[0]
    open_rooms = [room_of(ann) for _ in range(6)]
    cursors = {room.pk: head(room) for room in open_rooms}
    sizes = [ROOM_MAX, 499, 498, 497, 10, 5]
    for room, size in zip(open_rooms, sizes, strict=True):
        fill(room, ann, size)
    events = missed(ann, cursors)
    assert sum(sizes[1:]) <= TOTAL_MAX < sum(sizes)
    replayed = [e["room"] for e in events if e["type"] != "resync"]
    assert {r: replayed.count(r) for r in replayed} == {
        room.pk: size for room, size in zip(open_rooms[1:], sizes[1:], strict=True)
    }
    assert events[-1] == resync(open_rooms[0], "too_far")


def test_the_bytes_are_bounded(three: list[User]) -> None:
    ann = three[0]
    small, large, also_large = room_of(ann), room_of(ann), room_of(ann)
    cursors = {room.pk: head(room) for room in (small, large, also_large)}
    fill(small, ann, 2)
    fill(large, ann, 5, "😀" * 8000)  # 160 KB
    fill(also_large, ann, 6, "😀" * 8000)
    found = hello(ann, cursors)
    assert sum(len(data) + 1 for data in found.missed) <= BYTES_MAX
    events = [json.loads(data) for data in found.missed]
    assert [e["room"] for e in events[:-1]] == [small.pk] * 2 + [large.pk] * 5
    assert events[-1] == resync(also_large, "too_far")


def test_one_room_of_large_messages_is_too_far(room: Room, three: list[User]) -> None:
    before = head(room)
    fill(room, three[0], 9, "😀" * 8000)
    assert missed(three[1], {room.pk: before}) == [resync(room, "too_far")]


# --- void cursors ----------------------------------------------------------------------------


def test_cursors_of_another_epoch_are_void(three: list[User]) -> None:
    ann = three[0]
    one, two = room_of(ann), room_of(ann)
    fresh = hello(ann, {one.pk: 1, two.pk: 0}, same_epoch=True)
    assert not any(b"resync" in data for data in fresh.missed)
    found = missed(ann, {one.pk: 1, two.pk: 0}, same_epoch=False)
    assert found == [resync(one, "epoch"), resync(two, "epoch")]


def test_a_cursor_ahead_of_the_log_is_void(room: Room, three: list[User]) -> None:
    assert missed(three[0], {room.pk: head(room)}) == []
    assert missed(three[0], {room.pk: head(room) + 1}) == [resync(room, "ahead")]
    assert missed(three[0], {room.pk: 2**53 - 1}) == [resync(room, "ahead")]


# --- not mine --------------------------------------------------------------------------------


def test_rooms_that_are_not_mine_are_taken_away(three: list[User]) -> None:
    ann, ben, _ = three
    private, public = room_of(ann), room_of(ann, kind="public")
    deleted = room_of(ann, ben)
    rooms.delete(deleted.pk, ann)
    send(public, ann)
    cursors = {private.pk: 0, public.pk: 0, deleted.pk: 0, 10**9: 5}
    assert missed(ben, cursors) == [
        removed(private),
        removed(public),
        removed(deleted),
        {"type": "room_removed", "room": 10**9},
    ]
    assert missed(ben, cursors, same_epoch=False) == missed(ben, cursors)


@pytest.mark.parametrize("how", ["leave", "kick", "ban"])
def test_who_was_removed_gets_everything_up_to_it_and_nothing_after(
    room: Room, three: list[User], how: str
) -> None:
    ann, ben, _ = three
    before = head(room)
    send(room, ann, "still seen")
    if how == "leave":
        rooms.leave(room.pk, ben)
    else:
        {"kick": rooms.kick, "ban": rooms.ban}[how](room.pk, ann, ben)
    last = head(room)
    send(room, ann, "not for ben")
    found = missed(ben, {room.pk: before})
    assert found == [*stored(room)[before:last], removed(room)]
    assert found[-2]["kind"] == how
    assert missed(ben, {room.pk: last}) == [removed(room)]  # had seen it
    assert missed(ben, {room.pk: last + 1}) == [removed(room)]
    assert missed(ben, {room.pk: before}, same_epoch=False) == [removed(room)]


def test_a_removal_that_is_far_away_is_not_replayed(room: Room, three: list[User]) -> None:
    ann, ben, _ = three
    before = head(room)
    fill(room, ann, ROOM_MAX)
    rooms.kick(room.pk, ann, ben)
    assert missed(ben, {room.pk: before}) == [removed(room)]
    assert len(missed(ben, {room.pk: before + 1})) == ROOM_MAX + 1


def test_many_removals_keep_to_the_total(three: list[User]) -> None:
    """Otherwise a client that lost many rooms at once gets more than its socket can hold."""
    ann, ben, _ = three
    lost = [room_of(ann, ben) for _ in range(6)]
    cursors = {room.pk: head(room) for room in lost}
    for room in lost[:5]:
        fill(room, ann, ROOM_MAX - 10)
        rooms.kick(room.pk, ann, ben)
    fill(lost[5], ann, 4, "😀" * 8000)
    rooms.kick(lost[5].pk, ann, ben)
    found = hello(ben, cursors)
    events = [json.loads(data) for data in found.missed]
    assert [e["room"] for e in events if e["type"] == "room_removed"] == [r.pk for r in lost]
    assert len(events) - len(lost) <= TOTAL_MAX
    assert sum(len(data) + 1 for data in found.missed) <= BYTES_MAX + 1000
    for room in lost:  # each is replayed up to the removal, or not at all
        own = [e for e in events if e["room"] == room.pk]
        assert len(own) == 1 or own[-2].get("kind") == "kick"


def test_large_messages_before_a_removal_keep_to_the_bytes(room: Room, three: list[User]) -> None:
    before = head(room)
    fill(room, three[0], 9, "😀" * 8000)
    rooms.kick(room.pk, three[0], three[1])
    assert missed(three[1], {room.pk: before}) == [removed(room)]


def test_a_removal_and_a_return_while_away(room: Room, three: list[User]) -> None:
    """In a shared room the whole range may be read again: a member reads everything there."""
    ann, ben, _ = three
    before = head(room)
    rooms.kick(room.pk, ann, ben)
    send(room, ann, "meanwhile")
    rooms.invite(room.pk, ann, [ben])
    send(room, ann, "back again")
    assert missed(ben, {room.pk: before}) == stored(room)[before:]


# --- history that begins with the join -------------------------------------------------------


def test_a_return_where_history_begins_with_the_join(three: list[User]) -> None:
    ann, ben, _ = three
    room = rooms.create(ann, kind="private", name="R", history="joined", people=[ben])
    before = head(room)
    send(room, ann, "seen")
    assert len(missed(ben, {room.pk: before})) == 1
    rooms.kick(room.pk, ann, ben)
    send(room, ann, "hidden")
    rooms.invite(room.pk, ann, [ben])
    joined = head(room)
    send(room, ann, "seen again")
    for cursor in (0, before, joined - 2):
        assert missed(ben, {room.pk: cursor}) == [resync(room, "too_far")]
    assert missed(ben, {room.pk: joined - 1}) == stored(room)[joined - 1 :]
    assert missed(ben, {room.pk: joined}) == stored(room)[joined:]


def test_removed_again_after_the_return(three: list[User]) -> None:
    ann, ben, _ = three
    room = rooms.create(ann, kind="private", name="R", history="joined", people=[ben])
    before = head(room)
    rooms.kick(room.pk, ann, ben)
    send(room, ann, "hidden")
    rooms.invite(room.pk, ann, [ben])
    send(room, ann, "seen")
    rooms.kick(room.pk, ann, ben)
    assert missed(ben, {room.pk: before}) == [removed(room)]
    assert "hidden" not in json.dumps(missed(ben, {room.pk: 0}))
    joined = head(room) - 2
    assert [e.get("seq") for e in missed(ben, {room.pk: joined})] == [joined + 1, joined + 2, None]


# --- cost ------------------------------------------------------------------------------------


def test_hello_costs_the_same_for_one_room_and_for_fifty(db: None) -> None:
    ann, ben, cyd = people("ann", "ben", "cyd")
    befriend(cyd, ann, ben)
    one_room = {room_of(ann, cyd).pk: 0}
    for room_id in one_room:
        send(room_id, cyd)
    many = {}
    for n in range(50):
        room = rooms.open_direct(ben, person(f"peer{n}").username) if n % 2 else room_of(ben, cyd)
        send(room, ben)
        many[room.pk] = 0
    for who, cursors, left in ((ann, one_room, 1), (ben, many, 10)):
        for _ in range(left):
            gone = room_of(cyd, who)
            cursors[gone.pk] = head(gone) - 1
            rooms.kick(gone.pk, cyd, who)
    rooms.open_direct(ann, "cyd")
    counts = []
    for who, cursors in ((ann, one_room), (ben, many)):
        with CaptureQueriesContext(connection) as queries:
            found = hello(who, cursors)
        assert len(found.missed) > len(cursors)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 26


def test_hello_begins_no_transaction(room: Room, three: list[User]) -> None:
    send(room, three[0])
    with CaptureQueriesContext(connection) as queries:
        hello(three[0], {room.pk: 0})
    words = {q["sql"].split()[0] for q in queries}
    assert words == {"SELECT"}, words


def test_who_was_removed_is_not_told_what_became_of_messages_later(
    room: Room, three: list[User]
) -> None:
    ann, ben, _ = three
    done = send(room, ann, "as ben knew it")
    cursor = (done.seq or 0) - 1
    rooms.kick(room.pk, ann, ben)
    before = resume.hello(ben.pk, {room.pk: cursor}, same_epoch=True)
    assert [b"as ben knew it" in one for one in before.missed] == [True, False, False]
    messages.edit(room.pk, rooms.actor(ann), message_id=done.id, body="a secret from then on")
    after = resume.hello(ben.pk, {room.pk: cursor}, same_epoch=True)
    assert [b"room_removed" in one for one in after.missed] == [True]
