"""What people may see, brought to their sockets when it changes.

The doorbell about a person carries nothing: what they may see is read from the database, by one
path for the doorbell and for the sweep.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from functools import partial

from loopchat.realtime import events
from loopchat.realtime.background import InDatabase, Tasks
from loopchat.realtime.listener import UNKNOWN, Goodbye, Listener, Rights, Source
from loopchat.realtime.streams import Streams


class Rechecks:
    """Looks at people's rights again, by one task, so that two looks cannot overtake."""

    def __init__(
        self,
        source: Source,
        in_database: InDatabase,
        people: Mapping[int, Collection[Listener]],
        streams: Streams,
        tasks: Tasks,
    ) -> None:
        self._source = source
        self._in_database = in_database
        self._people = people
        self._streams = streams
        self._tasks = tasks
        self._wanted: set[int] = set()
        self._missed: set[int] = set()
        """People of whom something was heard while one of their sockets said hello."""
        self._running: asyncio.Task[None] | None = None

    def soon(self, user_ids: Iterable[int]) -> None:
        """Something about these people has changed, or may have."""
        for user_id in user_ids:
            sockets = self._people.get(user_id, ())
            if any(not socket.is_ready for socket in sockets):
                self._missed.add(user_id)
            if sockets:
                self._wanted.add(user_id)
        if self._wanted and self._running is None:
            self._running = self._tasks.spawn(self._run())
            self._running.add_done_callback(self._ended)

    def became_ready(self, socket: Listener) -> None:
        """A socket is live: take in what changed while it said hello."""
        if socket.user_id in self._missed:
            self._missed.discard(socket.user_id)
            self.soon({socket.user_id})

    async def close_ended(self, sockets: Collection[Listener]) -> None:
        """Close the sockets whose sign-in is no more."""
        logins = {socket.login for socket in sockets}
        if not logins:
            return
        ended = await self._in_database(lambda: self._source.ended(logins))
        for socket in sockets:
            why = ended.get(socket.login)
            if why == "disabled":
                socket.close(Goodbye.DISABLED, "This account is disabled.")
            elif why is not None:
                socket.close(Goodbye.SIGNED_OUT, "You are signed out.")

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Somebody may have been added after the task's last look and before this."""
        self._running = None
        self.soon(())

    async def _run(self) -> None:
        while self._wanted:
            user_ids, self._wanted = self._wanted, set()
            people = {user_id: list(self._people.get(user_id, ())) for user_id in user_ids}
            await self.close_ended([s for sockets in people.values() for s in sockets])
            # Sockets that become ready from here on know newer rights than those read here.
            ready_of = {u: [s for s in self._people.get(u, ()) if s.is_ready] for u in user_ids}
            rights = await self._in_database(partial(self._source.rights, user_ids))
            for user_id, held in rights.items():
                ready = [socket for socket in ready_of[user_id] if not socket.is_closed]
                # From the log itself, so that a removal is the last event of its room.
                lost = {room for socket in ready for room in socket.rooms} - held.rooms
                await self._streams.catch_up(lost, wait=True)
                for socket in ready:
                    await self._bring_up(socket, held)

    async def _bring_up(self, socket: Listener, held: Rights) -> None:
        """Give and take rooms until the socket shows what its person may see."""
        rooms, socket.veil = held.rooms, held.veil
        if socket.only is not None:
            rooms &= socket.only
        socket.version = held.version  # now: what is taken away meanwhile makes it unknown again
        for room_id in socket.rooms - rooms:
            socket.say(events.encode(events.RoomRemoved(room=room_id)))
            self._streams.detach(socket, [room_id])
        missing = rooms - socket.rooms
        if missing:
            await self._add(socket, missing)

    async def _add(self, socket: Listener, room_ids: frozenset[int]) -> None:
        """Give rooms to a socket. If they cannot be read, the next sweep tries again."""
        user_id = socket.user_id
        try:
            added = await self._in_database(lambda: self._source.additions(user_id, room_ids))
        except Exception:
            socket.version = UNKNOWN
            raise
        for addition in added:
            if not socket.is_closed:
                socket.say(addition.data)
                await self._streams.attach(socket, {addition.room: addition.base})
