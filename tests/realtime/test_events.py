"""Every object that goes out, exactly as the protocol names its fields."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from loopchat.realtime import events

SUMMARY: dict[str, Any] = {
    "room": 1,
    "kind": "public",
    "slug": "garden",
    "name": "Garden",
    "topic": "",
    "head": 5,
    "read": 4,
    "delivered": 5,
    "unread": 1,
    "role": "member",
    "receipts": True,
    "history": "shared",
    "updated_ts": 9,
    "members": 3,
}
LOGGED: dict[str, Any] = {"room": 1, "seq": 2, "id": 3, "uid": 4}
EXPECTED: list[tuple[msgspec.Struct, dict[str, Any]]] = [
    (
        events.ChatMessage(**LOGGED, n=1, username="ann", cid="c", ts=9, message="x"),
        {"type": "chat_message", **LOGGED, "n": 1, "username": "ann", "cid": "c", "ts": 9}
        | {"message": "x"},
    ),
    (
        events.ChatMessage(**LOGGED, n=1, username="ann", cid="c", ts=9, deleted_ts=10),
        {"type": "chat_message", **LOGGED, "n": 1, "username": "ann", "cid": "c", "ts": 9}
        | {"deleted_ts": 10},
    ),
    (
        events.Edited(**LOGGED, ts=9, message="y"),
        {"type": "edited", **LOGGED, "ts": 9, "message": "y"},
    ),
    (events.Edited(**LOGGED, ts=9), {"type": "edited", **LOGGED, "ts": 9}),
    (events.Deleted(**LOGGED, ts=9), {"type": "deleted", **LOGGED, "ts": 9}),
    (
        events.Reaction(**LOGGED, username="ann", emoji="👍", on=False),
        {"type": "reaction", **LOGGED, "username": "ann", "emoji": "👍", "on": False},
    ),
    (
        events.Membership(room=1, seq=2, uid=4, username="ann", kind="kick", ts=9, by=5),
        {"type": "membership", "room": 1, "seq": 2, "uid": 4, "username": "ann", "kind": "kick"}
        | {"ts": 9, "by": 5},
    ),
    (
        events.RoomChanged(room=1, seq=2, uid=4, ts=9, archived=False, topic=""),
        {"type": "room", "room": 1, "seq": 2, "uid": 4, "ts": 9, "topic": "", "archived": False},
    ),
    (
        events.MessageRead(room=1, uid=4, username="ann", seq=2),
        {"type": "message_read", "room": 1, "uid": 4, "username": "ann", "seq": 2},
    ),
    (
        events.MessageRead(room=1, uid=4, username="ann", seq=2, unread=0),
        {"type": "message_read", "room": 1, "uid": 4, "username": "ann", "seq": 2, "unread": 0},
    ),
    (
        events.Delivered(room=1, uid=4, seq=2),
        {"type": "delivered", "room": 1, "uid": 4, "seq": 2},
    ),
    (events.RoomAdded(**SUMMARY), {"type": "room_added", **SUMMARY}),
    (events.RoomSummary(**SUMMARY), SUMMARY),
    (events.RoomRemoved(room=1), {"type": "room_removed", "room": 1}),
    (
        events.UserTyping(room=1, uid=4, username="ann", is_typing=False, ttl_ms=6000),
        {"type": "user_typing", "room": 1, "uid": 4, "username": "ann", "is_typing": False}
        | {"ttl_ms": 6000},
    ),
    (events.Presence(uid=4, state="away"), {"type": "presence", "uid": 4, "state": "away"}),
    (
        events.OnlineCount(room=1, online_count=0),
        {"type": "online_count", "room": 1, "online_count": 0},
    ),
    (events.Degraded(what=[]), {"type": "degraded", "what": []}),
    (
        events.Resync(room=1, head=5, reason="too_far"),
        {"type": "resync", "room": 1, "head": 5, "reason": "too_far"},
    ),
    (
        events.GoAway(after_ms=100, reason="restart"),
        {"type": "goaway", "after_ms": 100, "reason": "restart"},
    ),
]


@pytest.mark.parametrize(("event", "told"), EXPECTED, ids=lambda one: type(one).__name__)
def test_an_event_has_the_protocols_words(event: msgspec.Struct, told: dict[str, Any]) -> None:
    assert json.loads(events.encode(event)) == told


def test_an_object_is_one_line_whatever_its_text() -> None:
    """Objects share a frame with a newline between them."""
    text = 'a\nb\r\nc\u2028d\u2029\x7f\t"\\'
    data = events.encode(
        events.ChatMessage(**LOGGED, n=1, username="a", cid="c", ts=9, message=text)
    )
    assert b"\n" not in data
    assert b"\r" not in data
    assert json.loads(data)["message"] == text


def test_text_is_utf_8_and_not_escaped() -> None:
    data = events.encode(events.Presence(uid=1, state="away"))
    assert data.isascii()
    assert "ü😀".encode() in events.encode({"text": "ü😀"})


def test_an_event_cannot_be_changed() -> None:
    event = events.RoomRemoved(room=1)
    with pytest.raises(AttributeError):
        event.room = 2  # type: ignore[misc]


def test_each_event_has_a_type_of_its_own() -> None:
    kinds = [kind for kind in vars(events).values() if _is_event(kind)]
    tags = [kind.__struct_config__.tag for kind in kinds]
    assert len(tags) == len(set(tags)) > 20
    assert {kind.__struct_config__.tag_field for kind in kinds} == {"type"}


def _is_event(kind: object) -> bool:
    is_struct = isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    return is_struct and getattr(kind, "__struct_config__").tag is not None  # noqa: B009
