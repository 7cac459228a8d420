"""The hub: topics to local sockets, for one process.

The domain hands over what it has committed, the bus what other workers have; both end in the same
streams. The sweep compares with the database what the bus may have lost, about rooms and about
people, so that a bus which is away costs a second or two and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from loopchat.core.clock import now_ms
from loopchat.realtime import events, ringing
from loopchat.realtime.background import InDatabase
from loopchat.realtime.bus import LOBBY, Bus, person_topic, room_topic
from loopchat.realtime.frames import frame, payloads
from loopchat.realtime.heights import Heights
from loopchat.realtime.listener import Audience, Goodbye, Head, Listener, Source
from loopchat.realtime.outbox import Aside, Committed, Entry, Replies
from loopchat.realtime.stream import Gone, Stream

logger = logging.getLogger(__name__)

LINGER: Final = 30.0
"""Seconds that a room without sockets stays subscribed: people come back."""

SWEEP_BETWEEN_PROCESSES: Final = 1.0
SWEEP_IN_ONE_PROCESS: Final = 5.0
"""Seconds between two comparisons with the database."""

LOGIN_CHECK: Final = 5.0
"""Seconds between two looks at whether sign-ins are still valid."""


class Hub:
    """All sockets of this process, by person and by room."""

    def __init__(self, source: Source, bus: Bus, in_database: InDatabase) -> None:
        self.source = source
        self.bus = bus
        self.in_database = in_database
        self.people: dict[int, set[Listener]] = {}
        self.streams: dict[int, Stream] = {}
        self.lobby: set[Listener] = set()
        """Sockets that show no room."""
        self.on_presence: Callable[[int, bool], None] = lambda user_id, is_here: None
        """Told of each socket that comes and of each that goes: who listens counts them."""
        self._opening: dict[int, asyncio.Task[None]] = {}
        self._heard: dict[int, int] = {}
        """The highest seq that was told of each room while it is being opened."""
        self._expected: Counter[int] = Counter()
        """Rooms that sockets are about to be live in: they are not let go."""
        self._entering: dict[int, asyncio.Task[None]] = {}
        self._subscribing = asyncio.Lock()
        self._recheck: set[int] = set()
        self._missed: set[int] = set()
        self._heights = Heights()
        self._rechecking: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._was_healthy = True
        self._logins_checked_at = 0.0
        self._quiet_until = 0.0
        self._far_away = bus.name != "memory"

    async def start(self) -> None:
        """Connect the bus and begin to sweep."""
        await self.bus.start(self._receive, self._lost)
        await self.bus.subscribe([LOBBY])
        self._spawn(self._sweeping())

    async def stop(self) -> None:
        """Stop sweeping and let go of the bus."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.bus.stop()

    # --- what happened ----------------------------------------------------------------------

    def take(self, committed: Committed, replies: Replies) -> None:
        """Tell everybody about a transaction: sockets here, workers elsewhere, then who waits."""
        for room_id, entries in committed.rooms.items():
            self._hear(room_id, entries)
            self._ring(room_topic(room_id), ringing.Log(list(entries)))
        loop = asyncio.get_running_loop()
        for aside in committed.asides:
            loop.call_soon(self._deliver, aside)  # behind the frames of the rooms
            self._ring(aside.topic, ringing.of_aside(aside))
        for user_id in committed.people:
            self._ring(person_topic(user_id), ringing.Rights())
        self._recheck_soon(committed.people)
        for room_id in committed.gone:
            self._end(room_id)
            self._ring(room_topic(room_id), ringing.Gone())
        for reply, outcome in replies:
            try:
                reply(outcome)
            except Exception:  # a bug in one answer must not cost the others theirs
                logger.exception("a reply could not be given")

    def _hear(self, room_id: int, entries: Sequence[Entry]) -> None:
        """New entries of a room's log. One that is just being opened reads them afterwards."""
        if (stream := self.streams.get(room_id)) is not None:
            stream.receive(entries)
        elif room_id in self._opening and entries:
            self._heard[room_id] = max(self._heard.get(room_id, 0), entries[-1].seq)

    def _ring(self, topic: str, what: ringing.Ring) -> None:
        if self._far_away:
            self.bus.publish(topic, ringing.encode(what))

    def _receive(self, topic: str, payload: bytes) -> None:
        """What another worker has committed."""
        kind, _, number = topic.partition(":")
        target = int(number)
        match ringing.decode(payload):
            case ringing.Log(entries=entries) if kind == "room":
                self._hear(target, entries)
            case ringing.Say(data=data, skip=skip, passing=passing, height=height):
                self._deliver(Aside(topic, data, skip, passing, height))
            case ringing.Rights() if kind == "person":
                self._recheck_soon({target})
            case ringing.Gone() if kind == "room":
                self._end(target)

    def _lost(self) -> None:
        """The bus may have missed something: look now, not with the next sweep."""
        self._spawn(self._sweep())

    def _deliver(self, aside: Aside) -> None:
        sockets = self._sockets_of(aside.topic)
        if not sockets:
            return
        if aside.height is not None and not self._heights.rise(aside.topic, *aside.height):
            return  # what two workers say of one cursor may come in another order
        data = frame(aside.data)
        for socket in sockets:
            if socket.user_id == aside.skip:
                continue
            if aside.passing:
                if socket.is_ready:
                    socket.offer(data)
            elif socket.is_ready:
                socket.write(data)
            else:
                socket.hold(aside.data)

    def remember(self, topic: str, heights: Mapping[str, int]) -> None:
        """A socket was told of these cursors from the database: the bus may be behind that."""
        if not self._far_away:
            return
        for name, height in heights.items():
            self._heights.rise(topic, sys.intern(name), height)

    def _sockets_of(self, topic: str) -> Collection[Listener]:
        kind, _, number = topic.partition(":")
        if kind == "person":
            return self.people.get(int(number), ())
        if kind == "lobby":
            return self.lobby
        stream = self.streams.get(int(number))
        return stream.sockets if stream is not None else ()

    # --- sockets ----------------------------------------------------------------------------

    async def enter(self, socket: Listener) -> None:
        """A socket of a person is here; returns when what concerns the person will be heard."""
        sockets = self.people.setdefault(socket.user_id, set())
        sockets.add(socket)
        self.on_presence(socket.user_id, True)
        if len(sockets) == 1:
            self._entering[socket.user_id] = self._spawn(self._subscribe_person(socket.user_id))
        if (entering := self._entering.get(socket.user_id)) is not None:
            await asyncio.shield(entering)

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

    def _expect_no_more(self, room_ids: Iterable[int]) -> None:
        for room_id in room_ids:
            self._expected[room_id] -= 1
            if not self._expected[room_id]:
                del self._expected[room_id]

    def leave(self, socket: Listener) -> None:
        """A socket is closed."""
        for room_id in list(socket.rooms):
            stream = self.streams.get(room_id)
            if stream is not None:
                stream.remove(socket)
        socket.rooms.clear()
        self.lobby.discard(socket)
        sockets = self.people.get(socket.user_id, set())
        if socket not in sockets:
            return
        sockets.remove(socket)
        self.on_presence(socket.user_id, False)
        if not sockets:
            del self.people[socket.user_id]
            self._spawn(self._unsubscribe_person(socket.user_id))

    def view(self, socket: Listener, room_id: int | None) -> None:
        """The socket shows this room now, or the lobby."""
        if room_id is None:
            self.lobby.add(socket)
        else:
            self.lobby.discard(socket)
        if socket.viewing is not None and (old := self.streams.get(socket.viewing)) is not None:
            old.viewers.discard(socket)
        socket.viewing = room_id
        stream = self.streams.get(room_id) if room_id is not None else None
        if stream is not None and socket in stream.sockets:
            stream.viewers.add(socket)
            self._spawn(self.count_online({stream.room_id}))

    async def count_online(self, room_ids: Collection[int]) -> None:
        """Tell those who show one of these rooms how many of its members are online."""
        shown = [r for r in room_ids if (s := self.streams.get(r)) is not None and s.viewers]
        if not shown:
            return
        counts = await self.in_database(lambda: self.source.online_counts(shown))
        for room_id, count in counts.items():
            event = events.OnlineCount(room=room_id, online_count=count)
            data = frame(events.encode(event))
            stream = self.streams.get(room_id)
            for socket in list(stream.viewers) if stream is not None else ():
                socket.offer(data)

    async def _join(self, socket: Listener, room_id: int, base: int) -> None:
        stream = self.streams.get(room_id)
        if stream is None:
            self._say_gone(socket, room_id)
            return
        try:
            await stream.join(socket, base)
        except Gone:
            self._say_gone(socket, room_id)
        if socket.is_closed:
            stream.remove(socket)
        elif socket.viewing == room_id:
            self.view(socket, room_id)

    def _say_gone(self, socket: Listener, room_id: int) -> None:
        if room_id in socket.rooms:
            socket.rooms.discard(room_id)
            socket.say(events.encode(events.RoomRemoved(room=room_id)))

    # --- rooms ------------------------------------------------------------------------------

    async def _open(self, room_ids: Iterable[int]) -> None:
        """Have a live stream for each room that exists: subscribe first, then read the head."""
        wanted = [room_id for room_id in room_ids if room_id not in self.streams]
        mine = [room_id for room_id in wanted if room_id not in self._opening]
        if mine:
            # A task of the hub, not of the socket that came first: others may wait for it too.
            self._opening.update(dict.fromkeys(mine, self._spawn(self._open_now(mine))))
        for opening in {self._opening[r] for r in wanted if r in self._opening}:
            await asyncio.shield(opening)

    async def _open_now(self, room_ids: list[int]) -> None:
        try:
            await self._subscribe([room_topic(room_id) for room_id in room_ids])
            heads = await self.in_database(lambda: self.source.heads(room_ids))
            for room_id, head in heads.items():
                self.streams[room_id] = self._new_stream(room_id, head)
        finally:
            for room_id in room_ids:
                del self._opening[room_id]
                self._heard.pop(room_id, None)
                if room_id not in self.streams:
                    self._spawn(self._unsubscribe_room(room_id))

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
        return await self.in_database(lambda: self.source.read(room_id, after=after, upto=upto))

    async def _begin_anew(self, stream: Stream) -> None:
        """Resync those who are still members; the log that is skipped may have removed others."""
        room_id = stream.room_id
        user_ids = {socket.user_id for socket in stream.sockets}
        heads = await self.in_database(lambda: self.source.heads([room_id]))
        if room_id not in heads:
            raise Gone
        rights = await self.in_database(lambda: self.source.rights(user_ids))
        for socket in list(stream.sockets):
            if socket.user_id in user_ids and room_id not in rights[socket.user_id].rooms:
                socket.say(events.encode(events.RoomRemoved(room=room_id)))
                stream.remove(socket)
        stream.receipts = heads[room_id].receipts
        stream.resync(heads[room_id].seq)

    def _end(self, room_id: int) -> None:
        stream = self.streams.pop(room_id, None)
        if stream is not None:
            stream.end()
            self._spawn(self._unsubscribe_room(room_id))

    async def _subscribe(self, topics: list[str]) -> None:
        async with self._subscribing:
            await self.bus.subscribe(topics)

    async def _subscribe_person(self, user_id: int) -> None:
        try:
            await self._subscribe([person_topic(user_id)])
        finally:
            if self._entering.get(user_id) is asyncio.current_task():  # else they went and came
                del self._entering[user_id]

    async def _unsubscribe_person(self, user_id: int) -> None:
        async with self._subscribing:
            if user_id not in self.people:
                self._heights.forget(person_topic(user_id))
                await self.bus.unsubscribe([person_topic(user_id)])

    async def _unsubscribe_room(self, room_id: int) -> None:
        async with self._subscribing:
            if room_id not in self.streams and room_id not in self._opening:
                self._heights.forget(room_topic(room_id))
                await self.bus.unsubscribe([room_topic(room_id)])

    # --- people -----------------------------------------------------------------------------

    def _recheck_soon(self, user_ids: Iterable[int]) -> None:
        """Rights are read again by one task, so that two looks at a person cannot overtake."""
        for user_id in user_ids:
            sockets = self.people.get(user_id, ())
            if any(not socket.is_ready for socket in sockets):
                self._missed.add(user_id)
            if sockets:
                self._recheck.add(user_id)
        if self._recheck and self._rechecking is None:
            self._rechecking = self._spawn(self._recheck_all())
            self._rechecking.add_done_callback(self._rechecked)

    def _rechecked(self, task: asyncio.Task[None]) -> None:
        """Somebody may have been added after the task's last look and before this."""
        self._rechecking = None
        self._recheck_soon(())

    def refresh(self, socket: Listener) -> None:
        """A socket has become live: take in what changed while it said hello."""
        if not self._was_healthy:
            socket.say(events.encode(events.Degraded(what=self.degraded)))
        if socket.user_id in self._missed:
            self._missed.discard(socket.user_id)
            self._recheck_soon({socket.user_id})

    async def _recheck_all(self) -> None:
        while self._recheck:
            user_ids, self._recheck = self._recheck, set()
            sockets = [s for user_id in user_ids for s in self.people.get(user_id, ())]
            await self._close_ended(sockets)
            # Sockets that become ready from here on know newer rights than those read here.
            ready_of = {u: [s for s in self.people.get(u, ()) if s.is_ready] for u in user_ids}
            rights = await self.in_database(partial(self.source.rights, user_ids))
            for user_id, held in rights.items():
                ready = [socket for socket in ready_of[user_id] if not socket.is_closed]
                await self._catch_up_rooms({r for s in ready for r in s.rooms} - held.rooms)
                for socket in ready:
                    await self._bring_up(socket, held.rooms, held.version)

    async def _bring_up(self, socket: Listener, rooms: frozenset[int], version: int) -> None:
        """Give and take rooms until the socket shows what its person may see."""
        socket.version = version  # now: what is taken away meanwhile makes it unknown again
        for room_id in socket.rooms - rooms:
            socket.say(events.encode(events.RoomRemoved(room=room_id)))
            socket.rooms.discard(room_id)
            if (stream := self.streams.get(room_id)) is not None:
                stream.remove(socket)
        missing = rooms - socket.rooms
        if missing:
            user_id = socket.user_id
            added = await self.in_database(lambda: self.source.additions(user_id, missing))
            for addition in added:
                if not socket.is_closed:
                    socket.say(addition.data)
                    await self.attach(socket, {addition.room: addition.base})

    async def _catch_up_rooms(self, room_ids: set[int]) -> None:
        """Deliver a removal from the log itself, so that it is the last event of the room."""
        cursors = {r: s.cursor for r in room_ids if (s := self.streams.get(r)) is not None}
        if not cursors:
            return
        behind = await self.in_database(lambda: self.source.behind(cursors))
        for room_id, head in behind.items():
            stream = self.streams.get(room_id)
            if stream is None:
                continue
            if head is None:
                self._end(room_id)
            else:
                await asyncio.wait([stream.catch_up(head)])

    async def _close_ended(self, sockets: Collection[Listener]) -> None:
        logins = {socket.login for socket in sockets}
        if not logins:
            return
        ended = await self.in_database(lambda: self.source.ended(logins))
        for socket in sockets:
            why = ended.get(socket.login)
            if why == "disabled":
                socket.close(Goodbye.DISABLED, "This account is disabled.")
            elif why is not None:
                socket.close(Goodbye.SIGNED_OUT, "You are signed out.")

    # --- presence ---------------------------------------------------------------------------

    def tell_presence(self, states: Mapping[int, events.PresenceState]) -> None:
        """People came, stepped away or left: tell those who may know."""
        self._spawn(self._tell_presence(dict(states)))

    async def _tell_presence(self, states: dict[int, events.PresenceState]) -> None:
        audience = await self.in_database(lambda: self.source.audience(states))
        said: dict[Listener, list[bytes]] = {}
        for user_id, state in states.items():
            seen = now_ms() if state == "offline" else None
            data = events.encode(events.Presence(uid=user_id, state=state, last_seen_ts=seen))
            for socket in self._who_may_know(user_id, audience):
                said.setdefault(socket, []).append(data)
        for socket, objects in said.items():
            for payload in payloads(objects):
                socket.offer(frame(payload))
        await self.count_online(audience.counted)

    def _who_may_know(self, user_id: int, audience: Audience) -> set[Listener]:
        """Sockets in a room with receipts that they share, and those of contacts; not their own."""
        found: set[Listener] = set()
        for room_id in audience.rooms.get(user_id, ()):
            if (stream := self.streams.get(room_id)) is not None:
                found |= stream.sockets
        for contact in audience.contacts.get(user_id, ()):
            found |= {socket for socket in self.people.get(contact, ()) if socket.is_ready}
        return found - self.people.get(user_id, set())

    # --- the sweep --------------------------------------------------------------------------

    async def _sweeping(self) -> None:
        pause = SWEEP_BETWEEN_PROCESSES if self._far_away else SWEEP_IN_ONE_PROCESS
        while True:
            await asyncio.sleep(pause)
            try:
                await self._sweep()
            except Exception as error:  # noqa: BLE001 - the next sweep finds the same
                self._say_rarely(f"the sweep could not read the database: {error}")

    async def _sweep(self) -> None:
        """Find what was lost: about rooms, about people, about sign-ins."""
        self._tell_health()
        await self._sweep_rooms()
        versions: dict[int, int] = {}
        for user_id, sockets in self.people.items():
            ready = [socket.version for socket in sockets if socket.is_ready]
            if ready:
                versions[user_id] = min(ready)
        if versions:
            self._recheck_soon(await self.in_database(lambda: self.source.changed(versions)))
        if time.monotonic() >= self._logins_checked_at + LOGIN_CHECK:
            self._logins_checked_at = time.monotonic()
            await self._close_ended([s for sockets in self.people.values() for s in sockets])

    async def _sweep_rooms(self) -> None:
        await self._let_go()
        cursors = {room_id: stream.cursor for room_id, stream in self.streams.items()}
        if not cursors:
            return
        behind = await self.in_database(lambda: self.source.behind(cursors))
        for room_id, head in behind.items():
            if (swept := self.streams.get(room_id)) is None:
                continue
            if head is None:
                self._end(room_id)
            elif head > swept.cursor:
                swept.catch_up(head)

    async def _let_go(self) -> None:
        """Forget rooms that have been without sockets for long. Each is looked at when its turn
        comes: while another one is let go it may end, be opened anew or be entered.
        """
        forget_before = time.monotonic() - LINGER
        for room_id, stream in list(self.streams.items()):
            is_idle = not stream.sockets and room_id not in self._expected
            is_old = is_idle and stream.empty_since < forget_before
            if is_old and self.streams.get(room_id) is stream:
                del self.streams[room_id]
                await self._unsubscribe_room(room_id)

    def _tell_health(self) -> None:
        """Tell all sockets when the bus goes away or comes back."""
        if self.bus.healthy == self._was_healthy:
            return
        self._was_healthy = self.bus.healthy
        data = frame(events.encode(events.Degraded(what=self.degraded)))
        for sockets in self.people.values():
            for socket in sockets:
                if socket.is_ready:
                    socket.write(data)

    @property
    def degraded(self) -> list[str]:
        """What works only partly at the moment."""
        return [] if self.bus.healthy else ["bus"]

    def _say_rarely(self, text: str) -> None:
        """One line a minute, however long it lasts."""
        if time.monotonic() >= self._quiet_until:
            self._quiet_until = time.monotonic() + 60
            logger.error(text)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._say_rarely(f"the hub could not finish a task: {error!r}")
