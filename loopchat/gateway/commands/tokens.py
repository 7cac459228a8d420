"""Tokens that allow less than their person may do."""

from __future__ import annotations

from collections.abc import Mapping

from loopchat.accounts.grants import Grant
from loopchat.gateway.commands.steps import Command


def admit(command: Command, fields: Mapping[str, object], grant: Grant) -> None:
    """Refuse a change with a token that may only read, and other rooms than the token's."""
    if not command.looks:
        grant.admit_writing()
    room = fields.get("room")
    if isinstance(room, int):
        grant.admit_room(room)
    elif command.is_about_rooms:
        grant.admit_anything()
