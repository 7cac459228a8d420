"""Commands about what people keep for themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loopchat.chat import personal
from loopchat.core.limits import refuse_fast
from loopchat.gateway import shapes
from loopchat.gateway.commands.steps import Do, Fields, Read, Step

if TYPE_CHECKING:
    from loopchat.gateway.connection import Connection


def save(socket: Connection, c: shapes.Pin) -> Step:
    """Keep a message for oneself."""
    actor = socket.actor

    def act() -> Fields:
        personal.save(actor, c.room, c.id, on=c.on)
        return {}

    return Do(act)


def saves(socket: Connection, c: shapes.Saves) -> Step:
    """What one has saved."""
    actor = socket.actor

    def look() -> Fields:
        page = personal.saves(actor, before=c.before, limit=c.limit)
        older = {} if page.next is None else {"next": page.next}
        return {"items": page.items, **older}

    return Read(look)


def draft(socket: Connection, c: shapes.Draft) -> Step:
    """Remember what is being written."""
    refuse_fast(socket.limits.draft.take((socket.user_id, c.room)))
    actor = socket.actor
    return Do(lambda: {"ts": personal.set_draft(actor, c.room, c.message, reply_to=c.reply_to)})


def notify(socket: Connection, c: shapes.Notify) -> Step:
    """Say what a room may call attention to."""
    actor = socket.actor

    def act() -> Fields:
        personal.set_level(actor, c.room, level=c.level, muted_until=c.muted_until)
        return {}

    return Do(act)


def preferences(socket: Connection, c: shapes.Preferences) -> Step:
    """Change how one wants it."""
    actor = socket.actor
    return Do(
        lambda: {
            "preferences": personal.set_preferences(actor, receipts=c.receipts, client=c.client)
        }
    )


def mark_all_read(socket: Connection, c: shapes.Nothing) -> Step:
    """Read everything."""
    actor = socket.actor
    return Do(lambda: {"rooms": personal.mark_all_read(actor)})
