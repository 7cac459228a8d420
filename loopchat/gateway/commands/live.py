"""Commands about the moment: who types, looks, has received and has read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from loopchat.chat import reading, rooms, wire
from loopchat.chat.cursors import Move, Position
from loopchat.core.clock import now_ms
from loopchat.core.errors import Refused
from loopchat.core.limits import refuse_fast
from loopchat.gateway import shapes
from loopchat.gateway.commands.steps import Fields, MoveCursor, Now, Read, Step
from loopchat.realtime import events
from loopchat.realtime.bus import room_topic
from loopchat.realtime.outbox import Aside

if TYPE_CHECKING:
    from loopchat.gateway.connection import Connection

TYPING_TTL_MS: Final = 6_000


def typing(socket: Connection, c: shapes.Typing) -> Step:
    """Tell the room that somebody types; large rooms are not told."""
    stream = socket.stream(c.room)
    if stream is not None and stream.receipts and c.room not in socket.veil.quiet:
        refuse_fast(socket.limits.typing.take((socket.user_id, c.room)))
        event = events.UserTyping(
            room=c.room,
            uid=socket.user_id,
            username=socket.actor.username,
            is_typing=c.is_typing,
            ttl_ms=TYPING_TTL_MS,
        )
        data = events.encode(event)
        socket.tell(Aside(room_topic(c.room), data, skip=socket.user_id, passing=True))
    return Now()


def mark_read(socket: Connection, c: shapes.MarkRead) -> Step:
    """Move the read cursor."""

    def answer(at: Position) -> Fields:
        socket.has_read(c.room, at.read)
        return {"read": at.read, "unread": at.unread}

    return MoveCursor(c.room, Move(socket.actor, read=c.seq), answer)


def mark_unread(socket: Connection, c: shapes.MarkRead) -> Step:
    """Draw the line of unread messages."""
    return MoveCursor(
        c.room,
        Move(socket.actor, unread_from=c.seq),
        lambda at: {"unread_from": at.unread_from},
    )


def delivered(socket: Connection, c: shapes.Delivered) -> Step:
    """Move the delivered cursors of rooms with receipts."""
    cursors = shapes.room_cursors(c.cursors)
    # By number: the limit may not outlive its socket.
    refuse_fast(socket.limits.delivered.take(id(socket)))
    for room_id, seq in cursors.items():
        if room_id not in socket.rooms:
            continue
        stream = socket.stream(room_id)
        if stream is None or stream.receipts:  # one that is just becoming live may have them
            socket.move(room_id, Move(socket.actor, delivered=seq))
    return Now()


def open_room(socket: Connection, c: shapes.Open) -> Step:
    """Show a room, or the lobby: what concerns its look comes from now on, and as it is now."""
    actor, room_id = socket.actor, c.room
    if room_id is not None:
        socket.stream(room_id)
    socket.view(room_id)

    def look() -> Fields:
        if room_id is None:
            offers = [wire.offer(room) for room in rooms.find(actor, "")]
            people = reading.overview(actor).people
            return {"rooms": offers, "people": people}
        found = reading.cursors_of(actor.id, room_id)
        return {"cursors": found} if found else {}

    return Read(look, room_id)


def presence(socket: Connection, c: shapes.Presence) -> Step:
    """Say whether anybody is looking."""
    if c.state not in ("online", "away"):
        raise Refused("bad_request", "A state is online or away.", field="state")
    socket.set_away(c.state == "away")
    return Now()


def ping(socket: Connection, c: shapes.Ping) -> Step:
    """Answer at once, without a thread."""
    return Now({"n": c.n, "server_ts": now_ms()}, kind="pong")
