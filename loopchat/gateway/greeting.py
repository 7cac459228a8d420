"""`hello` and its answer: what was missed, then `ready`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Final

from loopchat.chat import resume
from loopchat.core import strict
from loopchat.core.errors import Refused
from loopchat.gateway import shapes
from loopchat.realtime import events
from loopchat.realtime.frames import FRAME_MAX

if TYPE_CHECKING:
    from loopchat.gateway.connection import Connection

CURSORS_MAX: Final = strict.ENTRIES_MAX
"""A little more than rooms, for those that were left meanwhile."""


def cursors_of(hello: shapes.Hello) -> dict[int, int]:
    """From where events are wanted, by room."""
    if len(hello.cursors) > CURSORS_MAX:
        raise Refused("too_large", "At most {n} cursors.", field="cursors", n=CURSORS_MAX)
    return shapes.room_cursors(hello.cursors)


async def look_up(socket: Connection, hello: shapes.Hello, wanted: dict[int, int]) -> resume.Hello:
    """What the socket has missed and what is its own. Raises `DatabaseError`."""
    same_epoch = hello.epoch is None or hello.epoch == socket.runtime.epoch
    only = socket.only
    if only is not None:
        wanted = {room: seq for room, seq in wanted.items() if room in only}
    found = await socket.runtime.in_database(
        partial(resume.hello, socket.user_id, wanted, same_epoch=same_epoch)
    )
    if only is not None:
        found.rooms = [room for room in found.rooms if room.room in only]
        found.people, found.contacts = [], []
    return found


async def answer(socket: Connection, ref: int | None, found: resume.Hello) -> None:
    """Say what was missed and `ready`, and make the socket live from there on."""
    hub = socket.runtime.hub
    socket.say(*found.missed)
    for part in _ready(ref, found):
        socket.say(events.encode(part))
    for room in found.rooms:
        socket.has_read(room.room, room.read)
    socket.become_ready(found.version, found.veil)
    await hub.attach(socket, {room.room: room.head for room in found.rooms})
    hub.refresh(socket)


def _ready(ref: int | None, found: resume.Hello) -> Iterator[events.Ready]:
    """`ready` in parts of at most 256 KiB; the people travel with the last one."""
    part: list[events.RoomSummary] = []
    size = 0
    for room in found.rooms:
        length = len(events.encode(room))
        if part and size + length > FRAME_MAX - 1024:
            yield events.Ready(ref=ref, rooms=part, people=[], more=True)
            part, size = [], 0
        part.append(room)
        size += length + 1
    people = [*found.people, *found.contacts]
    people_size = sum(len(events.encode(person)) + 1 for person in people)
    if part and size + people_size > FRAME_MAX - 1024:
        yield events.Ready(ref=ref, rooms=part, people=[], more=True)
        part = []
    yield events.Ready(
        ref=ref,
        rooms=part,
        people=found.people,
        preferences=found.preferences,
        privacy=found.privacy,
        contacts=found.contacts,
    )
