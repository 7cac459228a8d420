"""What a client knows: its rooms and a cursor for each, kept by the events that come."""

from __future__ import annotations

from typing import Any, Final, TypeVar

import msgspec

from loopchat.realtime import events

S = TypeVar("S", bound=msgspec.Struct)

NOT_IN_THE_LOG: Final = frozenset({"ok", "message_read", "delivered", "notification"})
"""Objects with a `seq` that is no place of their own."""


def _all_events(kind: type[Any]) -> dict[str, type[Any]]:
    found = {kind.__struct_config__.tag: kind} if kind.__struct_config__.tag else {}
    for one in kind.__subclasses__():
        found |= _all_events(one)
    return {str(tag): one for tag, one in found.items()}


KINDS: Final[dict[str, type[msgspec.Struct]]] = {
    **_all_events(events.Event),
    "room_added": events.RoomAdded,
    "contact": events.Contact,
    "privacy": events.Privacy,
}


CHANGES: Final = {"join": 1, "leave": -1, "kick": -1, "ban": -1}
"""What happened to a member, and by how much the number of members changes."""

CHANGING: Final = ("name", "topic", "archived", "kind", "slug")
"""Fields of a room that its event `room` may have."""


class Log:
    """Rooms and cursors of one person.

    A summary follows what a room is called, who is in it and what is pinned. What is unread, and
    the last message, are those of the moment when the server told it. After a `Resync` while one is
    connected nobody knows how many came and went: the numbers stay until the next connection.
    """

    def __init__(self) -> None:
        self.me: int | None = None
        self.rooms: dict[int, events.RoomSummary] = {}
        self.cursors: dict[int, int] = {}
        self._as_of: dict[int, int] = {}
        """Up to here the summary of a room knows what happened."""
        self._uncounted: set[int] = set()
        """Rooms of which a part was never told: their numbers wait for the next summary."""

    def take(self, told: dict[str, Any]) -> bool:
        """Take an object in; False for an event that was taken before."""
        kind, room = told["type"], told.get("room")
        if "seq" in told and kind not in NOT_IN_THE_LOG:
            if told["seq"] <= self.cursors.get(room or 0, 0):
                return False
            self.cursors[room or 0] = told["seq"]
            self._follow(told)
        elif kind in ("ready", "room_added"):
            for one in told["rooms"] if kind == "ready" else [told]:
                self._add(one)
        elif kind == "resync":
            self.cursors[told["room"]] = self._as_of[told["room"]] = told["head"]
            self._uncounted.add(told["room"])
        elif kind == "room_removed":
            self._forget(told["room"])
        return True

    def _add(self, room: dict[str, Any]) -> None:
        """A summary. One that is older than the events that came since has nothing to say, and no
        cursor goes back: only `resync` may do that."""
        bare = {name: value for name, value in room.items() if name != "type"}
        summary = msgspec.convert(bare, events.RoomSummary)
        cursor = self.cursors.get(summary.room, 0)
        as_of = max(summary.head, room.get("as_of") or 0)
        if summary.room not in self.rooms or as_of >= cursor:
            self.rooms[summary.room] = summary
            self._as_of[summary.room] = as_of
            self._uncounted.discard(summary.room)
        self.cursors[summary.room] = max(cursor, summary.head)

    def _forget(self, room: int) -> None:
        self.rooms.pop(room, None)
        self.cursors.pop(room, None)
        self._as_of.pop(room, None)
        self._uncounted.discard(room)

    def _follow(self, told: dict[str, Any]) -> None:
        """What an event changes in the summary of its room."""
        summary = self.rooms.get(told.get("room", 0))
        if summary is None:
            return
        changes: dict[str, Any] = {}
        if told["type"] == "membership" and told["uid"] == self.me and told.get("role"):
            changes["role"] = told["role"]
        if told["seq"] > self._as_of.get(summary.room, 0):  # else the summary knows it already
            if told["type"] == "room":
                changes |= {name: told[name] for name in CHANGING if name in told}
            elif summary.room not in self._uncounted:
                changes |= _counts(summary, told)
        self.rooms[summary.room] = msgspec.structs.replace(summary, **changes)


def _counts(summary: events.RoomSummary, told: dict[str, Any]) -> dict[str, Any]:
    """Fields of a summary that are one more or less after an event."""
    if told["type"] == "pinned":
        return {"pinned": max(0, summary.pinned + (1 if told["on"] else -1))}
    change = CHANGES.get(told["kind"]) if told["type"] == "membership" else None
    if change is None:
        return {}
    bots = summary.bots and [uid for uid in summary.bots if change > 0 or uid != told["uid"]]
    return {"members": summary.members + change, "bots": bots}


def event_of(told: dict[str, Any]) -> msgspec.Struct | None:
    """An object as an event; None for one that this version does not know."""
    kind = KINDS.get(told["type"])
    if kind is None:
        return None
    try:
        return struct_of(kind, told)
    except msgspec.ValidationError:
        return None


def struct_of(kind: type[S], told: dict[str, Any]) -> S:
    """An object as that struct; its `rich` stays JSON. Raises `ValidationError`."""
    rich = told.get("rich")
    bare = {name: value for name, value in told.items() if name != "rich"}
    found = msgspec.json.decode(msgspec.json.encode(bare), type=kind)
    if rich is None:
        return found
    return msgspec.structs.replace(found, rich=msgspec.Raw(msgspec.json.encode(rich)))
