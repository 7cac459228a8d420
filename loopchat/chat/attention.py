"""Whom something calls by name: mentions, replies and invitations, told to them alone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from loopchat.chat import access
from loopchat.chat.ledger import Actor, Ledger
from loopchat.chat.marking import preview
from loopchat.chat.models import Membership, Message, Room
from loopchat.chat.wire import PREVIEW_MAX
from loopchat.realtime import events

CALLED_MAX: Final = 50
"""People that one message notifies by name."""

_OPEN: Final = Membership.Standing.OPEN


def call(
    ledger: Ledger, room: Room, message: Message, author: Actor, called: Mapping[int, str]
) -> None:
    """Stage notices for those of `called` (person: mention or reply) who are in the room.

    A room that waits for somebody's yes does not call them, and no block lets a call through.
    """
    there = [user_id for user_id in called if _may_hear(ledger, room, message, author, user_id)]
    for user_id in [user_id for user_id in there if user_id != author.id][:CALLED_MAX]:
        ledger.mention(message, user_id)
        ledger.tell(user_id, partial(_notice, room, message, author, called[user_id]))


def bring_in(ledger: Ledger, room: Room, by: Actor, person: Actor, seq: int) -> None:
    """Stage a notice for somebody who was put into a room, unless it waits for their yes."""
    membership = ledger.memberships[(room.pk, person.id)]
    if membership.standing == _OPEN and by.id != person.id:
        ledger.tell(person.id, partial(_invitation, room, by, seq))


def _may_hear(ledger: Ledger, room: Room, message: Message, author: Actor, user_id: int) -> bool:
    """Whether somebody is in the room and may see the message, which may be older than they."""
    membership = ledger.memberships.get((room.pk, user_id))
    if membership is None or not membership.is_active or membership.standing != _OPEN:
        return False
    if ledger.are_apart(user_id, author.id):
        return False
    return message.seq >= access.first_visible(room, membership)


def _invitation(room: Room, by: Actor, seq: int) -> events.Event:
    return events.Notification(
        kind="invitation",
        sender=by.username,
        sender_uid=by.id,
        preview="",
        room=room.pk,
        room_type=room.kind,
        room_name=room.name,
        seq=seq,
    )


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
