"""The commands of `loopchat.v1`: a table from type to shape and function.

A function says what has to happen (a step) and runs nothing itself: the connection carries the
step out and sends exactly one answer for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from loopchat.chat import history, marking, messages, personal, reading, rooms
from loopchat.chat.cursors import Move, Position
from loopchat.chat.doors import Join, Leave
from loopchat.chat.ledger import Done
from loopchat.chat.log import Operation
from loopchat.core.clock import now_ms
from loopchat.core.errors import Refused
from loopchat.gateway import shapes
from loopchat.realtime import events
from loopchat.realtime.bus import room_topic
from loopchat.realtime.outbox import Aside

if TYPE_CHECKING:
    from loopchat.gateway.connection import Connection

Fields = dict[str, Any]

TYPING_TTL_MS: Final = 6_000


@dataclass(frozen=True, slots=True)
class Write:
    """Something for the log. `answer` are the fields that its `ok` adds."""

    operation: Operation
    room: int
    answer: Callable[[Done], Fields]


@dataclass(frozen=True, slots=True)
class Prepare:
    """Something for the log that takes time to draft: in a thread, without losing its place."""

    draft: Callable[[], Operation]
    room: int
    answer: Callable[[Done], Fields]


@dataclass(frozen=True, slots=True)
class MoveCursor:
    """A cursor move, answered after its commit."""

    room: int
    move: Move
    answer: Callable[[Position], Fields]


@dataclass(frozen=True, slots=True)
class Read:
    """A look into the database. It sees this socket's earlier writes to `room`."""

    look: Callable[[], Fields]
    room: int | None = None


@dataclass(frozen=True, slots=True)
class Now:
    """Done already. A reply of another `kind` than `ok` is sent with or without a `ref`."""

    answer: Fields = field(default_factory=dict)
    kind: str = "ok"


Writing = Write | Prepare | MoveCursor
Step = Writing | Read | Now


@dataclass(frozen=True, slots=True)
class Command:
    """A row of the table."""

    shape: type[Any]
    run: Callable[[Connection, Any], Step]
    is_send: bool = False
    """Whether it counts against the rate of messages too."""


def chat_message(socket: Connection, c: shapes.ChatMessage) -> Step:
    """Store a message."""
    draft = partial(
        messages.Send.draft,
        c.room,
        socket.actor,
        cid=UUID(c.cid),
        body=c.message,
        reply_to=c.reply_to,
    )
    return _drafted(draft, c.message, c.room, _stored)


def edit(socket: Connection, c: shapes.Edit) -> Step:
    """Give an own message another text."""
    draft = partial(messages.Edit.draft, c.room, socket.actor, message_id=c.id, body=c.message)
    return _drafted(draft, c.message, c.room, _seq)


def delete(socket: Connection, c: shapes.Delete) -> Step:
    """Empty a message."""
    return Write(messages.Delete(c.room, socket.actor, c.id), c.room, _seq)


def react(socket: Connection, c: shapes.React) -> Step:
    """Put on or take away an emoji."""
    draft = messages.React.draft(c.room, socket.actor, message_id=c.id, emoji=c.emoji, on=c.on)
    return Write(draft, c.room, _seq)


def typing(socket: Connection, c: shapes.Typing) -> Step:
    """Tell the room that somebody types; large rooms are not told."""
    stream = socket.stream(c.room)
    if stream is not None and stream.receipts:
        _limit(socket.limits.typing.take((socket.user_id, c.room)))
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
    return MoveCursor(
        c.room,
        Move(socket.actor, read=c.seq),
        lambda at: {"read": at.read, "unread": at.unread},
    )


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
    _limit(socket.limits.delivered.take(id(socket)))  # by number: it may not outlive its socket
    for room_id, seq in cursors.items():
        stream = socket.stream(room_id) if room_id in socket.rooms else None
        if stream is not None and stream.receipts:
            socket.move(room_id, Move(socket.actor, delivered=seq))
    return Now()


def page_of_history(socket: Connection, c: shapes.History) -> Step:
    """Read a page."""
    actor = socket.actor

    def look() -> Fields:
        page = history.page(
            actor, c.room, before=c.before, after=c.after, limit=c.limit, whole_log=c.log
        )
        return _page(page)

    return Read(look, c.room)


def readers(socket: Connection, c: shapes.Readers) -> Step:
    """Say who has read a message."""
    actor = socket.actor

    def look() -> Fields:
        found = history.readers(actor, c.room, c.id)
        return {"read_by": found.read_by, "delivered_to": found.delivered_to}

    return Read(look, c.room)


def open_direct(socket: Connection, c: shapes.OpenDirect) -> Step:
    """Find or make a direct conversation."""
    actor = socket.actor
    return Read(lambda: {"room": reading.summary(actor, rooms.open_direct_of(actor, c.username))})


def join(socket: Connection, c: shapes.InRoom) -> Step:
    """Enter a public room."""
    return Write(Join(c.room, socket.actor), c.room, _seq)


def leave(socket: Connection, c: shapes.InRoom) -> Step:
    """Leave a room."""
    return Write(Leave(c.room, socket.actor), c.room, _seq)


def open_room(socket: Connection, c: shapes.Open) -> Step:
    """Show a room: its online count comes from now on."""
    if c.room is not None:
        socket.stream(c.room)
    socket.view(c.room)
    return Now()


def presence(socket: Connection, c: shapes.Presence) -> Step:
    """Say whether anybody is looking."""
    if c.state not in ("online", "away"):
        raise Refused("bad_request", "A state is online or away.", field="state")
    socket.set_away(c.state == "away")
    return Now()


def ping(socket: Connection, c: shapes.Ping) -> Step:
    """Answer at once, without a thread."""
    return Now({"n": c.n, "server_ts": now_ms()}, kind="pong")


def pin(socket: Connection, c: shapes.Pin) -> Step:
    """Keep a message in sight for the room."""
    return Write(messages.Pin(c.room, socket.actor, c.id, c.on), c.room, _seq)


def pins(socket: Connection, c: shapes.InRoom) -> Step:
    """The messages that a room keeps in sight."""
    actor = socket.actor
    return Read(lambda: {"items": history.pins(actor, c.room)}, c.room)


def revisions(socket: Connection, c: shapes.Readers) -> Step:
    """The texts that a message has had."""
    actor = socket.actor
    return Read(lambda: {"items": history.revisions(actor, c.room, c.id)}, c.room)


def around(socket: Connection, c: shapes.Around) -> Step:
    """Read a page around a place."""
    if (c.seq is None) == (c.ts is None):
        raise Refused("bad_request", "Give a seq or a time.", field="seq")
    actor = socket.actor

    def look() -> Fields:
        at, page = history.around(actor, c.room, seq=c.seq, ts=c.ts, limit=c.limit)
        return {"at": at, **_page(page)}

    return Read(look, c.room)


def save(socket: Connection, c: shapes.Pin) -> Step:
    """Keep a message for oneself."""
    actor = socket.actor

    def look() -> Fields:
        personal.save(actor, c.room, c.id, on=c.on)
        return {}

    return Read(look)


def saves(socket: Connection, c: shapes.Saves) -> Step:
    """What one has saved."""
    actor = socket.actor

    def look() -> Fields:
        page = personal.saves(actor, before=c.before, limit=c.limit)
        return (
            {"items": page.items}
            if page.next is None
            else {
                "items": page.items,
                "next": page.next,
            }
        )

    return Read(look)


def draft(socket: Connection, c: shapes.Draft) -> Step:
    """Remember what is being written."""
    _limit(socket.limits.draft.take((socket.user_id, c.room)))
    actor = socket.actor
    return Read(lambda: {"ts": personal.set_draft(actor, c.room, c.message, reply_to=c.reply_to)})


def notify(socket: Connection, c: shapes.Notify) -> Step:
    """Say what a room may call attention to."""
    actor = socket.actor

    def look() -> Fields:
        personal.set_level(actor, c.room, level=c.level, muted_until=c.muted_until)
        return {}

    return Read(look)


def preferences(socket: Connection, c: shapes.Preferences) -> Step:
    """Change how one wants it."""
    actor = socket.actor
    return Read(
        lambda: {
            "preferences": personal.set_preferences(actor, receipts=c.receipts, client=c.client)
        }
    )


def mark_all_read(socket: Connection, c: shapes.Nothing) -> Step:
    """Read everything."""
    actor = socket.actor
    return Read(lambda: {"rooms": personal.mark_all_read(actor)})


def find_people(socket: Connection, c: shapes.FindPeople) -> Step:
    """People by the beginning of their name."""
    return Read(lambda: {"people": reading.find_people(c.text)})


def _drafted(
    draft: Callable[[], Operation], text: str, room: int, answer: Callable[[Done], Fields]
) -> Step:
    """A plain text is drafted at once; another one is parsed in a thread."""
    if marking.is_quick(text):
        return Write(draft(), room, answer)
    return Prepare(draft, room, answer)


def _stored(done: Done) -> Fields:
    fields: Fields = {"seq": done.seq, "id": done.id, "ts": done.ts}
    if done.dup:
        fields["dup"] = True
    return fields


def _page(page: history.History) -> Fields:
    fields: Fields = {
        "items": page.items,
        "from": page.start,
        "to": page.end,
        "head": page.head,
        "complete": page.complete,
    }
    if page.quoted:
        fields["quoted"] = page.quoted
    return fields


def _seq(done: Done) -> Fields:
    return {} if done.seq is None else {"seq": done.seq}


def _limit(wait: float) -> None:
    if wait > 0:
        raise Refused("rate_limited", "That is too often.", retry_after_ms=int(wait * 1000) + 1)


TABLE: Final[dict[str, Command]] = {
    "chat_message": Command(shapes.ChatMessage, chat_message, is_send=True),
    "edit": Command(shapes.Edit, edit),
    "delete": Command(shapes.Delete, delete),
    "react": Command(shapes.React, react),
    "typing": Command(shapes.Typing, typing),
    "mark_read": Command(shapes.MarkRead, mark_read),
    "mark_unread": Command(shapes.MarkRead, mark_unread),
    "delivered": Command(shapes.Delivered, delivered),
    "history": Command(shapes.History, page_of_history),
    "readers": Command(shapes.Readers, readers),
    "open_direct": Command(shapes.OpenDirect, open_direct),
    "join": Command(shapes.InRoom, join),
    "leave": Command(shapes.InRoom, leave),
    "open": Command(shapes.Open, open_room),
    "presence": Command(shapes.Presence, presence),
    "ping": Command(shapes.Ping, ping),
    "pin": Command(shapes.Pin, pin),
    "pins": Command(shapes.InRoom, pins),
    "revisions": Command(shapes.Readers, revisions),
    "around": Command(shapes.Around, around),
    "save": Command(shapes.Pin, save),
    "saves": Command(shapes.Saves, saves),
    "draft": Command(shapes.Draft, draft),
    "notify": Command(shapes.Notify, notify),
    "preferences": Command(shapes.Preferences, preferences),
    "mark_all_read": Command(shapes.Nothing, mark_all_read),
    "find_people": Command(shapes.FindPeople, find_people),
}
