"""The rooms that are live in this process: opened when somebody comes, let go of when all left."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from loopchat.core.tally import tally
from loopchat.realtime import events
from loopchat.realtime.background import InDatabase, Tasks
from loopchat.realtime.bus import room_topic
from loopchat.realtime.listener import Goodbye, Head, Listener, Source
from loopchat.realtime.outbox import Entry
from loopchat.realtime.stream import Gone, Stream
from loopchat.realtime.subscriptions import Subscriptions

logger = logging.getLogger(__name__)

LINGER: Final = 30.0
"""Seconds that a room without sockets stays subscribed: people come back."""


class Streams:
    """The live end of each room that somebody here is in, by room."""

    def __init__(
        self,
        source: Source,
        in_database: InDatabase,
        subscriptions: Subscriptions,
        tasks: Tasks,
        shown: Callable[[Listener, int], None],
    ) -> None:
        """`shown` is told of each socket that becomes live in the room that it shows."""
        self.live: dict[int, Stream] = {}
        self._source = source
        self._in_database = in_database
        self._subscriptions = subscriptions
        self._tasks = tasks
        self._shown = shown
        self._opening: dict[int, asyncio.Task[None]] = {}
        self._heard: dict[int, int] = {}
        """The highest seq that was told of each room while it is being opened."""
        self._expected: Counter[int] = Counter()
        """Rooms that sockets are about to be live in: they are not let go."""

    def hear(self, room_id: int, entries: Sequence[Entry]) -> None:
        """New entries of a room's log. One that is just being opened reads them afterwards."""
        if (stream := self.live.get(room_id)) is not None:
            stream.receive(entries)
        elif room_id in self._opening and entries:
            self._heard[room_id] = max(self._heard.get(room_id, 0), entries[-1].seq)

    async def attach(self, socket: Listener, bases: Mapping[int, int]) -> None:
        """Make a socket live in rooms, in each from its base on.

        A room that cannot be read closes the socket with 4003: it comes back and resumes.
        """
        socket.rooms.update(bases)
        self._expected.update(bases.keys())
        try:
            await self._open(bases)
            for room_id, base in bases.items():
                await self._join(socket, room_id, base)
        except Exception as error:  # noqa: BLE001 - whatever it was, the client resumes
            logger.warning("a socket could not be made live: %r", error)
            socket.close(Goodbye.CURSOR_LOST, "The server could not read the room.")
        finally:
            self._expect_no_more(bases)

    def detach(self, socket: Listener, room_ids: Iterable[int]) -> None:
        """These rooms are not the socket's any more."""
        for room_id in list(room_ids):
            socket.rooms.discard(room_id)
            if (stream := self.live.get(room_id)) is not None:
                stream.remove(socket)

    def end(self, room_id: int) -> None:
        """The room is gone."""
        stream = self.live.pop(room_id, None)
        if stream is not None:
            stream.end()
            self._tasks.spawn(self._unsubscribe(room_id))

    async def catch_up(self, room_ids: Iterable[int], *, wait: bool) -> None:
        """Read what is missing in these rooms and end those that are gone.

        With `wait` this returns when their sockets have what was missing.
        """
        cursors = {r: s.cursor for r in room_ids if (s := self.live.get(r)) is not None}
        if not cursors:
            return
        behind = await self._in_database(lambda: self._source.behind(cursors))
        for room_id, head in behind.items():
            stream = self.live.get(room_id)
            if stream is None:
                continue
            if head is None:
                self.end(room_id)
            elif wait:
                await asyncio.wait([stream.catch_up(head)])
            elif head > stream.cursor:
                tally.found += 1
                stream.catch_up(head)

    async def let_go(self) -> None:
        """Forget rooms that have been without sockets for long. Each is looked at when its turn
        comes: while another one is let go it may end, be opened anew or be entered.
        """
        forget_before = time.monotonic() - LINGER
        for room_id, stream in list(self.live.items()):
            is_idle = not stream.sockets and room_id not in self._expected
            is_old = is_idle and stream.empty_since < forget_before
            if is_old and self.live.get(room_id) is stream:
                del self.live[room_id]
                await self._unsubscribe(room_id)

    def _expect_no_more(self, room_ids: Iterable[int]) -> None:
        for room_id in room_ids:
            self._expected[room_id] -= 1
            if not self._expected[room_id]:
                del self._expected[room_id]

    async def _join(self, socket: Listener, room_id: int, base: int) -> None:
        stream = self.live.get(room_id)
        if stream is None:
            _say_gone(socket, room_id)
            return
        try:
            await stream.join(socket, base)
        except Gone:
            _say_gone(socket, room_id)
        if socket.is_closed:
            stream.remove(socket)
        elif socket.viewing == room_id:
            self._shown(socket, room_id)

    async def _open(self, room_ids: Iterable[int]) -> None:
        """Have a live stream for each room that exists: subscribe first, then read the head."""
        wanted = [room_id for room_id in room_ids if room_id not in self.live]
        mine = [room_id for room_id in wanted if room_id not in self._opening]
        if mine:
            # A task of the process, not of the socket that came first: others may wait for it too.
            self._opening.update(dict.fromkeys(mine, self._tasks.spawn(self._open_now(mine))))
        for opening in {self._opening[r] for r in wanted if r in self._opening}:
            await asyncio.shield(opening)

    async def _open_now(self, room_ids: list[int]) -> None:
        try:
            await self._subscriptions.add(room_topic(room_id) for room_id in room_ids)
            heads = await self._in_database(lambda: self._source.heads(room_ids))
            for room_id, head in heads.items():
                self.live[room_id] = self._new_stream(room_id, head)
        finally:
            for room_id in room_ids:
                del self._opening[room_id]
                self._heard.pop(room_id, None)
                if room_id not in self.live:
                    self._tasks.spawn(self._unsubscribe(room_id))

    def _new_stream(self, room_id: int, head: Head) -> Stream:
        """What was told after its head was read is a hole from the beginning."""
        stream = Stream(
            room_id,
            cursor=head.seq,
            receipts=head.receipts,
            read=self._read,
            begin_anew=self._begin_anew,
        )
        if (heard := self._heard.get(room_id, 0)) > head.seq:
            stream.catch_up(heard)
        return stream

    async def _read(self, room_id: int, after: int, upto: int) -> list[Entry]:
        return await self._in_database(lambda: self._source.read(room_id, after=after, upto=upto))

    async def _begin_anew(self, stream: Stream) -> None:
        """Resync those who are still members; the log that is skipped may have removed others."""
        room_id = stream.room_id
        user_ids = {socket.user_id for socket in stream.sockets}
        heads = await self._in_database(lambda: self._source.heads([room_id]))
        if room_id not in heads:
            raise Gone
        rights = await self._in_database(lambda: self._source.rights(user_ids))
        for socket in list(stream.sockets):
            if socket.user_id in user_ids and room_id not in rights[socket.user_id].rooms:
                socket.say(events.encode(events.RoomRemoved(room=room_id)))
                stream.remove(socket)
        stream.receipts = heads[room_id].receipts
        stream.resync(heads[room_id].seq)

    async def _unsubscribe(self, room_id: int) -> None:
        await self._subscriptions.drop(
            room_topic(room_id), lambda: room_id in self.live or room_id in self._opening
        )


def _say_gone(socket: Listener, room_id: int) -> None:
    if room_id in socket.rooms:
        socket.rooms.discard(room_id)
        socket.say(events.encode(events.RoomRemoved(room=room_id)))
