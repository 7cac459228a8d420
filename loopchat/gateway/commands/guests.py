"""Guests: a few commands, about the room of their link. A command is closed to them by default."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from loopchat.chat import access
from loopchat.core.errors import Refused
from loopchat.gateway.commands.steps import Command


def admit(command: Command, fields: Mapping[str, object], rooms: Collection[int]) -> None:
    """Refuse what is not for guests, and what is not in their room: other rooms, the lobby."""
    if not command.for_guests:
        raise Refused("forbidden", "This is not possible for guests.")
    if "room" not in fields:
        return
    room = fields["room"]
    if room is None or (isinstance(room, int) and room not in rooms):
        raise access.not_found()
