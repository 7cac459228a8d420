"""Slash commands: what bots offer in a room, and giving one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from loopchat.gateway import shapes
from loopchat.gateway.commands.steps import Do, Fields, Read, Step
from loopchat.hooks import commands

if TYPE_CHECKING:
    from loopchat.gateway.connection import Connection


def offered(socket: Connection, c: shapes.InRoom) -> Step:
    """What can be given in a room."""
    actor = socket.actor
    return Read(lambda: {"commands": commands.offered(actor, c.room)}, c.room)


def give(socket: Connection, c: shapes.GiveCommand) -> Step:
    """Give a command; its answer comes later."""
    actor = socket.actor

    def act() -> Fields:
        commands.give(actor, c.room, text=c.text, cid=UUID(c.cid))
        return {}

    return Do(act, c.room)
