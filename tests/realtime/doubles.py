"""Stand-ins at the hub's declared seams: the truth in memory, the database's threads, a socket.

`Truth` answers as `loopchat.realtime.listener.Source` says, from a log that it keeps itself; `Ear`
is a `Listener` that checks what it hears against the protocol as it comes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar

from loopchat.realtime.frames import payload_of
from loopchat.realtime.hub import Hub
from loopchat.realtime.listener import Addition, Audience, Goodbye, Head, Rights
from loopchat.realtime.outbox import Committed, Entry
from loopchat.realtime.veil import CLEAR, Showing, Veil

T = TypeVar("T")
Event = dict[str, Any]

TURNS = 60  # turns of the loop in which everything that can happen without a gate has happened


async def settle() -> None:
    """Let everything happen that waits for nothing but its turn."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


class Away(Exception):
    """The database is not there."""


class Database:
    """Runs what a thread would run; can be slow, with an answer that is old by then, or away."""

    def __init__(self) -> None:
        self.calls = 0
        self.is_away = False
        self._go_on = asyncio.Event()
        self._go_on.set()

    async def __call__(self, function: Callable[[], T], /) -> T:
        self.calls += 1
        if self.is_away:
            await asyncio.sleep(0)
            raise Away
        answer = function()
        await asyncio.sleep(0)
        await self._go_on.wait()
        return answer

    def hold(self) -> None:
        """From now on answers are found, and not yet handed over."""
        self._go_on.clear()

    def release(self) -> None:
        """Hand them over."""
        self._go_on.set()


def entry(room: int, seq: int, text: str = "", *, leaves: int | None = None) -> Entry:
    """A message, or the removal of a person."""
    if leaves is None:
        event: Event = {"type": "chat_message", "room": room, "seq": seq, "message": text}
    else:
        event = {"type": "membership", "room": room, "seq": seq, "uid": leaves, "kind": "kick"}
    return Entry(seq, json.dumps(event).encode(), leaves)


class Truth:
    """Rooms, their logs and their members, with the changes that the domain makes to them."""

    def __init__(self) -> None:
        self.logs: dict[int, list[Entry]] = {}
        self.members: dict[int, set[int]] = {}
        self.versions: dict[int, int] = {}
        self.logins_over: dict[Any, str] = {}
        self.online: dict[int, int] = {}
        self.receipts: dict[int, bool] = {}
        self.contacts: dict[int, set[int]] = {}
        self.veils: dict[int, Veil] = {}
        self.shows: dict[int, tuple[Showing, Showing]] = {}
        self.log_reads: list[tuple[int, int, int]] = []

    # --- what is asked --------------------------------------------------------------------------

    def read(self, room_id: int, *, after: int, upto: int) -> list[Entry]:
        self.log_reads.append((room_id, after, upto))
        return self.logs.get(room_id, [])[after:upto]

    def heads(self, room_ids: Collection[int]) -> dict[int, Head]:
        return {
            room: Head(len(self.logs[room]), self.receipts.get(room, True))
            for room in room_ids
            if room in self.logs
        }

    def behind(self, cursors: Mapping[int, int]) -> dict[int, int | None]:
        heads = {room: len(self.logs[room]) if room in self.logs else None for room in cursors}
        return {room: h for room, h in heads.items() if h is None or h > cursors[room]}

    def changed(self, versions: Mapping[int, int]) -> set[int]:
        return {user for user, version in versions.items() if self.version(user) != version}

    def rights(self, user_ids: Collection[int]) -> dict[int, Rights]:
        return {
            user: Rights(
                self.version(user), frozenset(self.rooms_of(user)), self.veils.get(user, CLEAR)
            )
            for user in user_ids
        }

    def additions(self, user_id: int, room_ids: Collection[int]) -> list[Addition]:
        return [
            self._addition(user_id, room)
            for room in sorted(room_ids)
            if room in self.logs and user_id in self.members[room]
        ]

    def ended(self, logins: Iterable[Any]) -> dict[Any, str]:
        return {login: self.logins_over[login] for login in logins if login in self.logins_over}

    def audience(self, user_ids: Collection[int]) -> Audience:
        found = Audience()
        for user in user_ids:
            rooms = self.rooms_of(user)
            found.counted |= rooms
            small = {room for room in rooms if self.receipts.get(room, True)}
            if small:
                found.rooms[user] = small
            if user in self.contacts:
                found.contacts[user] = self.contacts[user]
            if user in self.shows:
                found.shows[user] = self.shows[user]
        return found

    def online_counts(self, room_ids: Collection[int]) -> dict[int, int]:
        return {room: self.online.get(room, 0) for room in room_ids}

    def counted(self, room_ids: Collection[int], user_ids: Collection[int]) -> dict[int, set[int]]:
        return {room: self.members[room] & set(user_ids) for room in room_ids}

    # --- what happens ---------------------------------------------------------------------------

    def open(self, room: int, *users: int, events: int = 0) -> None:
        """A room with these people, in whose log so much has happened."""
        self.logs[room] = []
        self.members[room] = set(users)
        for user in users:
            self._join(room, user)
        for _ in range(events):
            self.say(room)

    def say(self, room: int, text: str = "x", count: int = 1) -> Committed:
        """Messages."""
        seq = len(self.logs[room])
        new = [entry(room, seq + n + 1, text) for n in range(count)]
        return self._append(room, new)

    def join(self, room: int, user: int) -> Committed:
        """Somebody comes in."""
        self.members[room].add(user)
        return self._append(room, [self._join(room, user)], {user}, stored=True)

    def kick(self, room: int, user: int) -> Committed:
        """Somebody is taken out."""
        self.members[room].discard(user)
        removal = entry(room, len(self.logs[room]) + 1, leaves=user)
        return self._append(room, [removal], {user})

    def delete(self, room: int) -> Committed:
        """The room is gone."""
        del self.logs[room]
        people = self.members.pop(room)
        self._touch(people)
        return Committed(people=people, gone={room})

    def touch(self, user: int) -> Committed:
        """Something else about a person has changed."""
        self._touch({user})
        return Committed(people={user})

    def head(self, room: int) -> int:
        return len(self.logs[room])

    def version(self, user: int) -> int:
        return self.versions.get(user, 0)

    def rooms_of(self, user: int) -> set[int]:
        return {room for room, users in self.members.items() if user in users}

    def _join(self, room: int, user: int) -> Entry:
        seq = len(self.logs[room]) + 1
        event = {"type": "membership", "room": room, "seq": seq, "uid": user, "kind": "join"}
        new = Entry(seq, json.dumps(event).encode())
        self.logs[room].append(new)
        return new

    def _append(
        self,
        room: int,
        new: list[Entry],
        people: Collection[int] = (),
        *,
        stored: bool = False,
    ) -> Committed:
        if not stored:
            self.logs[room] += new
        self._touch(people)
        return Committed(rooms={room: list(new)}, people=set(people))

    def _touch(self, people: Iterable[int]) -> None:
        for user in people:
            self.versions[user] = self.version(user) + 1

    def _addition(self, user: int, room: int) -> Addition:
        joins = [
            seq
            for seq, one in enumerate(self.logs[room], 1)
            if b'"join"' in one.data and json.loads(one.data)["uid"] == user
        ]
        base = joins[-1] - 1
        return Addition(
            room, base, json.dumps({"type": "room_added", "room": room, "head": base}).encode()
        )


class Ear:
    """One socket of one person, which says of every object whether it may come now."""

    def __init__(self, user_id: int, login: Any = None) -> None:
        self.user_id = user_id
        self.login = login
        self.version = 0
        self.rooms: set[int] = set()
        self.only: frozenset[int] | None = None
        self.viewing: int | None = None
        self.veil = CLEAR
        self.is_ready = False
        self.is_closed = False
        self.frames: list[list[Event]] = []
        self.goodbye: Goodbye | None = None
        self.is_half_full = False
        self.held: list[bytes] = []
        self.cursors: dict[int, int] = {}
        self.wrong: list[str] = []
        self.on_write: Callable[[], None] = lambda: None

    # --- a listener -----------------------------------------------------------------------------

    def write(self, frame: bytes) -> None:
        if self.is_closed:
            return
        self.on_write()
        objects = [json.loads(line) for line in payload_of(frame).split(b"\n")]
        self.frames.append(objects)
        for one in objects:
            self._check(one)

    def hold(self, data: bytes) -> None:
        self.held.append(data)

    def offer(self, frame: bytes) -> None:
        if not self.is_half_full:
            self.write(frame)

    def say(self, *objects: bytes) -> None:
        if self.is_closed or not objects:
            return
        self.frames.append([json.loads(one) for one in objects])
        for one in self.frames[-1]:
            self._check(one)

    def close(self, why: Goodbye, text: str = "") -> None:
        if not self.is_closed:
            self.is_closed = True
            self.goodbye = why

    # --- what the test does and sees ------------------------------------------------------------

    async def come_in(self, hub: Hub, truth: Truth) -> Ear:
        """Enter, say hello, become live."""
        await hub.enter(self)
        await self.say_hello(hub, truth)
        return self

    async def say_hello(self, hub: Hub, truth: Truth) -> None:
        """As the gateway does it: rights first, then `ready`, then live."""
        self.version = truth.version(self.user_id)
        bases = {room: truth.head(room) for room in truth.rooms_of(self.user_id)}
        await asyncio.sleep(0)
        self.cursors = dict(bases)
        self.is_ready = True
        held, self.held = self.held, []
        self.say(*held)
        await hub.attach(self, bases)
        hub.refresh(self)

    @property
    def heard(self) -> list[Event]:
        """All objects."""
        return [one for objects in self.frames for one in objects]

    def seqs(self, room: int = 1) -> list[int]:
        """The events of a room's log."""
        return [one["seq"] for one in self.heard if one.get("room") == room and "seq" in one]

    def types(self) -> list[str]:
        return [one["type"] for one in self.heard]

    def forget(self) -> None:
        """Begin to listen anew."""
        self.frames.clear()

    def _check(self, one: Event) -> None:
        room, kind = one.get("room"), one["type"]
        if kind in ("room_added", "resync"):
            if kind == "resync" and room not in self.cursors:
                self.wrong.append(f"resync of a room that is not held: {one}")
            self.cursors[one["room"]] = one["head"]
        elif kind == "room_removed":
            self.cursors.pop(one["room"], None)
        elif "seq" in one:
            self._check_logged(one, room)

    def _check_logged(self, one: Event, room: Any) -> None:
        if room not in self.cursors:
            self.wrong.append(f"an event of a room that is not held: {one}")
            return
        if one["seq"] != self.cursors[room] + 1:
            self.wrong.append(f"after {self.cursors[room]} came {one}")
        self.cursors[room] = one["seq"]
        if one.get("uid") == self.user_id and one.get("kind") in ("leave", "kick"):
            del self.cursors[room]
