"""What the server sends, as this client takes it: each object of the protocol's page is known."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from loopchat.client.log import KINDS, Log, event_of

SENT = Path("docs/protocol.md").read_text().split("\n## What the server sends\n")[1]
SENT = SENT.split("\n## Formatted text\n")[0]
ANSWERS = {"ok", "error", "pong"}
"""They end what was asked and are no events."""

EXAMPLES = [
    json.loads(line)
    for block in re.findall(r"```json\n(.*?)```", SENT, re.DOTALL)
    for line in block.splitlines()
]


def test_every_object_of_the_protocol_has_a_type() -> None:
    described = set(re.findall(r"^### `(\w+)`", SENT, re.MULTILINE))
    assert {"whisper", "room_added", "degraded"} <= described
    assert described - ANSWERS == set(KINDS) - {"Event"}


@pytest.mark.parametrize("told", [one for one in EXAMPLES if one["type"] not in ANSWERS])
def test_every_example_becomes_an_event(told: dict[str, object]) -> None:
    event = event_of(told)
    assert event is not None
    assert event.__struct_config__.tag == told["type"]


def test_what_is_newer_than_this_client_is_no_event() -> None:
    assert event_of({"type": "telepathy", "room": 1}) is None
    assert event_of({"type": "whisper", "room": "not a number"}) is None


def summary(**fields: Any) -> dict[str, Any]:
    """Room 1, where person 5 is a member among four."""
    (told,) = [one for one in EXAMPLES if one["type"] == "room_added"]
    known = {**told, "topic": "", "head": 10, "role": "member", "members": 4, "as_of": None}
    return {name: one for name, one in {**known, **fields}.items() if one is not None}


def someone(seq: int, kind: str, uid: int, **fields: Any) -> dict[str, Any]:
    """A membership event."""
    return {"type": "membership", "room": 1, "seq": seq, "uid": uid, "kind": kind, **fields}


def test_a_room_follows_what_happens_in_it() -> None:
    log = Log()
    log.me = 5
    log.take(summary(bots=[9]))
    for told in (
        {"type": "room", "room": 1, "seq": 11, "name": "Beds", "topic": "Soil"},
        someone(12, "join", 8),
        someone(13, "kick", 9, by=8),
        someone(14, "role", 8, role="owner"),
        someone(15, "role", 5, role="moderator"),
        {"type": "pinned", "room": 1, "seq": 16, "id": 3, "on": True},
        {"type": "room", "room": 1, "seq": 17, "archived": True, "kind": "private", "slug": "beds"},
    ):
        assert log.take(told)
        assert not log.take(told)  # a second time it is nothing new
    room = log.rooms[1]
    assert (room.name, room.topic, room.slug, room.kind) == ("Beds", "Soil", "beds", "private")
    assert (room.members, room.bots, room.role, room.pinned) == (4, [], "moderator", 1)
    assert room.archived


def test_what_a_summary_counts_already_is_not_counted_again() -> None:
    log = Log()
    log.take(summary(head=10, as_of=12, name="Now"))
    assert log.cursors == {1: 10}
    log.take({"type": "room", "room": 1, "seq": 11, "name": "Once"})
    log.take(someone(12, "join", 8))
    assert (log.rooms[1].name, log.rooms[1].members) == ("Now", 4)
    log.take(someone(13, "join", 9))
    assert log.rooms[1].members == 5


def test_a_room_that_is_told_again_takes_no_cursor_back() -> None:
    log = Log()
    log.take(summary())
    log.take(someone(11, "join", 8))
    log.take(summary(head=9, as_of=10, members=4))  # it does not know of the join
    assert (log.cursors, log.rooms[1].members) == ({1: 11}, 5)
    log.take(summary(head=9, as_of=12, members=3))
    assert (log.cursors, log.rooms[1].members) == ({1: 11}, 3)
    log.take(someone(12, "leave", 8))
    assert (log.cursors, log.rooms[1].members) == ({1: 12}, 3)
    log.take({"type": "resync", "room": 1, "head": 2, "reason": "ahead"})
    assert log.cursors == {1: 2}
    log.me = 5
    log.take(someone(3, "leave", 8))  # whether they were counted nobody knows
    log.take(someone(4, "role", 5, role="moderator"))
    assert (log.rooms[1].members, log.rooms[1].role) == (3, "moderator")
    log.take(summary(head=9, members=2))
    log.take(someone(10, "leave", 8))
    assert log.rooms[1].members == 1
    log.take({"type": "room_removed", "room": 1})
    assert (log.cursors, log.rooms) == ({}, {})
