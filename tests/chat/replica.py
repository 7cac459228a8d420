"""A client's picture of a room: what a page showed, and every event since, folded in.

It follows the protocol's page and nothing else. After any number of events it must equal what a
freshly read page shows.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from loopchat.accounts.models import User
from loopchat.chat import history, reading

Event = dict[str, Any]
DRAWN = ("chat_message", "membership", "room")


def drawn(person: User, room_id: int) -> list[Event]:
    """All that is drawn of a room, freshly read in pages."""
    found: list[Event] = []
    before = None
    while True:
        page = history.page(person, room_id, before=before, limit=100)
        found = plain(page.items) + found
        if page.complete:
            return found
        before = page.start


def summary(person: User, room_id: int) -> Event:
    """The room in this person's list, freshly read."""
    found: Event = plain(reading.summary(person, room_id))
    return found


def plain(value: object) -> Any:
    """As a client decodes it."""
    return json.loads(msgspec.json.encode(value))


class Replica:
    """One room as one person's client holds it."""

    def __init__(self, person: User, room_id: int) -> None:
        self.person = person
        self.summary = summary(person, room_id)
        self.head = self.summary["head"]
        self.items = {item["seq"]: item for item in drawn(person, room_id)}
        self.pinned = {item["id"] for item in plain(history.pins(person, room_id))}

    def fold(self, events: list[Event]) -> None:
        """Take events in; each must be the next one."""
        for event in events:
            assert event["seq"] == self.head + 1, (event["seq"], self.head)
            self.head = self.summary["head"] = event["seq"]
            getattr(self, f"_{event['type']}")(event)

    def check(self) -> None:
        """What is held equals what is freshly read, but for what is told to this person alone."""
        fresh = summary(self.person, self.summary["room"])
        for changing in ("updated_ts", "read", "delivered", "unread_from", "mentions"):
            fresh.pop(changing, None)
            self.summary.pop(changing, None)
        assert self.summary == fresh
        pins = plain(history.pins(self.person, self.summary["room"]))
        assert self.pinned == {item["id"] for item in pins}
        held = [self.items[seq] for seq in sorted(self.items)]
        assert held == drawn(self.person, self.summary["room"])

    def _chat_message(self, event: Event) -> None:
        self.items[event["seq"]] = dict(event)
        kept = ("id", "seq", "uid", "username", "ts", "message", "deleted_ts")
        last = {key: event[key] for key in kept if key in event}
        if "message" in last:  # not when it was deleted before this client heard of it
            last["message"] = last["message"][:160]
        self.summary["last"] = last
        if event["uid"] != self.person.pk:
            self.summary["unread"] += 1

    def _edited(self, event: Event) -> None:
        item = self._message(event)
        item["edited_ts"] = event["ts"]
        if "deleted_ts" in item:
            return
        if "message" in event:  # else the text is fetched, or the message deleted by now
            item["message"] = event["message"]
            if self._is_last(event):
                self.summary["last"]["message"] = event["message"][:160]

    def _deleted(self, event: Event) -> None:
        self._pin(event["id"], on=False)
        item = self._message(event)
        item["deleted_ts"] = event["ts"]
        for gone in ("message", "reactions"):
            item.pop(gone, None)
        if self._is_last(event):
            self.summary["last"].pop("message", None)
            self.summary["last"]["deleted_ts"] = event["ts"]

    def _reaction(self, event: Event) -> None:
        item = self._message(event)
        if "deleted_ts" in item:
            return
        reactions = item.setdefault("reactions", {})
        uids = reactions.get(event["emoji"], {"uids": []})["uids"]
        uids = [uid for uid in uids if uid != event["uid"]]
        if event["on"]:
            uids.append(event["uid"])
        reactions[event["emoji"]] = {"n": len(uids), "uids": uids}
        if not uids:
            del reactions[event["emoji"]]
        if not reactions:
            del item["reactions"]

    def _pinned(self, event: Event) -> None:
        self.items[event["seq"]] = dict(event)
        if "deleted_ts" not in self._message(event):
            self._pin(event["id"], on=event["on"])

    def _pin(self, message_id: int, *, on: bool) -> None:
        (self.pinned.add if on else self.pinned.discard)(message_id)
        self.summary["pinned"] = len(self.pinned)
        if not self.pinned:
            del self.summary["pinned"]

    def _membership(self, event: Event) -> None:
        self.items[event["seq"]] = dict(event)
        self.summary["members"] += {"join": 1, "role": 0}.get(event["kind"], -1)
        if event["kind"] == "role" and event["uid"] == self.person.pk:
            self.summary["role"] = event["role"]

    def _room(self, event: Event) -> None:
        self.items[event["seq"]] = dict(event)
        for field in ("name", "topic", "archived"):
            if field in event:
                self._room_field(field, event[field])

    def _room_field(self, field: str, value: object) -> None:
        """Events of a room show its fields as they are now, the older ones too."""
        for item in self.items.values():
            if item["type"] == "room" and field in item:
                item[field] = value
        self.summary[field] = value
        if field == "archived" and not value:
            del self.summary[field]

    def _message(self, event: Event) -> Event:
        messages = (item for item in self.items.values() if item["type"] == "chat_message")
        return next(item for item in messages if item["id"] == event["id"])

    def _is_last(self, event: Event) -> bool:
        return bool(self.summary["last"]["id"] == event["id"])
