"""What clients did and saw, written down as the history checker reads it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from tests.faults.wire import Frame

SYSTEM = "_sys"
_ADD, _REMOVE = "add", "remove"
_MEMBERSHIP = {"join": _ADD, "leave": _REMOVE, "kick": _REMOVE, "ban": _REMOVE}

Item = list[object]
"""`[seq, id, u, cid, h]`: one place in a room's log."""


def hash_of(text: str) -> str:
    """The content of a message, short enough for a history."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Recorder:
    """One run's history; every line has the time at which it was written, or an earlier one."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.path = path
        self.lines: list[dict[str, object]] = []
        self.acknowledged: set[object] = set()
        self._news = asyncio.Event()
        self._clock = clock
        self._file: TextIO = path.open("w", encoding="utf-8")
        self._sent: dict[str, str] = {}
        self._entering: dict[tuple[int, int], float] = {}
        self._members: set[tuple[int, int]] = set()

    def now(self) -> float:
        """The time of the run."""
        return self._clock()

    def write(self, op: str, **fields: object) -> None:
        """Write one operation; `t` is now unless given."""
        line = {"op": op, "t": self.now(), **fields}
        self.lines.append(line)
        self._file.write(json.dumps(line) + "\n")
        if line.get("phase") == "ok":
            self.acknowledged.add(line["cid"])
            self._news.set()

    async def until_acknowledged(self, number: int, within: float = 60) -> None:
        """Wait until so many more messages were acknowledged to anybody."""
        goal = len(self.acknowledged) + number
        async with asyncio.timeout(within):
            while len(self.acknowledged) < goal:
                self._news.clear()
                await self._news.wait()

    def invoke(self, conn: str, u: int, room: int, cid: str, text: str) -> None:
        """A message is about to be written to a socket."""
        h = hash_of(text)
        self._sent.setdefault(cid, h)
        self.write("send", phase="invoke", conn=conn, u=u, room=room, cid=cid, h=h)

    def outcome(self, phase: str, u: int, room: int, cid: str, **fields: object) -> None:
        """What the client learned of it: `ok`, `fail` or `info`."""
        self.write("send", phase=phase, u=u, room=room, cid=cid, **fields)

    def entering(self, room: int, u: int) -> None:
        """Somebody is about to be let into a room: it cannot have happened before now."""
        self._entering.setdefault((room, u), self.now())

    def event(self, conn: str, frame: Frame, src: str) -> None:
        """A stored event as it left a socket."""
        seq, event, u, cid, h = self.item(frame)
        self.write(
            "recv", conn=conn, room=frame["room"], seq=seq, id=event, u=u, cid=cid, h=h, src=src
        )
        self.member(frame)

    def member(self, frame: Frame) -> None:
        """If the event is a coming or going, write it down once."""
        kind = _MEMBERSHIP.get(frame.get("kind", "")) if frame["type"] == "membership" else None
        place = (frame["room"], frame["seq"])
        if kind is None or place in self._members:
            return
        self._members.add(place)
        room, u = frame["room"], frame["uid"]
        now = self.now()
        since = self._entering.pop((room, u), now) if kind == _ADD else now
        _, event, *_ = self.item(frame)
        self.write("member", t=since, room=room, u=u, kind=kind, seq=frame["seq"], id=event)

    def item(self, frame: Frame) -> Item:
        """The place that a stored event takes in its room's log."""
        seq = frame["seq"]
        if frame["type"] == "chat_message":
            return [seq, frame["id"], frame["uid"], frame["cid"], self._content(frame)]
        event, h = _system(frame)
        return [seq, f"{event}@{seq}", SYSTEM, f"{event}@{seq}", h]

    def page(self, u: int, answer: Frame, room: int, asked: float) -> None:
        """A page of the whole log."""
        self.write(
            "page",
            u=u,
            room=room,
            lo=answer["from"],
            hi=answer["to"],
            items=[self.item({"room": room, **item}) for item in answer["items"]],
            head=answer["head"],
            asked=asked,
        )

    def close(self) -> Path:
        """End the record; the path is for the checker."""
        self._file.close()
        return self.path

    def _content(self, frame: Frame) -> str:
        """A changed text is no longer what was sent: then the `cid` says what that was."""
        changed = "edited_ts" in frame or "deleted_ts" in frame
        if changed and frame["cid"] in self._sent:
            return self._sent[frame["cid"]]
        return hash_of(frame.get("message", ""))


def _system(frame: Frame) -> tuple[str, str]:
    """The name of an event that is no message, and what the history calls its content."""
    kind: str = frame["type"]
    if kind == "membership":
        change: str = frame["kind"]
        return f"{change}:{frame['uid']}", _MEMBERSHIP.get(change, change)
    if kind == "reaction":
        return f"reaction:{frame['id']}:{frame['uid']}:{frame['emoji']}:{frame['on']}", kind
    if kind in ("edited", "deleted"):
        return f"{kind}:{frame['id']}:{frame['uid']}", kind
    return kind, kind
