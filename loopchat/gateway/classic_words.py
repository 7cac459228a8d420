"""Objects of `loopchat.v1` in the words of the classic sockets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from loopchat.chat.ledger import Actor

Told = dict[str, Any]

WINDOW: Final = 500
"""Messages whose ids are told when they are read."""


class RoomWords:
    """A room, in one of the two dialects."""

    def __init__(self, me: Actor, *, is_event: bool) -> None:
        self._is_event = is_event
        self._messages: dict[int, tuple[int, int]] = {}
        self._places: dict[int, int] = {}
        self._me = me

    def learn(self, rows: Iterable[tuple[int, int, int]], places: Mapping[int, int]) -> None:
        """Messages as seq, id and author, and how far people have read."""
        known = {seq: (message_id, author) for seq, message_id, author in rows}
        self._messages = dict(sorted((known | self._messages).items()))
        for uid, seq in places.items():
            self._places[uid] = max(seq, self._places.get(uid, 0))

    def tell(self, event: Told) -> list[Told]:
        """What such a client is told of an event."""
        match event["type"]:
            case "ready":
                for room in event["rooms"]:
                    self._places[self._me.id] = room["read"]
                return []
            case "chat_message":
                return self._message(event)
            case "error":
                return [_error(event)]
            case "online_count" if self._is_event:
                return [{"event": "online_count", "online_count": event["online_count"]}]
            case "user_typing" if not self._is_event:
                told = {name: event[name] for name in ("username", "is_typing")}
                return [{"type": "user_typing", **told}]
            case "message_read":
                read = self._read(event["uid"], event["seq"])
                return [] if self._is_event else _as_read(read, event["username"])
        return []

    def _message(self, event: Told) -> list[Told]:
        seq, uid = event["seq"], event["uid"]
        self._messages[seq] = (event["id"], uid)
        while len(self._messages) > WINDOW:
            del self._messages[next(iter(self._messages))]
        if "message" not in event:
            return []
        if self._is_event:
            body = {
                "id": event["id"],
                "author": event["username"],
                "body": event["message"],
                "created": _iso(event["ts"]),
            }
            return [{"event": "message", "message": body}]
        told = {name: event[name] for name in ("message", "username", "id", "seq")}
        return [{"type": "chat_message", **told, "timestamp": _iso(event["ts"])}]

    def _read(self, uid: int, seq: int) -> list[int]:
        """The messages of others between where somebody was and where they are."""
        before, self._places[uid] = self._places.get(uid, 0), seq
        return [
            message_id
            for at, (message_id, author) in self._messages.items()
            if before < at <= seq and author != uid
        ]


class LobbyWords:
    """All rooms of one person, as badges and notices need them."""

    def __init__(self, me: Actor) -> None:
        self._me = me
        self._rooms: dict[int, Told] = {}

    def tell(self, event: Told) -> list[Told]:
        """What such a client is told of an event."""
        match event["type"]:
            case "ready":
                self._rooms |= {room["room"]: room for room in event["rooms"]}
            case "room_added":
                self._rooms[event["room"]] = event
            case "room_removed":
                self._rooms.pop(event["room"], None)
            case "message_request" if event["room"] in self._rooms:
                self._rooms[event["room"]] |= {"request": False, "unread": event["unread"]}
            case "message_read" if event["uid"] == self._me.id and event["room"] in self._rooms:
                self._rooms[event["room"]]["unread"] = event.get("unread", 0)
            case "chat_message":
                return self._message(event)
            case "error":
                return [_error(event)]
        return []

    def _message(self, event: Told) -> list[Told]:
        room = self._rooms.get(event["room"])
        if room is None or event["uid"] == self._me.id or "message" not in event:
            return []
        if room.get("request"):  # what waits for a yes calls nobody
            return []
        if event["seq"] > max(room["head"], room.get("last", {}).get("seq", 0)):
            room["unread"] += 1  # what came with the room is counted in it
        if room["kind"] == "direct":
            where = {"target_user": self._me.username, "room_type": "private"}
        else:
            where = {"room_name": room["slug"] or room["name"], "room_type": "group"}
        return [
            {
                "type": "notification",
                "sender": event["username"],
                **where,
                "message": event["message"],
                "unread_count": room["unread"],
            }
        ]


def _as_read(ids: list[int], username: str) -> list[Told]:
    """Both ways to say it, because a client may know only one: the newest message, and all."""
    if not ids:
        return []
    bulk = {"type": "bulk_read", "message_ids": ids, "username": username}
    one = {"type": "message_read", "message_id": ids[-1], "username": username}
    return [one, bulk]


def _error(event: Told) -> Told:
    return {"type": "error", "code": event["code"], "message": event["message"]}


def _iso(ts: int) -> str:
    return datetime.fromtimestamp(ts / 1000, UTC).isoformat(timespec="milliseconds")
