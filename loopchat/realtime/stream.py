"""One room's log as this process delivers it: a cursor, the sockets, and repair of holes.

The rule that everything rests on: an entry goes out only as `cursor + 1`. What is older was
delivered, what is newer shows a hole, and a hole is read from the database first.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, Final

from loopchat.core.tally import tally
from loopchat.realtime import events
from loopchat.realtime.frames import frame, payloads
from loopchat.realtime.listener import UNKNOWN, Listener
from loopchat.realtime.outbox import Entry

PAGE: Final = 200
"""Entries that a repair reads at once."""

TOO_FAR: Final = 2_000
"""A stream further behind than this does not catch up: its sockets read the room anew."""

RECENT: Final = 64
"""Flushed entries that are kept for sockets that are just coming in."""

TURN: Final = 1_000
"""Sockets written to before the loop gets a turn."""

logger = logging.getLogger(__name__)

Read = Callable[[int, int, int], Awaitable[list[Entry]]]
"""`(room, after, upto)`: the entries of a range."""


BeginAnew = Callable[["Stream"], Awaitable[None]]
"""Resync a stream that is too far behind; its cursor is at the head afterwards."""


class Gone(Exception):
    """The room was deleted."""


class Stream:
    """The live end of one room."""

    def __init__(
        self, room_id: int, *, cursor: int, receipts: bool, read: Read, begin_anew: BeginAnew
    ) -> None:
        self.room_id = room_id
        self.cursor = cursor
        self.receipts = receipts
        self.sockets: set[Listener] = set()
        self.viewers: set[Listener] = set()
        self.empty_since = time.monotonic()
        self.gaps = 0
        self._target = cursor
        self._read = read
        self._begin_anew = begin_anew
        self._pending: list[Entry] = []
        self._recent: deque[Entry] = deque(maxlen=RECENT)
        self._flush_due = False
        self._fan_out: asyncio.Task[None] | None = None
        self._crowd: set[Listener] = set()
        self._repair: asyncio.Task[None] | None = None
        self._leaver: int | None = None

    def receive(self, entries: Iterable[Entry]) -> None:
        """Take what was committed, here or elsewhere, in whatever order it comes."""
        for entry in entries:
            if entry.seq == self.cursor + 1 and self._repair is None:
                self._accept(entry)
            elif entry.seq > self.cursor:
                self._target = max(self._target, entry.seq)
        if self._target > self.cursor:
            self.gaps += 1
            tally.gaps += 1
            self.catch_up(self._target)
        self._flush_soon()

    def catch_up(self, upto: int) -> asyncio.Task[None]:
        """Read what is missing up to a seq. One repair at a time goes on to the highest target."""
        self._target = max(self._target, upto)
        if self._repair is None or self._repair.done():
            tally.repairs += 1
            self._repair = asyncio.create_task(self._repairing())
            self._repair.add_done_callback(self._repaired)
        return self._repair

    async def join(self, socket: Listener, base: int) -> None:
        """Make a socket live that has everything up to `base`.

        What lies between is read for it alone; the last step runs without awaiting, so that
        nothing falls between the read and the live end. Ends early when the socket closes or its
        person was removed on the way. Raises `Gone`.
        """
        while not socket.is_closed and self.room_id in socket.rooms:
            if base == self.flushed:
                self.sockets.add(socket)
                return
            if base > self.flushed:
                await self._get_ahead(base)
                continue
            entries = self._remembered(base) or await self._read(
                self.room_id, base, min(self.flushed, base + PAGE)
            )
            if not entries:
                raise Gone
            base = entries[-1].seq
            if self._say_up_to_removal(socket, entries):
                return

    @property
    def flushed(self) -> int:
        """The seq up to which the sockets have been written to: what is pending comes after it."""
        return self.cursor - len(self._pending)

    def remove(self, socket: Listener) -> None:
        """The socket is closed, or the room is not its person's any more."""
        self.sockets.discard(socket)
        self.viewers.discard(socket)
        self._crowd.discard(socket)
        if not self.sockets:
            self.empty_since = time.monotonic()
        socket.rooms.discard(self.room_id)

    def end(self) -> None:
        """The room is gone: say so and let go of everybody."""
        for socket in list(self.sockets):
            _say_removed(self, socket)
        if self._repair is not None:
            self._repair.cancel()

    def resync(self, head: int) -> None:
        """Too far behind to catch up: what the sockets hold is void, the new base is `head`."""
        self._pending.clear()
        self._recent.clear()
        self.cursor = head
        tally.resyncs += 1
        resync = events.Resync(room=self.room_id, head=head, reason="too_far")
        data = frame(events.encode(resync))
        for socket in self.sockets:
            socket.write(data)

    def _remembered(self, base: int) -> list[Entry]:
        """What was flushed after `base`, when all of it is still in memory.

        Without this a socket could not get into a busy room: while it reads what it has missed,
        more is written.
        """
        if not self._recent or self._recent[0].seq > base + 1:
            return []
        return [entry for entry in self._recent if entry.seq > base]

    async def _get_ahead(self, base: int) -> None:
        """Come to what somebody has seen elsewhere, or write what waits for a crowd."""
        if base > self.cursor:
            await _end_of(self.catch_up(base))
        elif self._fan_out is not None:
            await _end_of(self._fan_out)
        else:
            self._flush()

    def _accept(self, entry: Entry) -> None:
        self.cursor = entry.seq
        self._pending.append(entry)
        if entry.receipts is not None:
            self.receipts = entry.receipts

    def _flush_soon(self) -> None:
        """Everything that becomes ready in one turn of the loop shares a frame."""
        if self._pending and not self._flush_due:
            self._flush_due = True
            asyncio.get_running_loop().call_soon(self._flush_now)

    def _flush_now(self) -> None:
        self._flush_due = False
        self._flush()

    def _flush(self) -> None:
        """Write what is pending to those who are here now; a removal ends its frame."""
        if self._fan_out is not None or not self._pending:
            return
        pending, self._pending = self._pending, []
        part: list[bytes] = []
        for at, entry in enumerate(pending):
            part.append(entry.data)
            self._recent.append(entry)
            if entry.leaves is not None:
                if self._write(part):
                    self._pending = pending[at + 1 :]
                    self._leaver = entry.leaves
                    return
                self._expel(entry.leaves)
                part = []
        if part:
            self._write(part)

    def _write(self, objects: list[bytes]) -> bool:
        """Write to all sockets; whether a large crowd is still being written to afterwards."""
        frames = [frame(payload) for payload in payloads(objects)]
        tally.deliveries += len(objects) * len(self.sockets)
        tally.frames += len(frames) * len(self.sockets)
        if len(self.sockets) > TURN:
            self._fan_out = asyncio.create_task(self._write_in_turns(frames))
            self._fan_out.add_done_callback(self._fanned_out)
            return True
        _write(self.sockets, frames)
        return False

    def _write_in_turns(self, frames: list[bytes]) -> Coroutine[Any, Any, None]:
        """Who comes later is not owed these frames; who goes meanwhile must not get them."""
        crowd = self._crowd = set(self.sockets)
        queue = list(crowd)

        async def write() -> None:
            for start in range(0, len(queue), TURN):
                turn = queue[start : start + TURN]
                _write([socket for socket in turn if socket in crowd], frames)
                await asyncio.sleep(0)

        return write()

    def _fanned_out(self, task: asyncio.Task[None]) -> None:
        self._fan_out = None
        self._crowd = set()
        leaver, self._leaver = self._leaver, None
        if leaver is not None:
            self._expel(leaver)
        self._flush()

    def _expel(self, user_id: int) -> None:
        for socket in [socket for socket in self.sockets if socket.user_id == user_id]:
            _say_removed(self, socket)

    def _say_up_to_removal(self, socket: Listener, entries: list[Entry]) -> bool:
        """Say missed entries to one socket; whether one of them removed its person."""
        said: list[bytes] = []
        for entry in entries:
            said.append(entry.data)
            if entry.leaves == socket.user_id:
                socket.say(*said)
                _say_removed(self, socket)
                return True
        socket.say(*said)
        return False

    async def _repairing(self) -> None:
        while self.cursor < self._target:
            await self._settle()
            if self._target - self.cursor > TOO_FAR:
                await self._begin_anew(self)
                continue
            entries = await self._read(
                self.room_id, self.cursor, min(self._target, self.cursor + PAGE)
            )
            if not entries:
                raise Gone
            tally.repaired += len(entries)
            for entry in entries:
                if entry.seq == self.cursor + 1:
                    self._accept(entry)
            self._flush()

    async def _settle(self) -> None:
        """Have written what is in order, also to a crowd: nothing old may follow a resync."""
        while self._pending or self._fan_out is not None:
            if self._fan_out is not None:
                await _end_of(self._fan_out)
            else:
                self._flush()

    def _repaired(self, task: asyncio.Task[None]) -> None:
        """A failed read is not tried again here: the next event or sweep finds the hole again."""
        if self._repair is task:
            self._repair = None
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.debug("room %d is not repaired yet: %r", self.room_id, error)


async def _end_of(task: asyncio.Task[None]) -> None:
    """Wait for a task and at least one turn, in which its callbacks run; raises its error.

    Without that turn whoever loops around a task that has just ended would loop for ever. A repair
    is cancelled when the room ends.
    """
    await asyncio.wait([task])
    if task.cancelled():
        raise Gone
    task.result()


def _write(sockets: Iterable[Listener], frames: list[bytes]) -> None:
    """The inner loop of everything: one socket that fails must not end it for the rest."""
    for data in frames:
        for socket in sockets:
            try:
                socket.write(data)
            except Exception as error:  # noqa: BLE001
                logger.debug("a socket could not be written to: %r", error)


def _say_removed(stream: Stream, socket: Listener) -> None:
    """Let go of a socket. Its rights may be newer than this part of the log: look again."""
    socket.version = UNKNOWN
    socket.say(events.encode(events.RoomRemoved(room=stream.room_id)))
    stream.remove(socket)
