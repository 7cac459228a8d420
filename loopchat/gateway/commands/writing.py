"""Commands that add to a room's log."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from loopchat.chat import marking, posting
from loopchat.chat.doors import Join, Leave
from loopchat.chat.ledger import Done
from loopchat.chat.log import Operation
from loopchat.gateway import shapes
from loopchat.gateway.commands.steps import Fields, Prepare, Step, Write

if TYPE_CHECKING:
    from loopchat.gateway.connection import Connection


def chat_message(socket: Connection, c: shapes.ChatMessage) -> Step:
    """Store a message."""
    draft = partial(
        posting.Send.draft,
        c.room,
        socket.actor,
        cid=UUID(c.cid),
        body=c.message,
        reply_to=c.reply_to,
    )
    return _drafted(draft, c.message, c.room, _stored)


def edit(socket: Connection, c: shapes.Edit) -> Step:
    """Give an own message another text."""
    draft = partial(posting.Edit.draft, c.room, socket.actor, message_id=c.id, body=c.message)
    return _drafted(draft, c.message, c.room, _seq)


def delete(socket: Connection, c: shapes.Delete) -> Step:
    """Empty a message."""
    return Write(posting.Delete(c.room, socket.actor, c.id), c.room, _seq)


def react(socket: Connection, c: shapes.React) -> Step:
    """Put on or take away an emoji."""
    draft = posting.React.draft(c.room, socket.actor, message_id=c.id, emoji=c.emoji, on=c.on)
    return Write(draft, c.room, _seq)


def pin(socket: Connection, c: shapes.Pin) -> Step:
    """Keep a message in sight for the room."""
    return Write(posting.Pin(c.room, socket.actor, c.id, c.on), c.room, _seq)


def join(socket: Connection, c: shapes.InRoom) -> Step:
    """Enter a public room."""
    return Write(Join(c.room, socket.actor), c.room, _seq)


def leave(socket: Connection, c: shapes.InRoom) -> Step:
    """Leave a room."""
    return Write(Leave(c.room, socket.actor), c.room, _seq)


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


def _seq(done: Done) -> Fields:
    return {} if done.seq is None else {"seq": done.seq}
