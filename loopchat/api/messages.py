"""Messages: a room's, one, and what can be done with it."""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID, uuid4, uuid5

from loopchat.api import shapes
from loopchat.api.asking import Asker
from loopchat.api.endpoint import Endpoint
from loopchat.api.operations import Given, operation
from loopchat.api.paging import listed
from loopchat.chat import finding, history, messages, personal
from loopchat.core.errors import Refused
from loopchat.realtime import events

_KEYS: Final = UUID("5f0b9f6e-6a3c-4c0a-9a55-2d7f7a0c1e11")
_CID: Final = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class RoomMessages(Endpoint):
    """The messages of a room."""

    @operation(query=shapes.Page, gives=shapes.Listed[events.ChatMessage], for_guests=True)
    def get(self, asker: Asker, query: shapes.Page, *, room_id: int) -> object:
        """A room's messages, the newest first; with `after` the oldest of those behind it first.

        `before` and `after` are places in the log (`seq`). A page may have fewer messages than
        `limit`, because other events of the room count too.
        """
        page = history.page(
            asker.actor, room_id, before=query.before, after=query.after, limit=query.limit
        )
        found = [item for item in page.items if isinstance(item, events.ChatMessage)]
        forward = query.after is not None
        behind: dict[str, object] | None = None
        if not page.complete:
            behind = {"after": page.end} if forward else {"before": page.start}
        return listed(asker, found if forward else found[::-1], behind)

    @operation(
        takes=shapes.NewMessage,
        gives=events.ChatMessage,
        status=201,
        also={200: events.ChatMessage},
        is_send=True,
        for_guests=True,
        headers={"Idempotency-Key": "Instead of a `cid`: any text that names this message."},
    )
    def post(self, asker: Asker, body: shapes.NewMessage, *, room_id: int) -> object:
        """Send a message. 200 instead of 201 says that it was stored before."""
        cid = UUID(body.cid) if body.cid is not None else cid_of(asker)
        return sent(asker, room_id, body.message, cid=cid, reply_to=body.reply_to)


class History(Endpoint):
    """The log of a room."""

    @operation(query=shapes.LogPage, gives=shapes.HistoryPage, for_guests=True)
    def get(self, asker: Asker, query: shapes.LogPage, *, room_id: int) -> object:
        """A page of what is drawn in a room, or with `log` of every event, the oldest first."""
        return history.page(
            asker.actor,
            room_id,
            before=query.before,
            after=query.after,
            limit=query.limit,
            whole_log=query.log,
        )


class Around(Endpoint):
    """A place in a room."""

    @operation(query=shapes.Around, gives=shapes.HistoryPage, for_guests=True)
    def get(self, asker: Asker, query: shapes.Around, *, room_id: int) -> object:
        """A page with a place in its middle: a `seq`, or the first message at a time."""
        if (query.seq is None) == (query.ts is None):
            raise Refused("bad_request", "Give a seq or a time.", field="seq")
        at, page = history.around(
            asker.actor, room_id, seq=query.seq, ts=query.ts, limit=query.limit
        )
        return shapes.HistoryPage(
            page.items,  # type: ignore[arg-type]
            page.start,
            page.end,
            page.head,
            page.complete,
            page.quoted,
            at,
        )


class OneMessage(Endpoint):
    """A message."""

    changeable = ("message",)

    @operation(gives=events.ChatMessage, for_guests=True)
    def get(self, asker: Asker, *, message_id: int) -> object:
        """A message as it is now."""
        return finding.message(asker.actor, message_id)

    @operation(takes=shapes.MessageText, gives=events.ChatMessage, for_guests=True)
    def patch(self, asker: Asker, body: shapes.MessageText, *, message_id: int) -> object:
        """Give one's own message another text."""
        room_id = finding.room_of(asker.actor, message_id)
        seen = asker.seen.message if isinstance(asker.seen, events.ChatMessage) else None
        messages.edit(room_id, asker.actor, message_id=message_id, body=body.message, seen=seen)
        return finding.message(asker.actor, message_id)

    @operation(gives=shapes.Placed, for_guests=True)
    def delete(self, asker: Asker, *, message_id: int) -> object:
        """Empty a message for ever."""
        room_id = finding.room_of(asker.actor, message_id)
        return shapes.Placed(messages.delete(room_id, asker.actor, message_id=message_id).seq)


class Reactions(Endpoint):
    """The emoji of a message."""

    @operation(takes=shapes.Emoji, gives=shapes.Placed, for_guests=True)
    def post(self, asker: Asker, body: shapes.Emoji, *, message_id: int) -> object:
        """Put an emoji on a message, or take one's own away with `on` false."""
        done = messages.react(
            finding.room_of(asker.actor, message_id),
            asker.actor,
            message_id=message_id,
            emoji=body.emoji,
            on=body.on,
        )
        return shapes.Placed(done.seq)


class Pin(Endpoint):
    """Whether a room keeps a message in sight."""

    @operation(gives=shapes.Placed)
    def put(self, asker: Asker, *, message_id: int) -> object:
        """Keep a message in sight for the whole room."""
        room_id = finding.room_of(asker.actor, message_id)
        return shapes.Placed(messages.pin(room_id, asker.actor, message_id=message_id, on=True).seq)

    @operation(gives=shapes.Placed)
    def delete(self, asker: Asker, *, message_id: int) -> object:
        """Let it go."""
        room_id = finding.room_of(asker.actor, message_id)
        done = messages.pin(room_id, asker.actor, message_id=message_id, on=False)
        return shapes.Placed(done.seq)


class Save(Endpoint):
    """Whether I keep a message for myself."""

    @operation(for_guests=True)
    def put(self, asker: Asker, *, message_id: int) -> None:
        """Keep a message for oneself."""
        room_id = finding.room_of(asker.actor, message_id)
        personal.save(asker.actor, room_id, message_id, on=True)

    @operation(for_guests=True)
    def delete(self, asker: Asker, *, message_id: int) -> None:
        """Let it go."""
        room_id = finding.room_of_saved(asker.actor, message_id)
        personal.save(asker.actor, room_id, message_id, on=False)


class Readers(Endpoint):
    """Who has read a message."""

    @operation(gives=shapes.Readers, for_guests=True)
    def get(self, asker: Asker, *, message_id: int) -> object:
        """Who has read a message; nobody in rooms without receipts."""
        room_id = finding.room_of(asker.actor, message_id)
        found = history.readers(asker.actor, room_id, message_id)
        return {"read_by": found.read_by, "delivered_to": found.delivered_to}


class Revisions(Endpoint):
    """What a message said before."""

    @operation(gives=shapes.Listed[shapes.Revision], for_guests=True)
    def get(self, asker: Asker, *, message_id: int) -> object:
        """The texts that a message has had, the oldest first."""
        room_id = finding.room_of(asker.actor, message_id)
        found = history.revisions(asker.actor, room_id, message_id)
        return listed(asker, found, None)


def sent(asker: Asker, room_id: int, text: str, *, cid: UUID, reply_to: int | None = None) -> Given:
    """Store a message; the answer is the message as it is now."""
    done = messages.send(room_id, asker.actor, cid=cid, body=text, reply_to=reply_to)
    status = 200 if done.dup else 201
    assert done.row is not None  # noqa: S101 - what was sent has a row
    (drawn,) = history.drawn([done.row])
    return Given(drawn, status, {"Location": f"/api/v1/messages/{done.id}"})


def cid_of(asker: Asker) -> UUID:
    """The id for a message that brought none: from its `Idempotency-Key`, else a new one."""
    key = asker.key
    if not key:
        return uuid4()
    return UUID(key) if _CID.fullmatch(key) else uuid5(_KEYS, f"{asker.user.pk}\0{key}")
