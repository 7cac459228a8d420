"""Whom a message calls by name: mentions and replies, counted as unread and notified."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from loopchat.chat import access
from loopchat.chat.ledger import Actor, Ledger
from loopchat.chat.marking import preview
from loopchat.chat.models import Message, Room
from loopchat.chat.wire import PREVIEW_MAX
from loopchat.realtime import events

CALLED_MAX: Final = 50
"""People that one message notifies by name."""


def call(
    ledger: Ledger, room: Room, message: Message, author: Actor, called: Mapping[int, str]
) -> None:
    """Stage notices for those of `called` (person: mention or reply) who are in the room."""
    for user_id, kind in list(called.items())[:CALLED_MAX]:
        membership = ledger.memberships.get((room.pk, user_id))
        if user_id == author.id or membership is None or not membership.is_active:
            continue
        if message.seq < access.first_visible(room, membership):
            continue  # an older message that was edited: it is not theirs to see
        ledger.mention(message, user_id)
        ledger.tell(user_id, partial(_notice, room, message, author, kind))


def _notice(room: Room, message: Message, author: Actor, kind: str) -> events.Event:
    return events.Notification(
        kind=kind,
        sender=author.username,
        sender_uid=author.id,
        preview=preview(message.body, message.rich, PREVIEW_MAX),
        room=room.pk,
        room_type=room.kind,
        room_name=room.name,
        message_id=message.pk,
        seq=message.seq,
    )
