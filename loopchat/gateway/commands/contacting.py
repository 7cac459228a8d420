"""Commands about other people: friends, blocks, message requests, and what one shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loopchat.chat import contacting
from loopchat.gateway import shapes
from loopchat.gateway.commands.steps import Do, Fields, Step

if TYPE_CHECKING:
    from loopchat.gateway.connection import Connection


def friend(socket: Connection, c: shapes.Friend) -> Step:
    """Ask, accept, reject, cancel, remove."""
    actor = socket.actor
    return Do(lambda: {"contact": contacting.friend(actor, c.username, c.action, c.note)})


def block(socket: Connection, c: shapes.Block) -> Step:
    """Hear nothing from somebody, or hear from them again."""
    actor = socket.actor
    return Do(lambda: {"contact": contacting.block(actor, c.username, on=c.on)})


def privacy(socket: Connection, c: shapes.Privacy) -> Step:
    """Say to whom one shows what."""
    actor = socket.actor

    def act() -> Fields:
        shown = contacting.show(
            actor, last_seen=c.last_seen, online=c.online, receipts=c.receipts, write=c.write
        )
        return {"privacy": shown}

    return Do(act)


def message_request(socket: Connection, c: shapes.MessageRequest) -> Step:
    """Yes or no to a conversation that somebody else began."""
    actor = socket.actor

    def act() -> Fields:
        contacting.answer(actor, c.room, accept=c.accept)
        return {}

    return Do(act, c.room)
