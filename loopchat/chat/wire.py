"""Rows as plain data: the one shape for the socket, the pages and the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from loopchat.chat.marking import preview
from loopchat.chat.models import Membership, Message, Room, RoomEvent
from loopchat.realtime import events
from loopchat.realtime.outbox import Entry

PREVIEW_MAX = 160
"""Characters of a message in a list of rooms."""

REACTORS_MAX = 20
"""People named with each emoji of a message."""


class Extras(NamedTuple):
    """What a summary says beyond room and membership."""

    mentions: int = 0
    pinned: int = 0
    draft: events.DraftText | None = None
    bots: list[int] | None = None
    others: list[str] | None = None


_PLAIN = Extras()


class Dress(events.Guise, frozen=True, omit_defaults=True):
    """What is stored with a message of a program beside its text."""

    asked: events.Asked | None = None


_NAKED = Dress()


def dressed(guise: events.Guise | None, asked: events.Asked | None) -> str | None:
    """As it is stored."""
    if guise is None and asked is None:
        return None
    worn = guise or _NAKED
    return msgspec.json.encode(Dress(worn.name, worn.emoji, asked)).decode()


def raw(json: str | None) -> msgspec.Raw | None:
    """Stored JSON, to be sent as it is."""
    return None if json is None else msgspec.Raw(json.encode())


def message(
    row: Message,
    username: str,
    *,
    reactions: dict[str, events.ReactionCount] | None = None,
) -> events.ChatMessage:
    """A message as it is now; a deleted one keeps its place and loses its text."""
    gone = row.deleted_ts is not None
    dress = _NAKED if row.guise is None else msgspec.json.decode(row.guise, type=Dress)
    is_guised = dress.name or dress.emoji
    return events.ChatMessage(
        room=row.room_id,
        seq=row.seq,
        n=row.ordinal,
        id=row.pk,
        uid=row.author_id,
        username=username,
        cid=str(row.cid),
        ts=row.ts,
        message=None if gone else row.body,
        rich=None if gone else raw(row.rich),
        all=row.is_for_all and not gone,
        reply_to=row.reply_to_id,
        edited_ts=row.edited_ts,
        deleted_ts=row.deleted_ts,
        reactions=None if gone else reactions,
        guise=events.Guise(dress.name, dress.emoji) if is_guised else None,
        asked=dress.asked,
    )


def logged(
    row: RoomEvent, room: Room, message: Message | None, names: Mapping[int, str]
) -> events.Event:
    """A logged event with the texts of its message and room as they are now."""
    return _LOGGED[RoomEvent.Kind(row.kind)](row, room, message, names)


def _edited(
    row: RoomEvent, room: Room, message: Message | None, names: Mapping[int, str]
) -> events.Event:
    hidden = message is None or message.deleted_ts or room.history == Room.History.JOINED
    return events.Edited(
        room=row.room_id,
        seq=row.seq,
        id=row.message_id or 0,
        uid=row.actor_id,
        ts=row.ts,
        message=None if hidden or message is None else message.body,
        rich=None if hidden or message is None else raw(message.rich),
    )


def _deleted(
    row: RoomEvent, room: Room, message: Message | None, names: Mapping[int, str]
) -> events.Event:
    return events.Deleted(
        room=row.room_id, seq=row.seq, id=row.message_id or 0, uid=row.actor_id, ts=row.ts
    )


def _reaction(
    row: RoomEvent, room: Room, message: Message | None, names: Mapping[int, str]
) -> events.Event:
    return events.Reaction(
        room=row.room_id,
        seq=row.seq,
        id=row.message_id or 0,
        uid=row.actor_id,
        username=names.get(row.actor_id, ""),
        emoji=row.detail,
        on=row.on,
    )


def _membership(
    row: RoomEvent, room: Room, message: Message | None, names: Mapping[int, str]
) -> events.Event:
    uid = row.subject_id or row.actor_id
    return events.Membership(
        room=row.room_id,
        seq=row.seq,
        uid=uid,
        username=names.get(uid, ""),
        kind=row.detail,  # type: ignore[arg-type]
        ts=row.ts,
        role=row.role or None,
        by=row.actor_id if row.actor_id != uid else None,
    )


def _pinned(
    row: RoomEvent, room: Room, message: Message | None, names: Mapping[int, str]
) -> events.Event:
    return events.Pinned(
        room=row.room_id,
        seq=row.seq,
        id=row.message_id or 0,
        uid=row.actor_id,
        username=names.get(row.actor_id, ""),
        on=row.on,
        ts=row.ts,
    )


def _room(
    row: RoomEvent, room: Room, message: Message | None, names: Mapping[int, str]
) -> events.Event:
    changed = row.detail.split(",")
    return events.RoomChanged(
        room=row.room_id,
        seq=row.seq,
        uid=row.actor_id,
        ts=row.ts,
        name=room.name if "name" in changed else None,
        topic=room.topic if "topic" in changed else None,
        archived=(room.archived_ts is not None) if "archived" in changed else None,
        kind=room.kind if "kind" in changed else None,
        slug=room.slug if "kind" in changed else None,
    )


_LOGGED = {
    RoomEvent.Kind.EDITED: _edited,
    RoomEvent.Kind.DELETED: _deleted,
    RoomEvent.Kind.REACTION: _reaction,
    RoomEvent.Kind.MEMBERSHIP: _membership,
    RoomEvent.Kind.ROOM: _room,
    RoomEvent.Kind.PINNED: _pinned,
}


def entry(row: RoomEvent, room: Room, told: events.Event) -> Entry:
    """A logged event as the hub takes it."""
    return Entry(
        row.seq,
        events.encode(told),
        leaves=removed_person(row),
        receipts=room.has_receipts if row.kind == RoomEvent.Kind.MEMBERSHIP else None,
    )


def removed_person(row: RoomEvent) -> int | None:
    """The person that the event takes out of the room, if it does."""
    if row.kind == RoomEvent.Kind.MEMBERSHIP and row.detail in ("leave", "kick", "ban"):
        return row.subject_id or row.actor_id
    return None


def summary(
    membership: Membership,
    *,
    peer: events.Peer | None,
    last: Message | None,
    names: Mapping[int, str],
    extras: Extras = _PLAIN,
) -> events.RoomSummary:
    """A room in the list of one of its members."""
    room = membership.room
    return events.RoomSummary(
        room=room.pk,
        kind=room.kind,
        slug=room.slug,
        name=room.name or (peer.name or peer.username if peer else ""),
        topic=room.topic,
        head=room.head,
        read=membership.read_seq,
        delivered=membership.delivered_seq,
        unread=unread(room, membership),
        unread_from=membership.unread_from,
        role=membership.role,
        receipts=room.has_receipts,
        history=room.history,
        updated_ts=room.updated_ts,
        members=room.member_count,
        bots=extras.bots,
        others=extras.others,
        mentions=extras.mentions,
        pinned=extras.pinned,
        draft=extras.draft,
        level=membership.level,
        muted_until=membership.muted_until,
        archived=room.archived_ts is not None,
        request=membership.standing == Membership.Standing.REQUEST,
        peer=peer,
        last=None if last is None else _last(last, names.get(last.author_id, "")),
    )


def offer(room: Room) -> events.PublicRoom:
    """A public room as everybody may know it."""
    if room.archived_ts is not None or room.deleted_ts is not None:
        return events.PublicRoom(room=room.pk, gone=True)
    return events.PublicRoom(
        room=room.pk,
        slug=room.slug,
        name=room.name,
        topic=room.topic,
        members=room.member_count,
    )


def unread(room: Room, membership: Membership) -> int:
    """How many messages of others wait after the read cursor: a subtraction, never a count.

    None, as long as the conversation waits for a yes.
    """
    if membership.standing != Membership.Standing.OPEN:
        return 0
    return max(0, room.message_count - membership.read_count - membership.own_ahead)


def _last(row: Message, username: str) -> events.LastMessage:
    gone = row.deleted_ts is not None
    return events.LastMessage(
        id=row.pk,
        seq=row.seq,
        uid=row.author_id,
        username=username,
        ts=row.ts,
        message=None if gone else preview(row.body, row.rich, PREVIEW_MAX),
        deleted_ts=row.deleted_ts,
    )
