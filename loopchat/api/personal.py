"""What concerns me in a room: how far I am, what I began to write, what calls me; and my saves."""

from __future__ import annotations

from loopchat.api import shapes
from loopchat.api.asking import Asker
from loopchat.api.endpoint import Endpoint
from loopchat.api.operations import operation
from loopchat.api.paging import listed
from loopchat.api.rooms import room_of
from loopchat.chat import history, personal, reading, seen
from loopchat.chat.cursors import Position
from loopchat.core.errors import Refused
from loopchat.realtime import events


class Read(Endpoint):
    """How far I have read."""

    @operation(takes=shapes.At, gives=shapes.ReadState, for_guests=True)
    def post(self, asker: Asker, body: shapes.At, *, room_id: int) -> object:
        """Say that everything up to `seq` was seen."""
        return _state(seen.read_up_to(asker.actor, room_id, body.seq))


class Unread(Endpoint):
    """What I want to come back to."""

    @operation(takes=shapes.At, gives=shapes.ReadState, for_guests=True)
    def post(self, asker: Asker, body: shapes.At, *, room_id: int) -> object:
        """Draw a line before `seq`; it moves no cursor."""
        return _state(seen.unread_from(asker.actor, room_id, body.seq))


class ReadAll(Endpoint):
    """All of it."""

    @operation(gives=shapes.RoomsRead, for_guests=True)
    def post(self, asker: Asker) -> object:
        """Move my read cursors in all rooms to their ends."""
        return shapes.RoomsRead(personal.mark_all_read(asker.actor))


class Cursors(Endpoint):
    """How far the others are."""

    @operation(gives=shapes.Listed[events.MemberCursor], for_guests=True)
    def get(self, asker: Asker, *, room_id: int) -> object:
        """How far the other members have read; nothing in rooms without receipts."""
        return listed(asker, reading.cursors_of(asker.user.pk, room_id), None)


class Pins(Endpoint):
    """What a room keeps in sight."""

    @operation(gives=shapes.Listed[events.ChatMessage], for_guests=True)
    def get(self, asker: Asker, *, room_id: int) -> object:
        """The pinned messages of a room, the newest pin first."""
        return listed(asker, history.pins(asker.actor, room_id), None)


class Draft(Endpoint):
    """What I have begun to write."""

    @operation(gives=events.DraftText, for_guests=True)
    def get(self, asker: Asker, *, room_id: int) -> object:
        """What I have begun to write in a room, on any device."""
        found = room_of(asker, room_id).draft
        if found is None:
            raise Refused("not_found", "There is no draft.")
        return found

    @operation(takes=shapes.Draft, gives=shapes.DraftSaved, for_guests=True)
    def put(self, asker: Asker, body: shapes.Draft, *, room_id: int) -> object:
        """Remember what is being written, for my other devices."""
        ts = personal.set_draft(asker.actor, room_id, body.message, reply_to=body.reply_to)
        return shapes.DraftSaved(ts)

    @operation(for_guests=True)
    def delete(self, asker: Asker, *, room_id: int) -> None:
        """Forget it."""
        personal.set_draft(asker.actor, room_id, "", reply_to=None)


class Notify(Endpoint):
    """What a room may call my attention to."""

    @operation(takes=shapes.Notify, for_guests=True)
    def put(self, asker: Asker, body: shapes.Notify, *, room_id: int) -> None:
        """Set the level, and until when the room is muted."""
        personal.set_level(asker.actor, room_id, level=body.level, muted_until=body.muted_until)


class Saves(Endpoint):
    """What I keep."""

    @operation(query=shapes.Older, gives=shapes.Listed[shapes.SavedMessage], for_guests=True)
    def get(self, asker: Asker, query: shapes.Older) -> object:
        """The messages that I have saved, the newest first."""
        page = personal.saves(asker.actor, before=query.before, limit=query.limit)
        return listed(asker, page.items, None if page.next is None else {"before": page.next})


def _state(at: Position) -> shapes.ReadState:
    return shapes.ReadState(at.read, at.unread, at.unread_from)
