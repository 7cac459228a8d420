"""Cursors move forward, never beyond the head, and unread is exact after every move."""

from __future__ import annotations

import itertools

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from loopchat.accounts.models import User
from loopchat.chat import cursors, rooms
from loopchat.chat.cursors import Move, Moved, Position
from loopchat.chat.models import Message, ReadMark, Room
from loopchat.core.errors import Refused
from tests.chat.stage import (
    Told,
    actor,
    befriend,
    draft,
    head,
    membership,
    people,
    person,
    room_of,
    send,
)
from tests.chat.stage import append as store

pytestmark = pytest.mark.django_db


def move(room: Room, who: User, **wish: int) -> Position:
    """One move; what is told goes nowhere."""
    outcome = advance(room, who, **wish).outcomes[room.pk, who.pk]
    assert isinstance(outcome, Position), outcome
    return outcome


def advance(room: Room, who: User, **wish: int) -> Moved:
    return cursors.advance({(room.pk, who.pk): Move(actor(who), **wish)})


def counted(room: Room, who: User) -> int:
    """Unread, the slow way."""
    later = Message.objects.filter(room=room, seq__gt=membership(room, who).read_seq)
    return later.exclude(author=who).count()


def told_by(moved: Moved) -> list[tuple[str, dict[str, object], int | None]]:
    told = Told()
    told.take(moved.committed, ())
    return told.asides()


# --- read ------------------------------------------------------------------------------------


def test_reading_moves_the_cursor_and_says_what_is_left(room: Room, three: list[User]) -> None:
    ann, ben, _ = three
    sent = [send(room, ann) for _ in range(5)]
    assert move(room, ben, read=sent[1].seq) == Position(sent[1].seq, 3, None)
    assert move(room, ben, read=sent[4].seq) == Position(sent[4].seq, 0, None)


def test_the_cursor_never_goes_back(room: Room, three: list[User]) -> None:
    sent = [send(room, three[0]) for _ in range(5)]
    move(room, three[1], read=sent[3].seq)
    for earlier in (sent[0].seq, 0, sent[3].seq):
        assert move(room, three[1], read=earlier) == Position(sent[3].seq, 1, None)


def test_the_cursor_never_passes_the_head(room: Room, three: list[User]) -> None:
    send(room, three[0])
    top = head(room)
    assert move(room, three[1], read=2**53 - 1) == Position(top, 0, None)
    assert move(room, three[1], delivered=2**53 - 1)
    assert membership(room, three[1]).delivered_seq == top
    send(room, three[0])
    assert move(room, three[1], read=top) == Position(top, 1, None)  # the new one is unread


def test_a_cursor_between_messages_counts_messages(room: Room, three: list[User]) -> None:
    ann, ben, _ = three
    send(room, ann)
    rooms.rename(room.pk, ann, "Another")
    between = head(room)
    send(room, ann)
    assert move(room, ben, read=between).unread == 1


@pytest.mark.parametrize("authors", ["".join(a) for a in itertools.product("ab", repeat=4)])
def test_unread_is_exact_wherever_own_messages_lie(authors: str) -> None:
    """Every order of own and other messages, read up to every place, then sent once more."""
    ann, ben = people("ann", "ben")
    by = {"a": ann, "b": ben}
    for upto in range(len(authors) + 1):
        room = room_of(ann, ben)
        for letter in authors:
            send(room, by[letter])
        position = move(room, ben, read=2 + upto)
        assert position.unread == counted(room, ben)
        send(room, ben)
        send(room, ann)
        assert move(room, ben, read=0).unread == counted(room, ben)


def test_own_messages_ahead_are_counted_again_after_each_move(
    room: Room, three: list[User]
) -> None:
    ann, ben, _ = three
    order = [ann, ben, ben, ann, ben, ann, ann, ben]
    sent = [send(room, who).seq for who in order]
    for seq in sent:
        assert seq is not None
        position = move(room, ben, read=seq)
        assert position.unread == counted(room, ben)
    row = membership(room, ben)
    assert (row.own_ahead, row.read_count) == (0, len(order))


def test_what_was_said_before_the_join_is_not_unread(three: list[User]) -> None:
    ann, ben, _ = three
    room = room_of(ann, kind="public")
    early = [send(room, ann) for _ in range(3)]
    rooms.join(room.pk, ben)
    assert move(room, ben, read=early[0].seq).unread == 0  # nothing goes back before the join
    late = send(room, ann)
    assert move(room, ben, read=0).unread == 1
    assert move(room, ben, read=late.seq).unread == 0


def test_a_batch_of_moves_is_like_one_after_the_other(db: None) -> None:
    crowd = people(*(f"p{n}" for n in range(6)))
    one, two = room_of(*crowd), room_of(*crowd)
    for room in (one, two):
        for n in range(12):
            send(room, crowd[n % 6])
    moves = {
        (room.pk, who.pk): Move(actor(who), read=3 + 2 * n)
        for room in (one, two)
        for n, who in enumerate(crowd)
    }
    moved = cursors.advance(moves)
    for (room_id, user_id), outcome in moved.outcomes.items():
        who = next(w for w in crowd if w.pk == user_id)
        room = Room.objects.get(pk=room_id)
        assert isinstance(outcome, Position)
        assert outcome.unread == counted(room, who)


# --- delivered -------------------------------------------------------------------------------


def test_delivery_is_told_to_the_others(room: Room, three: list[User]) -> None:
    ann, ben, _ = three
    done = send(room, ann)
    moved = advance(room, ben, delivered=done.seq)
    assert told_by(moved) == [
        (
            f"room:{room.pk}",
            {"type": "delivered", "room": room.pk, "uid": ben.pk, "seq": done.seq},
            ben.pk,
        )
    ]
    assert told_by(advance(room, ben, delivered=done.seq)) == []
    assert told_by(advance(room, ben, delivered=1)) == []
    row = membership(room, ben)
    assert (row.delivered_seq, row.read_seq < (done.seq or 0)) == (done.seq, True)


def test_what_was_read_was_delivered(room: Room, three: list[User]) -> None:
    done = send(room, three[0])
    move(room, three[1], read=done.seq)
    assert membership(room, three[1]).delivered_seq == done.seq


# --- unread from here ------------------------------------------------------------------------


def test_unread_from_here_is_a_line_that_moves_nothing(room: Room, three: list[User]) -> None:
    ann, ben, _ = three
    done = send(room, ann)
    move(room, ben, read=done.seq)
    moved = advance(room, ben, unread_from=done.seq)
    assert moved.outcomes[room.pk, ben.pk] == Position(done.seq, 0, done.seq)
    ((topic, event, skip),) = told_by(moved)  # own devices only
    assert (topic, skip) == (f"person:{ben.pk}", None)
    assert event == {
        "type": "message_read",
        "room": room.pk,
        "uid": ben.pk,
        "username": "ben",
        "seq": done.seq,
        "unread": 0,
        "unread_from": done.seq,
    }


def test_reading_takes_the_line_away(room: Room, three: list[User]) -> None:
    ann, ben, _ = three
    done = send(room, ann)
    move(room, ben, read=done.seq)
    move(room, ben, unread_from=1)
    moved = advance(room, ben, read=done.seq)  # the cursor stands there already
    assert moved.outcomes[room.pk, ben.pk] == Position(done.seq, 0, None)
    assert [event.get("unread_from") for _, event, _ in told_by(moved)] == [None]
    assert membership(room, ben).unread_from is None


@pytest.mark.parametrize(("asked", "got"), [(0, 1), (1, 1), (2**53 - 1, None)])
def test_the_line_lies_within_the_log(
    room: Room, three: list[User], asked: int, got: int | None
) -> None:
    assert move(room, three[1], unread_from=asked).unread_from == (got or head(room) + 1)


# --- several wishes become one ---------------------------------------------------------------


def test_the_highest_wish_wins() -> None:
    wish = Move(actor_of_nobody(), read=5, delivered=9)
    wish.merge(Move(actor_of_nobody(), read=3, delivered=11))
    assert (wish.read, wish.delivered) == (5, 11)
    wish.merge(Move(actor_of_nobody(), read=7))
    assert (wish.read, wish.delivered) == (7, 11)


def test_a_line_drawn_after_reading_stays_and_one_before_goes() -> None:
    drawn_after = Move(actor_of_nobody(), read=5)
    drawn_after.merge(Move(actor_of_nobody(), unread_from=4))
    assert (drawn_after.read, drawn_after.unread_from) == (5, 4)
    drawn_before = Move(actor_of_nobody(), unread_from=4)
    drawn_before.merge(Move(actor_of_nobody(), read=5))
    assert (drawn_before.read, drawn_before.unread_from) == (5, None)


def test_merged_moves_end_where_single_ones_do(room: Room, three: list[User]) -> None:
    ann, ben, cyd = three
    befriend(ann, ben, cyd)
    sent = [send(room, ann).seq or 0 for _ in range(6)]
    wishes = [
        {"read": sent[2]},
        {"unread_from": sent[1]},
        {"delivered": sent[4]},
        {"read": sent[0]},
        {"unread_from": sent[0]},
        {"delivered": sent[3]},
    ]
    for first, second in itertools.permutations(wishes, 2):
        merged = Move(actor(cyd), **first)
        merged.merge(Move(actor(cyd), **second))
        one_by_one, at_once = room_of(ann, ben), room_of(ann, cyd)
        for r in (one_by_one, at_once):
            for _ in range(6):
                send(r, ann)
        move(one_by_one, ben, **first)
        last = move(one_by_one, ben, **second)
        assert cursors.advance({(at_once.pk, cyd.pk): merged}).outcomes[at_once.pk, cyd.pk] == last
        assert membership(at_once, cyd).delivered_seq == membership(one_by_one, ben).delivered_seq


def actor_of_nobody() -> cursors.Actor:
    return cursors.Actor(1, "nobody")


# --- who is told -----------------------------------------------------------------------------


def test_reading_is_told_to_the_others_and_to_own_devices(room: Room, three: list[User]) -> None:
    ann, ben, _ = three
    done = send(room, ann)
    event = {
        "type": "message_read",
        "room": room.pk,
        "uid": ben.pk,
        "username": "ben",
        "seq": done.seq,
    }
    assert told_by(advance(room, ben, read=done.seq)) == [
        (f"room:{room.pk}", event, ben.pk),
        (f"person:{ben.pk}", {**event, "unread": 0}, None),
    ]
    mark = ReadMark.objects.get(room=room)
    assert (mark.user_id, mark.seq) == (ben.pk, done.seq)
    assert told_by(advance(room, ben, read=done.seq)) == []
    assert ReadMark.objects.count() == 1


def test_in_a_large_room_only_own_devices_hear_of_it(three: list[User], settings: Settings) -> None:
    ann, ben, cyd = three
    settings.RECEIPTS_MAX = 2
    room = room_of(ann, ben, cyd)
    done = send(room, ann)
    assert [topic for topic, _, _ in told_by(advance(room, ben, read=done.seq))] == [
        f"person:{ben.pk}"
    ]
    assert told_by(advance(room, ben, delivered=done.seq)) == []
    assert not ReadMark.objects.exists()
    direct = rooms.open_direct(ann, "ben")
    settings.RECEIPTS_MAX = 1
    done = send(direct, ann)
    assert len(told_by(advance(direct, ben, read=done.seq))) == 2  # direct rooms always have them


# --- refusals --------------------------------------------------------------------------------


def test_one_refusal_takes_no_other_move_with_it(room: Room, three: list[User]) -> None:
    ann, ben, _ = three
    done = send(room, ann)
    stranger = person("stranger")
    moves = {
        (room.pk, stranger.pk): Move(actor(stranger), read=done.seq),
        (room.pk, ben.pk): Move(actor(ben), read=done.seq),
        (10**9, ben.pk): Move(actor(ben), read=1),
    }
    outcomes = cursors.advance(moves).outcomes
    refused = [o.code for o in outcomes.values() if isinstance(o, Refused)]
    assert refused == ["not_found", "not_found"]
    assert outcomes[room.pk, ben.pk] == Position(done.seq, 0, None)


def test_a_person_in_one_room_is_not_in_the_other(three: list[User]) -> None:
    ann, ben, _ = three
    hers, his = room_of(ann), room_of(ben)
    moves = {(r.pk, w.pk): Move(actor(w), read=1) for r in (hers, his) for w in (ann, ben)}
    refused = {key for key, o in cursors.advance(moves).outcomes.items() if isinstance(o, Refused)}
    assert refused == {(hers.pk, ben.pk), (his.pk, ann.pk)}


# --- cost ------------------------------------------------------------------------------------


def test_many_moves_to_the_head_cost_what_one_does(db: None) -> None:
    crowd = people(*(f"p{n}" for n in range(20)))
    room = room_of(*crowd)
    store(*(draft(room, crowd[0]) for _ in range(10)))
    top = head(room)
    costs = []
    for some in (crowd[1:2], crowd[2:]):
        with CaptureQueriesContext(connection) as queries:
            cursors.advance({(room.pk, who.pk): Move(actor(who), read=top) for who in some})
        costs.append(len([q for q in queries if not q["sql"].startswith("UPDATE")]))
    assert costs[0] == costs[1] <= 7  # one prepared UPDATE runs once for each of them
