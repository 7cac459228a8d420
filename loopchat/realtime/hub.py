"""The hub: topics to local sockets, for one process.

The domain hands over what it has committed, the bus what other workers have; both end in the same
streams.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from loopchat.core.tally import tally
from loopchat.realtime import events, ringing, sweep
from loopchat.realtime.background import InDatabase, Tasks
from loopchat.realtime.bus import LOBBY, WORKERS, Bus, person_topic, room_topic
from loopchat.realtime.frames import frame
from loopchat.realtime.heights import Heights
from loopchat.realtime.listener import Listener, Source
from loopchat.realtime.onlookers import Onlookers
from loopchat.realtime.outbox import Aside, Committed, Entry, Replies
from loopchat.realtime.rights import Rechecks
from loopchat.realtime.stream import Stream
from loopchat.realtime.streams import Streams
from loopchat.realtime.subscriptions import Subscriptions
from loopchat.realtime.sweep import Sweep
from loopchat.realtime.veil import CLEAR

logger = logging.getLogger(__name__)


class Hub:
    """All sockets of this process, by person and by room."""

    def __init__(self, source: Source, bus: Bus, in_database: InDatabase) -> None:
        self.bus = bus
        self.in_database = in_database
        self.people: dict[int, set[Listener]] = {}
        self.lobby: set[Listener] = set()
        """Sockets that show no room."""
        self.on_presence: Callable[[int, bool], None] = lambda user_id, is_here: None
        """Told of each socket that comes and of each that goes: who listens counts them."""
        self.on_roll_call: Callable[[ringing.Asked | ringing.Told], None] = lambda rung: None
        """Told of what workers ask each other about themselves."""
        self.tasks = Tasks("the hub")
        self._heights = Heights()
        self._entering: dict[int, asyncio.Task[None]] = {}
        self._uncounted: set[int] = set()
        """Rooms on somebody's screen whose members have changed."""
        self._is_counting = False
        self._was_healthy = True
        self._far_away = bus.name != "memory"
        self.subscriptions = Subscriptions(bus, self._heights)
        self.rooms = Streams(source, in_database, self.subscriptions, self.tasks, self.view)
        self.onlookers = Onlookers(source, in_database, self.people, self.streams)
        self.rechecks = Rechecks(source, in_database, self.people, self.rooms, self.tasks)
        self.sweep = Sweep(source, in_database, self.people, self.rooms, self.rechecks)

    @property
    def streams(self) -> Mapping[int, Stream]:
        """The rooms that are live here."""
        return self.rooms.live

    async def start(self) -> None:
        """Connect the bus and begin to sweep."""
        await self.bus.start(self._receive, self._lost)
        await self.bus.subscribe([LOBBY, WORKERS])
        pause = sweep.BETWEEN_PROCESSES if self._far_away else sweep.IN_ONE_PROCESS
        self.tasks.spawn(self.sweep.run(pause, self.tell_health))

    async def stop(self) -> None:
        """Stop sweeping and let go of the bus."""
        await self.tasks.stop()
        await self.bus.stop()

    # --- what happened ----------------------------------------------------------------------

    def take(self, committed: Committed, replies: Replies) -> None:
        """Tell everybody about a transaction: sockets here, workers elsewhere, then who waits."""
        begun_at = time.monotonic()
        for room_id, entries in committed.rooms.items():
            self._hear(room_id, entries)
            self._ring(room_topic(room_id), ringing.Log(list(entries)))
        loop = asyncio.get_running_loop()
        for aside in committed.asides:
            loop.call_soon(self._deliver, aside)  # behind the frames of the rooms
            self._ring(aside.topic, ringing.of_aside(aside))
        if committed.rooms:  # behind the frames of the rooms, too
            loop.call_soon(_written, begun_at)
        for user_id in committed.people:
            self._ring(person_topic(user_id), ringing.Rights())
        self.rechecks.soon(committed.people)
        for room_id in committed.gone:
            self.rooms.end(room_id)
            self._ring(room_topic(room_id), ringing.Gone())
        for reply, outcome in replies:
            try:
                reply(outcome)
            except Exception:  # a bug in one answer must not cost the others theirs
                logger.exception("a reply could not be given")

    def call_workers(self, what: ringing.Asked | ringing.Told) -> None:
        """Say something to the other workers about workers."""
        self._ring(WORKERS, what)

    def _ring(self, topic: str, what: ringing.Ring) -> None:
        if self._far_away:
            tally.rung += 1
            self.bus.publish(topic, ringing.encode(what))

    def _receive(self, topic: str, payload: bytes) -> None:
        """What another worker has committed."""
        tally.heard += 1
        kind, _, number = topic.partition(":")
        target = int(number)
        match ringing.decode(payload):
            case ringing.Log(entries=entries) if kind == "room":
                self._hear(target, entries)
            case ringing.Say(data=data, skip=skip, passing=passing, height=height, only=only):
                self._deliver(Aside(topic, data, skip, passing, height, only))
            case ringing.Rights() if kind == "person":
                self.rechecks.soon({target})
            case ringing.Gone() if kind == "room":
                self.rooms.end(target)
            case (ringing.Asked() | ringing.Told()) as rung if topic == WORKERS:
                self.on_roll_call(rung)

    def _hear(self, room_id: int, entries: Sequence[Entry]) -> None:
        self.rooms.hear(room_id, entries)
        stream = self.streams.get(room_id)
        if stream is None or not stream.viewers:
            return
        if any(entry.receipts is not None for entry in entries):  # somebody came or left
            self._uncounted.add(room_id)
            if not self._is_counting:
                self._is_counting = True
                self.tasks.spawn(self._count_again())

    async def _count_again(self) -> None:
        """Who comes and leaves while a count is made is in the next one."""
        try:
            while self._uncounted:
                rooms, self._uncounted = self._uncounted, set()
                await self.onlookers.count_online(rooms)
        finally:
            self._is_counting = False

    def _lost(self) -> None:
        """The bus may have missed something: look now, not with the next sweep."""
        tally.lost += 1
        self.tell_health()
        self.tasks.spawn(self.sweep.once())

    def _deliver(self, aside: Aside) -> None:
        sockets = self._sockets_of(aside.topic)
        if not sockets:
            return
        if aside.height is not None and not self._heights.rise(aside.topic, *aside.height):
            return  # what two workers say of one cursor may come in another order
        data = frame(aside.data)
        for socket in sockets:
            if not _is_for(socket, aside):
                continue
            if aside.passing:
                if socket.is_ready:
                    socket.offer(data)
            elif socket.is_ready:
                socket.write(data)
            else:
                socket.hold(aside.data)

    def remember(self, topic: str, name: str, height: int) -> None:
        """A socket was told of this cursor from the database: the bus may be behind that."""
        if self._far_away:
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
        user_id = socket.user_id
        sockets = self.people.setdefault(user_id, set())
        sockets.add(socket)
        self.on_presence(user_id, True)
        if len(sockets) == 1:
            self._entering[user_id] = self.tasks.spawn(self._subscribe_person(user_id))
        if (entering := self._entering.get(user_id)) is not None:
            await asyncio.shield(entering)

    async def attach(self, socket: Listener, bases: Mapping[int, int]) -> None:
        """Make a socket live in rooms, in each from its base on."""
        await self.rooms.attach(socket, bases)

    def refresh(self, socket: Listener) -> None:
        """A socket has become live: take in what changed while it said hello."""
        if not self._was_healthy:
            socket.say(events.encode(events.Degraded(what=self.degraded)))
        self.rechecks.became_ready(socket)

    def leave(self, socket: Listener) -> None:
        """A socket is closed."""
        self.rooms.detach(socket, socket.rooms)
        self.lobby.discard(socket)
        user_id = socket.user_id
        sockets = self.people.get(user_id, set())
        if socket not in sockets:
            return
        sockets.remove(socket)
        self.on_presence(user_id, False)
        if not sockets:
            del self.people[user_id]
            topic = person_topic(user_id)
            self.tasks.spawn(self.subscriptions.drop(topic, lambda: user_id in self.people))

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
            self.tasks.spawn(self.onlookers.count_online({stream.room_id}))

    def tell_presence(self, states: Mapping[int, events.PresenceState]) -> None:
        """People came, stepped away or left: tell those who may know."""
        self.tasks.spawn(self.onlookers.tell_presence(dict(states)))

    async def _subscribe_person(self, user_id: int) -> None:
        try:
            await self.subscriptions.add([person_topic(user_id)])
        finally:
            if self._entering.get(user_id) is asyncio.current_task():  # else they went and came
                del self._entering[user_id]

    # --- health -----------------------------------------------------------------------------

    @property
    def degraded(self) -> list[str]:
        """What works only partly at the moment."""
        return [] if self.bus.healthy else ["bus"]

    def tell_health(self) -> None:
        """Tell all sockets when the bus goes away or comes back."""
        if self.bus.healthy == self._was_healthy:
            return
        self._was_healthy = self.bus.healthy
        data = frame(events.encode(events.Degraded(what=self.degraded)))
        for sockets in self.people.values():
            for socket in sockets:
                if socket.is_ready:
                    socket.write(data)


def _written(begun_at: float) -> None:
    """What was taken then has been written to the sockets here."""
    tally.fan_out.add(time.monotonic() - begun_at)


def _room_of(data: bytes) -> int | None:
    """The room that an encoded event is about."""
    room: int | None = msgspec.json.decode(data).get("room")
    return room


def _is_for(socket: Listener, aside: Aside) -> bool:
    """Whether an aside is for this one of the sockets of its topic."""
    if socket.user_id == aside.skip:
        return False
    if aside.only is not None and socket.user_id not in aside.only:
        return False
    if socket.only is not None and not aside.topic.startswith("room:"):
        return _room_of(aside.data) in socket.only
    is_clear = socket.veil is CLEAR or not aside.topic.startswith("room:")
    return is_clear or not socket.veil.hides(aside)
