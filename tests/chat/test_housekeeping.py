"""What is over goes, a portion at a time, and nothing else goes with it."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from loopchat.accounts.models import User
from loopchat.chat import housekeeping, messages, rooms
from loopchat.chat.cursors import Move, advance
from loopchat.chat.housekeeping import READ_MARKS_KEPT_MS
from loopchat.chat.models import (
    Membership,
    Message,
    Reaction,
    ReadMark,
    Revision,
    Room,
    RoomEvent,
)
from loopchat.core.clock import now_ms
from tests.chat.stage import actor, append, draft, person, room_of, send, stored

pytestmark = pytest.mark.django_db

MODELS = (Membership, Message, Reaction, ReadMark, Revision, Room, RoomEvent)


def rows() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in MODELS}


def lived_in(ann: User, ben: User) -> Room:
    """A room in which everything has happened."""
    room = room_of(ann, ben)
    first = send(room, ann)
    second = send(room, ben, reply_to=first.id)
    messages.edit(room.pk, actor(ann), message_id=first.id, body="better")
    messages.react(room.pk, actor(ann), message_id=second.id, emoji="👍", on=True)
    advance({(room.pk, ann.pk): Move(actor(ann), read=10)})
    rooms.rename(room.pk, ann, "Another")
    send(room, ann, reply_to=second.id)
    return room


def tidy() -> int:
    """Until nothing is left to do; how many portions it took."""
    portions = 0
    while housekeeping.tidy():
        portions += 1
        assert portions < 1000
    return portions


def test_a_deleted_room_goes_with_everything_in_it(three: list[User]) -> None:
    ann, ben, _ = three
    kept = lived_in(ann, ben)
    before, log = rows(), stored(kept)
    gone = lived_in(ann, ben)
    rooms.delete(gone.pk, ann)
    assert all(count > before[name] for name, count in rows().items())
    tidy()
    assert rows() == before
    assert stored(kept) == log
    assert not Room.objects.filter(pk=gone.pk).exists()


def test_rooms_that_live_are_left_alone(three: list[User]) -> None:
    ann, ben, _ = three
    room = lived_in(ann, ben)
    rooms.archive(room.pk, ann, True)
    rooms.leave(room.pk, ben)
    before = rows()
    assert tidy() == 0
    assert rows() == before


def test_a_large_room_goes_in_portions(three: list[User], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "PORTION", 10)
    ann = three[0]
    room = room_of(ann)
    done = append(*(draft(room, ann) for _ in range(35)))
    for one in done[:25]:
        messages.react(room.pk, actor(ann), message_id=one.id, emoji="👍", on=True)
    for n in range(25):
        rooms.set_topic(room.pk, ann, f"topic {n}")
    guests = [person(f"guest{n}") for n in range(25)]
    rooms.invite(room.pk, ann, guests)
    advance({(room.pk, guest.pk): Move(actor(guest), read=5) for guest in guests})
    rooms.delete(room.pk, ann)
    before = rows()
    while housekeeping.tidy():
        after = rows()
        for name in ("Message", "Membership", "ReadMark"):
            assert before[name] - after[name] <= 10, name
        # Events go with their message; those of a room without any go by themselves.
        assert before["RoomEvent"] - after["RoomEvent"] <= 20
        before = after
    assert rows() == dict.fromkeys(rows(), 0)


def test_the_same_cid_in_a_purged_room_says_not_found(three: list[User]) -> None:
    ann = three[0]
    room = room_of(ann)
    draft_ = draft(room, ann)
    (first,) = append(draft_)
    rooms.delete(room.pk, ann)
    assert append(draft_)[0].seq == first.seq
    tidy()
    assert append(draft_) == ["not_found"]


def test_old_read_marks_are_forgotten(room: Room, three: list[User], settings: Settings) -> None:
    ann, ben, _ = three
    done = send(room, ann)
    advance({(room.pk, ben.pk): Move(actor(ben), read=done.seq)})
    assert tidy() == 0
    assert ReadMark.objects.count() == 1
    ReadMark.objects.update(ts=now_ms() - READ_MARKS_KEPT_MS - 1)
    tidy()
    assert ReadMark.objects.count() == 0


def test_many_old_read_marks_go_in_portions(
    room: Room, three: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "PORTION", 10)
    ReadMark.objects.bulk_create(ReadMark(room=room, user=three[0], seq=1, ts=n) for n in range(25))
    kept = ReadMark.objects.create(room=room, user=three[0], seq=2, ts=now_ms())
    left = []
    while housekeeping.tidy():
        left.append(ReadMark.objects.count())
    assert left == [16, 6]
    assert list(ReadMark.objects.all()) == [kept]
