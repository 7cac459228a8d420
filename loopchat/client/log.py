"""What a client knows: its rooms and a cursor for each, kept by the events that come."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from loopchat.realtime import events

NOT_IN_THE_LOG: Final = frozenset({"ok", "message_read", "delivered", "notification"})
"""Objects with a `seq` that is no place of their own."""


def _all_events(kind: type[Any]) -> dict[str, type[Any]]:
    found = {kind.__struct_config__.tag: kind} if kind.__struct_config__.tag else {}
    for one in kind.__subclasses__():
        found |= _all_events(one)
    return {str(tag): one for tag, one in found.items()}


KINDS: Final = {
    **_all_events(events.Event),
    "room_added": events.RoomAdded,
    "contact": events.Contact,
    "privacy": events.Privacy,
}


class Log:
    """Rooms and cursors of one person."""

    def __init__(self) -> None:
        self.rooms: dict[int, events.RoomSummary] = {}
        self.cursors: dict[int, int] = {}

    def take(self, told: dict[str, Any]) -> bool:
        """Take an object in; False for an event that was taken before."""
        kind, room = told["type"], told.get("room")
        if "seq" in told and kind not in NOT_IN_THE_LOG:
            if told["seq"] <= self.cursors.get(room or 0, 0):
                return False
            self.cursors[room or 0] = told["seq"]
        elif kind == "ready":
            for one in told["rooms"]:
                self._add(one)
        elif kind == "room_added":
            self._add({name: value for name, value in told.items() if name != "type"})
        elif kind == "resync":
            self.cursors[told["room"]] = told["head"]
        elif kind == "room_removed":
            self.rooms.pop(told["room"], None)
            self.cursors.pop(told["room"], None)
        return True

    def _add(self, room: dict[str, Any]) -> None:
        summary = msgspec.convert(room, events.RoomSummary)
        self.rooms[summary.room] = summary
        self.cursors[summary.room] = summary.head


def event_of(told: dict[str, Any]) -> msgspec.Struct | None:
    """An object as an event; None for one that this version does not know."""
    kind = KINDS.get(told["type"])
    if kind is None:
        return None
    rich = told.get("rich")
    bare = {name: value for name, value in told.items() if name != "rich"}
    try:
        found: msgspec.Struct = msgspec.json.decode(msgspec.json.encode(bare), type=kind)
    except msgspec.ValidationError:
        return None
    if rich is None:
        return found
    return msgspec.structs.replace(found, rich=msgspec.Raw(msgspec.json.encode(rich)))
