"""Messages until they are stored: in their order in each room, one at a time, again if need be."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import uuid4


class Sent(NamedTuple):
    """Where a message is stored. `dup`: it was before."""

    seq: int
    id: int
    ts: int
    dup: bool = False


@dataclass(slots=True)
class Entry:
    """A message on its way."""

    room: int
    text: str
    reply_to: int | None
    cid: str = field(default_factory=lambda: str(uuid4()))
    done: asyncio.Future[Sent] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def command(self) -> dict[str, Any]:
        """As it is sent, each time the same."""
        told = {"type": "chat_message", "room": self.room, "cid": self.cid, "message": self.text}
        return told if self.reply_to is None else {**told, "reply_to": self.reply_to}


class Outbox:
    """At most one message of each room is unanswered."""

    def __init__(self) -> None:
        self._rooms: dict[int, deque[Entry]] = {}
        self._in_flight: dict[int, Entry] = {}

    def add(self, entry: Entry) -> None:
        """Something to send."""
        self._rooms.setdefault(entry.room, deque()).append(entry)

    def due(self) -> Iterator[Entry]:
        """What may be sent now; it counts as sent from here on."""
        for room, waiting in self._rooms.items():
            if waiting and room not in self._in_flight:
                self._in_flight[room] = waiting[0]
                yield waiting[0]

    def stored(self, entry: Entry, sent: Sent) -> None:
        """It is stored."""
        self._end(entry)
        if not entry.done.done():
            entry.done.set_result(sent)

    def refused(self, entry: Entry, error: Exception) -> None:
        """It will never be."""
        self._end(entry)
        if not entry.done.done():
            entry.done.set_exception(error)

    def again(self, entry: Entry) -> None:
        """Not now: the same once more."""
        self._in_flight.pop(entry.room, None)

    def lost(self) -> None:
        """The connection is gone: whatever was unanswered is sent again with the next one."""
        self._in_flight.clear()

    def give_up(self, error: Exception) -> None:
        """There will be no next one."""
        for entry in [one for waiting in self._rooms.values() for one in waiting]:
            self.refused(entry, error)

    def _end(self, entry: Entry) -> None:
        self._in_flight.pop(entry.room, None)
        waiting = self._rooms.get(entry.room)
        if waiting and waiting[0] is entry:
            waiting.popleft()
        if not waiting:
            self._rooms.pop(entry.room, None)
