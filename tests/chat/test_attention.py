"""Mentions and replies: who is called, who is not, what is counted."""

from __future__ import annotations

import pytest

from loopchat.accounts.models import User
from loopchat.chat import messages, reading, rooms
from loopchat.chat.models import Mention, Room
from tests.chat.stage import Event, Told, actor, person, room_of, send

pytestmark = pytest.mark.django_db


def notices(told: Told, who: User) -> list[Event]:
    """What called this person by name."""
    topic = f"person:{who.pk}"
    return [e for t, e, _ in told.asides() if t == topic and e["type"] == "notification"]


def mentions(room: Room, who: User) -> int:
    """What the person's list of rooms says."""
    return reading.summary(who, room.pk).mentions


def test_a_name_calls_a_member(room: Room, three: list[User], told: Told) -> None:
    ann, ben, cyd = three
    done = send(room, ann, "hi @BEN, look")
    (notice,) = notices(told, ben)
    assert notice == {
        "type": "notification",
        "kind": "mention",
        "sender": "ann",
        "sender_uid": ann.pk,
        "preview": "hi @ben, look",
        "room": room.pk,
        "room_type": "private",
        "room_name": room.name,
        "message_id": done.id,
        "seq": done.seq,
    }
    assert (mentions(room, ben), mentions(room, cyd)) == (1, 0)
    assert notices(told, cyd) == []


def test_the_message_names_who_was_meant(room: Room, three: list[User], told: Told) -> None:
    send(room, three[0], "hi @ben")
    (event,) = told.log(room.pk)
    assert event["rich"] == [{"t": "p", "c": ["hi ", {"t": "at", "uid": three[1].pk, "v": "ben"}]}]


def test_a_stranger_is_not_called(room: Room, three: list[User], told: Told) -> None:
    dan = person("dan")
    send(room, three[0], "hi @dan")
    assert notices(told, dan) == []
    assert Mention.objects.count() == 0


def test_nobody_calls_themselves(room: Room, three: list[User], told: Told) -> None:
    send(room, three[0], "I am @ann")
    assert notices(told, three[0]) == []


def test_a_reply_calls_the_author_once(room: Room, three: list[User], told: Told) -> None:
    ann, ben, _ = three
    first = send(room, ben, "what?")
    send(room, ann, "this", reply_to=first.id)
    send(room, ann, "@ben this", reply_to=first.id)
    assert [notice["kind"] for notice in notices(told, ben)] == ["reply", "mention"]


def test_reading_ends_the_count(room: Room, three: list[User]) -> None:
    ann, ben, _ = three
    done = send(room, ann, "@ben")
    assert mentions(room, ben) == 1
    send(room, ben, "answer")  # who has something unread keeps it
    assert mentions(room, ben) == 1
    from loopchat.chat.cursors import Move
    from loopchat.chat.writer import writer

    writer.move((room.pk, ben.pk), Move(actor(ben), read=done.seq))
    assert mentions(room, ben) == 0


def test_an_edit_calls_only_who_is_new(room: Room, three: list[User], told: Told) -> None:
    ann, ben, cyd = three
    done = send(room, ann, "@ben")
    messages.edit(room.pk, actor(ann), message_id=done.id, body="@ben @cyd")
    assert len(notices(told, ben)) == 1
    assert len(notices(told, cyd)) == 1


def test_an_edit_calls_nobody_to_what_they_may_not_see(told: Told, db: None) -> None:
    ann, eve = person("ann"), person("eve")
    room = room_of(ann, history="joined")
    done = send(room, ann, "before eve came")
    rooms.invite(room.pk, ann, [eve])
    told.clear()
    messages.edit(room.pk, actor(ann), message_id=done.id, body="before @eve came")
    assert notices(told, eve) == []
    after = send(room, ann, "@eve")  # she could have been called
    assert [notice["message_id"] for notice in notices(told, eve)] == [after.id]


def test_a_deleted_message_calls_nobody(room: Room, three: list[User]) -> None:
    ann, ben, _ = three
    done = send(room, ann, "@ben")
    messages.delete(room.pk, actor(ann), message_id=done.id)
    assert mentions(room, ben) == 0


def test_all_is_a_flag_that_counts_for_everybody(room: Room, three: list[User], told: Told) -> None:
    ann, ben, _ = three
    send(room, ann, "@all come")
    (event,) = told.log(room.pk)
    assert event["all"] is True
    assert (mentions(room, ben), mentions(room, ann)) == (1, 0)
    assert notices(told, ben) == []


def test_in_a_large_room_only_moderators_call_all(
    room: Room, three: list[User], told: Told, settings: pytest.FixtureRequest
) -> None:
    ann, ben, _ = three
    settings.RECEIPTS_MAX = 2  # type: ignore[attr-defined]
    send(room, ben, "@all")
    send(room, ann, "@all")
    assert [event.get("all", False) for event in told.log(room.pk)] == [False, True]


def test_a_preview_keeps_a_spoiler(room: Room, three: list[User], told: Told) -> None:
    send(room, three[0], "@ben it was ||the butler||")
    (notice,) = notices(told, three[1])
    assert "butler" not in notice["preview"]
    last = reading.summary(three[1], room.pk).last
    assert last is not None
    assert "butler" not in (last.message or "")
