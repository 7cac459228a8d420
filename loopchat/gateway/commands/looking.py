"""Commands that look something up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loopchat.chat import history, nearby, reading, rooms
from loopchat.core.errors import Refused
from loopchat.gateway import shapes
from loopchat.gateway.commands.steps import Do, Fields, Read, Step

if TYPE_CHECKING:
    from loopchat.gateway.connection import Connection


def page_of_history(socket: Connection, c: shapes.History) -> Step:
    """Read a page."""
    actor = socket.actor

    def look() -> Fields:
        page = history.page(
            actor, c.room, before=c.before, after=c.after, limit=c.limit, whole_log=c.log
        )
        return _page(page)

    return Read(look, c.room)


def around(socket: Connection, c: shapes.Around) -> Step:
    """Read a page around a place."""
    if (c.seq is None) == (c.ts is None):
        raise Refused("bad_request", "Give a seq or a time.", field="seq")
    actor = socket.actor

    def look() -> Fields:
        at, page = history.around(actor, c.room, seq=c.seq, ts=c.ts, limit=c.limit)
        return {"at": at, **_page(page)}

    return Read(look, c.room)


def readers(socket: Connection, c: shapes.Readers) -> Step:
    """Say who has read a message."""
    actor = socket.actor

    def look() -> Fields:
        found = history.readers(actor, c.room, c.id)
        return {"read_by": found.read_by, "delivered_to": found.delivered_to}

    return Read(look, c.room)


def pins(socket: Connection, c: shapes.InRoom) -> Step:
    """The messages that a room keeps in sight."""
    actor = socket.actor
    return Read(lambda: {"items": history.pins(actor, c.room)}, c.room)


def revisions(socket: Connection, c: shapes.Readers) -> Step:
    """The texts that a message has had."""
    actor = socket.actor
    return Read(lambda: {"items": history.revisions(actor, c.room, c.id)}, c.room)


def find_people(socket: Connection, c: shapes.FindPeople) -> Step:
    """People by the beginning of their name."""
    asker = socket.user_id
    return Read(lambda: {"people": nearby.find_people(asker, c.text)})


def open_direct(socket: Connection, c: shapes.OpenDirect) -> Step:
    """Find or make a direct conversation."""
    actor = socket.actor
    return Do(lambda: {"room": reading.summary(actor, rooms.open_direct_of(actor, c.username))})


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
